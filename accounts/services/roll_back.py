"""Take back what was changed on an account since somebody else may have been in it.

All inside the caller's transaction, which holds the account's lock; each raises the epoch. Every
row that is written is noted as it was, so that the roll-back can be taken back in turn.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from accounts import errors, policy, signals
from accounts.client import Client
from accounts.models import Contact, Device, KnownNetwork, RollBack, User
from accounts.services import (
    authenticators,
    devices,
    passwords,
    removed_contacts,
    roll_back_contacts,
    sessions,
)
from accounts.services.roll_back_record import Change, Record, put_back, reads


@dataclass(frozen=True)
class RolledBack:
    """What was done. key: of the row that take_back needs, and all that it needs.

    The lists hold keys of contacts, and "<kind>:<key>" of authenticators. doubted_contacts: got
    rights back since, and have none until they are confirmed, as those that were put back.
    """

    key: int = 0
    sessions: int = 0
    browsers: int = 0
    suspended_contacts: list[int] = field(default_factory=list)
    restored_contacts: list[int] = field(default_factory=list)
    doubted_contacts: list[int] = field(default_factory=list)
    suspended_authenticators: list[str] = field(default_factory=list)
    has_spent_password: bool = False


def since(user: User, at: datetime, *, client: Client, keep_session: str = "") -> RolledBack:
    """End sessions but ``keep_session`` (a SHA-256), and suspend what was added since ``at``.

    What was removed since is put back, and counts for nothing until its owner confirms it. The
    password opens nothing any more. The acting session lives on only by ``sessions.keep``.
    """
    record = Record()
    sessions.raise_epoch(user)
    ended = sessions.end_all(user, client=client, keep_session=keep_session)
    networks = _known_since(user, at)
    browsers = _forget_browsers(user, at, record)
    steps = authenticators.suspend_since(user, at, client=client)
    for step in steps:
        before = {"confirmed": True, "suspended_at": None}
        record.note(step, before, {"confirmed": False, "suspended_at": step.suspended_at})
    _end_restriction(user, at, record)
    found = roll_back_contacts.since(user, at, record, client=client)
    is_spent = passwords.spend(user, client=client)
    if is_spent:
        before = {"password_spent_at": None}
        record.note(user, before, {"password_spent_at": user.password_spent_at})
    row = RollBack.objects.create(
        user=user, epoch=user.epoch, changes=record.changes, networks=networks
    )
    return RolledBack(
        key=row.pk,
        sessions=ended,
        browsers=browsers,
        suspended_contacts=found.suspended,
        restored_contacts=found.restored,
        doubted_contacts=found.doubted,
        suspended_authenticators=[f"{step.kind}:{step.pk}" for step in steps],
        has_spent_password=is_spent,
    )


def take_back(user: User, done: RolledBack, *, client: Client) -> None:
    """Let everything stand as before the roll-back, but the sessions that it ended.

    Raises NotRolledBack where it stands for good or is taken back, where the account was changed
    since (a recovery and a new password have the last word), and where another account is named by
    an address of this one by now.
    """
    row = user.roll_backs.filter(pk=done.key, epoch=user.epoch).first()
    if row is None:
        raise errors.NotRolledBack
    sessions.raise_epoch(user)
    changes = [Change(*change) for change in reversed(row.changes)]
    roll_back_contacts.require_free_names(user, changes)
    for change in changes:
        if put_back(user, change):
            _tell(user, change, client)
    KnownNetwork.objects.bulk_create(
        [KnownNetwork(user=user, **values) for values in row.networks], ignore_conflicts=True
    )
    row.delete()
    user.refresh_from_db(fields=["password_spent_at", "restricted_until"])


def settle_due() -> int:
    """Let stand what cannot be taken back any more; gives of how many accounts. Safe to run twice.

    Of an account with several the newest decides: what it suspended and older ones did is emptied
    together.
    """
    before = timezone.now() - policy.ROLL_BACK_STANDS_AFTER
    newest = RollBack.objects.values("user").annotate(newest=Max("made_at")).order_by()
    due = list(newest.filter(newest__lte=before).values_list("user", flat=True))
    return sum(_settle_one(pk, before) for pk in due)


@transaction.atomic
def _settle_one(pk: UUID, before: datetime) -> bool:
    user = User.objects.select_for_update(no_key=True).get(pk=pk)
    if not user.roll_backs.exists() or user.roll_backs.filter(made_at__gt=before).exists():
        return False
    user.roll_backs.all().delete()
    authenticators.empty_suspended(user)
    return True


def _forget_browsers(user: User, at: datetime, record: Record) -> int:
    """Forget what is new since then, and note it; trusted browsers end with the epoch."""
    new = Device.objects.filter(user=user, forgotten_at=None, first_seen_at__gte=at)
    keys = list(new.values_list("pk", flat=True))
    count = devices.forget_all(user, since=at)
    for device in Device.objects.filter(pk__in=keys, forgotten_at__isnull=False):
        record.note(device, {"forgotten_at": None}, {"forgotten_at": device.forgotten_at})
    return count


def _known_since(user: User, at: datetime) -> list[dict[str, Any]]:
    """Give the networks that will be forgotten, as JSON."""
    rows = KnownNetwork.objects.filter(user=user, first_day__gte=at.date())
    columns = ("network", "days", "first_day", "last_day")
    found = list(rows.values(*columns))
    return [
        {name: str(value) if isinstance(value, date) else value for name, value in row.items()}
        for row in found
    ]


def _end_restriction(user: User, at: datetime, record: Record) -> None:
    """End the restriction of replaced contacts, where the replacement itself is taken back.

    It would keep the owner from the new second step that comes next. It stays where the password
    was set since, as in removed_contacts.undo_replacement.
    """
    until = removed_contacts.replaced_until(user)
    if until is None:
        return
    began_at = until - policy.RESTRICTED_AFTER_REPLACEMENT
    is_since = user.password_changed_at is not None and user.password_changed_at > began_at
    if began_at >= at and not is_since:
        record.write(user, restricted_until=None)


def _tell(user: User, change: Change, client: Client) -> None:
    """Send what became true again; one message tells of all of it, so these are quiet."""
    row = reads(change)
    if row is None:
        return
    about = {"sender": type(row), "user": user, "client": client, "is_quiet": True}
    if not isinstance(row, Contact):
        if "confirmed" in change.before:
            signals.authenticator_restored.send(kind=row.kind, **about)
    elif "suspended_at" in change.before:
        signals.contact_restored.send(contact=row, **about)
    elif change.before.get("removed_at"):
        signals.contact_removed.send(contact=row, **about)
