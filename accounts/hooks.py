"""Questions that accounts asks of the apps above, by dotted paths in the settings.

The types are here; without an answerer each question has a harmless default.
"""

from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings
from django.utils.module_loading import import_string

from accounts.client import Client
from accounts.models import User


@dataclass(frozen=True)
class Assessment:
    """How unusual a sign-in is. score: 0 to 100, higher is worse; reasons: stable words."""

    score: int = 0
    reasons: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class RecoveryRoute:
    """One way back in that the account has today; ``counts_from`` None: from now on."""

    name: str
    is_ready: bool
    counts_from: datetime | None = None


@dataclass(frozen=True)
class Banner:
    """Something the owner must see on the security page. style: "wait", "good" or "problem"."""

    title: str
    text: str
    action_url: str = ""
    action_label: str = ""
    style: str = "wait"


def describe(agent: str, address: str) -> tuple[str, str]:
    """Put a browser and an address into words (AGENT_READER, PLACE_FINDER): label and place."""
    label = import_string(settings.AGENT_READER)(agent).label if settings.AGENT_READER else ""
    place = import_string(settings.PLACE_FINDER)(address).words if settings.PLACE_FINDER else ""
    return label or agent[:40], place


def assess(user: User, client: Client) -> Assessment:
    """Ask every assessor (SIGN_IN_ASSESSORS) about this sign-in; the worst score counts."""
    found = [import_string(path)(user, client) for path in settings.SIGN_IN_ASSESSORS]
    return Assessment(
        score=max((each.score for each in found), default=0),
        reasons=[reason for each in found for reason in each.reasons],
    )


def recoverability(user: User) -> list[RecoveryRoute]:
    """Ask (RECOVERABILITY) by which ways the account could be recovered."""
    if not settings.RECOVERABILITY:
        return []
    routes: list[RecoveryRoute] = import_string(settings.RECOVERABILITY)(user)
    return routes


def banners(user: User) -> list[Banner]:
    """Ask (ACCOUNT_BANNERS) what the owner must see, in the order of the setting."""
    return [banner for path in settings.ACCOUNT_BANNERS for banner in import_string(path)(user)]
