"""Addresses of an account: added when verified, removed and suspended softly."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts import policy, signals
from accounts.client import Client
from accounts.models import Contact, User
from accounts.normalise import Address
from accounts.services import sessions


def add_first(user: User, address: Address, now: datetime) -> Contact:
    """Put the address that a new account signs in with on file, inside the caller's transaction.

    Somebody has shown that it is theirs; it counts at once, since nothing on the account is older.
    """
    contact = Contact.at(
        user, address, signs_in=True, added_at=now, verified_at=now, counts_from=now
    )
    contact.save(force_insert=True)
    return contact


def add_verified(
    user: User,
    address: Address,
    *,
    signs_in: bool,
    client: Client,
    counts_from: datetime | None = None,
) -> Contact:
    """Put an address on file whose code was just typed; ends the sessions of the account.

    counts_from: from when it is a strong proof; None: by its age, see policy. An address that is
    on the account already is verified anew and otherwise left as it is.
    """
    now = timezone.now()
    with transaction.atomic():
        contact, is_new = Contact.objects.get_or_create(
            user=user,
            match_key=address.match_key,
            removed_at=None,
            defaults={
                "kind": address.kind,
                "value": address.value,
                "limit_key": address.limit_key,
                "signs_in": signs_in,
                "added_at": now,
                "verified_at": now,
                "counts_from": counts_from or _counts_from(user, now),
            },
        )
        if is_new:
            sessions.raise_epoch(user)
            signals.contact_added.send(sender=Contact, user=user, client=client, contact=contact)
        elif contact.verified_at is None:
            contact.verified_at = now
            contact.counts_from = counts_from or _counts_from(user, now)
            contact.save(update_fields=["verified_at", "counts_from"])
    return contact


def remove(contact: Contact, *, client: Client) -> bool:
    """Take a contact off file; it keeps notice and objection for a while. False: it was off.

    ``signs_in`` stays: a removed primary still names the account for that time.
    """
    return _take_off(contact, "removed_at", signals.contact_removed, client)


def suspend(contact: Contact, *, client: Client) -> bool:
    """Take every right from a contact, because its adding is in doubt. False: it had none."""
    return _take_off(contact, "suspended_at", signals.contact_suspended, client)


def _take_off(contact: Contact, column: str, signal: object, client: Client) -> bool:
    now = timezone.now()
    with transaction.atomic():
        rows = Contact.objects.filter(Q((column, None)), pk=contact.pk)
        if not rows.update(**{column: now}):
            return False
        setattr(contact, column, now)
        sessions.raise_epoch(contact.user)
        signal.send(sender=Contact, user=contact.user, client=client, contact=contact)  # type: ignore[attr-defined]
    return True


def _counts_from(user: User, now: datetime) -> datetime:
    """Give when a contact counts: at once on an account made lately, else after a wait."""
    if now - user.created_at < policy.MADE_AT_SIGN_UP:
        return now
    return now + policy.CONTACT_COUNTS_AFTER
