"""The account's browsers, signed in or trusted, as the pages show them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from accounts import hooks
from accounts.middleware import OwnerRequest
from accounts.models import Device, UserSession
from accounts.services import trust


@dataclass(frozen=True)
class Session:
    """A signed-in browser.

    first_seen_at: when it first signed in to this account. kept_until: None where "keep me signed
    in" was not chosen, so that it ends when it is not used.
    """

    id: str
    label: str
    place: str
    first_seen_at: datetime
    last_seen_at: datetime
    kept_until: datetime | None
    is_current: bool


@dataclass(frozen=True)
class Trusted:
    """A browser that is not asked for the second step until then."""

    pk: UUID
    label: str
    expires_at: datetime
    is_current: bool


def show_sessions(rows: Iterable[UserSession], request: OwnerRequest) -> list[Session]:
    """Put sessions into words, this one first; rows: read with their devices."""
    shown = [_session(row, request.session.key_hash) for row in rows]
    return sorted(shown, key=lambda each: not each.is_current)


def show_trusted(request: OwnerRequest) -> list[Trusted]:
    """Put the trusted browsers into words, the last used first; one query."""
    return [
        Trusted(
            pk=browser.pk,
            label=_words_of(browser.device),
            expires_at=browser.expires_at,
            is_current=browser.device.token_hash == request.client.device,
        )
        for browser in trust.list_of(request.user)
    ]


def _session(row: UserSession, own_hash: str) -> Session:
    label, place = hooks.describe(row.agent, row.address or "", row.hints)
    began_at = row.signed_in_at or row.created_at
    # What was forgotten is as new (docs/decisions/0024).
    is_known = row.device is not None and row.device.forgotten_at is None
    return Session(
        id=row.pk,
        label=label or _("A browser"),
        place=place,
        first_seen_at=row.device.first_seen_at if is_known and row.device else began_at,
        last_seen_at=row.last_seen_at,
        kept_until=row.expire_date if row.is_kept else None,
        is_current=row.pk == own_hash,
    )


def _words_of(device: Device) -> str:
    return hooks.describe(device.agent, "", device.hints)[0] or _("A browser")
