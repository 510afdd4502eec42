"""Questions that accounts asks of the apps above, by dotted paths in the settings.

The types are here; without an answerer each question has a harmless default.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.utils.module_loading import import_string

from accounts.client import Client
from accounts.models import User


@dataclass(frozen=True)
class Assessment:
    """How unusual a sign-in is. score: 0 to 100, higher is worse; reasons: stable words.

    model: version of what judged it, "" where nobody did. is_unusual: the owner is told.
    needs_confirmation: one more step before the sign-in is complete: the second step even in a
    trusted browser, a mailed code where there is none.
    """

    score: int = 0
    reasons: list[str] = field(default_factory=list)
    model: str = ""
    is_unusual: bool = False
    needs_confirmation: bool = False


@dataclass(frozen=True)
class Outlook:
    """What one loss would mean today.

    lost: what is gone, in words ("your phone"). ways: what would bring the person back, in words;
    the cheapest way, several where they are needed together; [] where nothing on file would.
    takes: the wait before the new password or second step, at the least. needs_people: staff
    decide, so that nothing is promised.
    """

    lost: str
    ways: list[str]
    takes: timedelta
    needs_people: bool


@dataclass(frozen=True)
class Recoverability:
    """How well the account could be recovered. level: 1 (hardly) to 4 (at once, whatever is lost).

    soon: (what, from when) of contacts and authenticators that do not count yet, soonest first.
    """

    level: int
    outlooks: list[Outlook]
    soon: list[tuple[str, datetime]] = field(default_factory=list)


@dataclass(frozen=True)
class Banner:
    """Something the owner must see on the security page. style: "wait", "good" or "problem"."""

    title: str
    text: str
    action_url: str = ""
    action_label: str = ""
    style: str = "wait"


def describe(agent: str, address: str, hints: str = "") -> tuple[str, str]:
    """Put a browser and an address into words (AGENT_READER, PLACE_FINDER): label and place.

    hints: as Client.hints.
    """
    label = import_string(settings.AGENT_READER)(agent, hints) if settings.AGENT_READER else ""
    place = import_string(settings.PLACE_FINDER)(address).words if settings.PLACE_FINDER else ""
    return label or agent[:40], place


def assess(user: User, client: Client) -> Assessment:
    """Ask every assessor (SIGN_IN_ASSESSORS) about this sign-in; the worst score counts."""
    found = [import_string(path)(user, client) for path in settings.SIGN_IN_ASSESSORS]
    return Assessment(
        score=max((each.score for each in found), default=0),
        reasons=[reason for each in found for reason in each.reasons],
        model="+".join(each.model for each in found if each.model),
        is_unusual=any(each.is_unusual for each in found),
        needs_confirmation=any(each.needs_confirmation for each in found),
    )


def recoverability(user: User) -> Recoverability | None:
    """Ask (RECOVERABILITY) how the account could be recovered; None where nobody answers."""
    if not settings.RECOVERABILITY:
        return None
    found: Recoverability = import_string(settings.RECOVERABILITY)(user)
    return found


def is_disputed(user: User) -> bool:
    """Ask (ACCOUNT_DISPUTES) whether a claim stands on the account that may be the owner's."""
    return any(import_string(path)(user) for path in settings.ACCOUNT_DISPUTES)


def banners(user: User) -> list[Banner]:
    """Ask (ACCOUNT_BANNERS) what the owner must see, in the order of the setting."""
    return [banner for path in settings.ACCOUNT_BANNERS for banner in import_string(path)(user)]
