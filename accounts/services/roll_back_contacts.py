"""The addresses of an account in a roll-back (services.roll_back).

What came since loses every right. What went since comes back and counts for nothing: who removed
it is not known, a thief the owner's or the owner an ex-partner's. The account keeps a name.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import errors, policy, signals
from accounts.client import Client
from accounts.enums import ContactKind
from accounts.models import Contact, User
from accounts.services import contacts, sessions
from accounts.services.roll_back_record import Change, Record


@dataclass
class Found:
    """Keys of the contacts that were changed (see roll_back.RolledBack)."""

    suspended: list[int] = field(default_factory=list)
    restored: list[int] = field(default_factory=list)
    doubted: list[int] = field(default_factory=list)


def since(user: User, at: datetime, record: Record, *, client: Client) -> Found:
    """Suspend, put back and doubt what was changed since ``at``; marks stay as they are.

    A mark takes nothing for days (policy.MARK_COUNTS_AFTER), and its owner can take it away.
    """
    now = timezone.now()
    doubted = _rights_since(user, at)
    young = _young(user, at)
    for contact in young:
        # Off file too, so that its address is free: for its own older row, for another account, and
        # for its owner, who may add it anew.
        record.write(contact, suspended_at=now, removed_at=contact.removed_at or now)
    removed = _removed_since(user, at, now)
    named = _new_names(user, at, removed)
    for contact in removed:
        _put_back(user, contact, record, is_name=contact in named)
    for contact in doubted:
        record.write(contact, is_in_doubt=True, counts_from=policy.NEVER)
    for contact in named:
        if contact not in removed:
            _name(contact, record)
    if young or removed or named or doubted:
        sessions.raise_epoch(user)
    _tell(user, young, removed, [each for each in named if each.signs_in], client)
    return Found(*([each.pk for each in rows] for rows in (young, removed, doubted)))


def require_free_names(user: User, changes: Iterable[Change]) -> None:
    """Raise NotRolledBack where an address that would name the account names another by now."""
    keys = [change.key for change in changes if change.table == Contact._meta.model_name]
    for contact in user.contacts.filter(pk__in=keys):
        change = next(each for each in changes if each.key == str(contact.pk))
        comes = change.before.get("removed_at", True) is None
        if comes and contact.signs_in and contacts.names_another(user, contact.match_key):
            raise errors.NotRolledBack


def _young(user: User, at: datetime) -> list[Contact]:
    """Give what was verified since then, also what was removed again: it would still be told.

    Of an account without anything older one stays, or it would have no name.
    """
    young = user.contacts.filter(verified_at__gte=at, suspended_at=None).order_by("verified_at")
    found = list(young)
    is_older = user.external_id or user.contacts.filter(verified_at__lt=at).exists()
    keeps = None if is_older else next((each for each in found if each.signs_in), None)
    return [each for each in found if each != keeps]


def _rights_since(user: User, at: datetime) -> list[Contact]:
    """Give older contacts that were put back or unmarked since: they would count within days."""
    since = at + policy.CONTACT_COUNTS_AFTER
    on_file = user.contacts.on_file().filter(verified_at__lt=at, is_in_doubt=False)
    return list(on_file.filter(counts_from__gte=since).order_by("pk"))


def _removed_since(user: User, at: datetime, now: datetime) -> list[Contact]:
    """Give what comes back, one row for each address: what has rights as a removed contact.

    What lost them long ago gets none by a report, but as the last name of an account.
    """
    present = user.contacts.filter(removed_at=None).values("match_key")
    gone = user.contacts.filter(removed_at__gte=at, verified_at__lt=at, suspended_at=None).exclude(
        match_key__in=present
    )
    recent = gone.filter(removed_at__gt=now - policy.REMOVED_CONTACT_KEEPS_RIGHTS)
    is_needed = not (user.external_id or user.contacts.on_file().exists())
    rows = list(recent.order_by("removed_at")) or (
        list(gone.order_by("removed_at")) if is_needed else []
    )
    return list({contact.match_key: contact for contact in rows}.values())


def _new_names(user: User, at: datetime, removed: list[Contact]) -> list[Contact]:
    """Give what the account is named by again, where its address to sign in with has gone.

    A change of it between addresses that are both older stays: the former one names the account
    for a while longer anyhow (queries.find_account).
    """
    on_file = list(user.contacts.on_file().order_by("kind", "verified_at"))
    kinds = {each.kind for each in on_file if each.signs_in}
    found = []
    for kind in ContactKind:
        if kind in kinds:
            continue
        own = [each for each in [*on_file, *removed] if each.kind == kind]
        choice = _first_free(user, sorted(filter(lambda each: _named_at(each, at), own), key=_rank))
        found += [choice] if choice else []
    if not (found or kinds or user.external_id):
        choice = _first_free(user, [*on_file, *removed])
        found += [choice] if choice else []
    return found


def _named_at(contact: Contact, at: datetime) -> bool:
    """Tell whether it was the one to sign in with at some time since."""
    was_demoted = contact.demoted_at is not None and contact.demoted_at >= at
    return contact.signs_in or was_demoted


def _rank(contact: Contact) -> tuple[bool, bool, datetime]:
    """Put what was never off file first, then what was removed as the one to sign in with."""
    at = contact.demoted_at or contact.removed_at or contact.added_at
    return contact.removed_at is not None, not contact.signs_in, at


def _first_free(user: User, candidates: list[Contact]) -> Contact | None:
    return next(
        (each for each in candidates if not contacts.names_another(user, each.match_key)), None
    )


def _put_back(user: User, contact: Contact, record: Record, *, is_name: bool) -> None:
    values = {"removed_at": None, "is_in_doubt": True, "counts_from": policy.NEVER}
    if is_name and _name(contact, record, **values):
        return
    if contact.signs_in:
        # It names the account as long as it would have, removed.
        values |= {"signs_in": False, "demoted_at": contact.removed_at}
    record.write(contact, **values)


def _name(contact: Contact, record: Record, **values: object) -> bool:
    """Let the account be named by it; False where another account was first, a moment ago."""
    taken = Contact.objects.filter(
        user=contact.user_id, kind=contact.kind, signs_in=True, removed_at=None
    )
    try:
        with transaction.atomic():
            for suspended in taken.exclude(pk=contact.pk):
                record.write(suspended, signs_in=False)
            record.write(contact, **values, signs_in=True, demoted_at=None)
    except IntegrityError:
        return False
    return True


def _tell(
    user: User,
    young: list[Contact],
    removed: list[Contact],
    named: list[Contact],
    client: Client,
) -> None:
    """Send the facts, all of them quiet: one message tells of the report."""
    about = {"sender": Contact, "user": user, "client": client, "is_quiet": True}
    for contact in young:
        signals.contact_suspended.send(contact=contact, **about)
    for contact in removed:
        signals.contact_restored.send(contact=contact, **about)
    for contact in named:
        signals.primary_changed.send(contact=contact, **about)
