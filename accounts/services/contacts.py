"""Addresses of an account: put on file when verified, suspended, and found."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts import errors, policy, signals
from accounts.client import Client
from accounts.models import Contact, User
from accounts.normalise import Address
from accounts.services import authenticators, sessions


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
    on the account already is verified anew and otherwise left as it is. Raises IntegrityError where
    it is to sign in and another account does with it, Forbidden for a suspended one.
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
                "proved_at": now,
            },
        )
        if contact.suspended_at:
            raise errors.Forbidden
        if is_new:
            sessions.raise_epoch(user)
            signals.contact_added.send(sender=Contact, user=user, client=client, contact=contact)
            return contact
        if contact.verified_at is None:
            contact.verified_at = now
            contact.counts_from = counts_from or _counts_from(user, now)
        contact.proved_at = now
        contact.save(update_fields=["verified_at", "counts_from", "proved_at"])
    return contact


def suspend(contact: Contact, *, client: Client) -> bool:
    """Take every right from a contact, because its adding is in doubt. False: it had none.

    No second-step code goes there any more.
    """
    now = timezone.now()
    with transaction.atomic():
        rows = Contact.objects.filter(pk=contact.pk, suspended_at=None)
        if not rows.update(suspended_at=now):
            return False
        contact.suspended_at = now
        sessions.raise_epoch(contact.user)  # and holds the account's lock from here
        authenticators.remove_for_contact(contact.user, contact.pk, client=client)
        signals.contact_suspended.send(
            sender=Contact, user=contact.user, client=client, contact=contact
        )
    return True


def find(user: User, pk: int) -> Contact | None:
    """Give a contact of this account that is neither removed nor suspended."""
    return user.contacts.filter(pk=pk, removed_at=None, suspended_at=None).first()


def names_another(user: User, match_key: str) -> bool:
    """Tell whether another account is named by this address now: as a primary, or an external id.

    One name for two accounts would lead to neither.
    """
    primaries = Contact.objects.filter(match_key=match_key, signs_in=True, removed_at=None)
    if primaries.exclude(user=user).exists():
        return True
    return User.objects.filter(external_id=match_key).exclude(pk=user.pk).exists()


def _counts_from(user: User, now: datetime) -> datetime:
    """Give when a contact counts: at once on an account made lately, else after a wait."""
    if now - user.created_at < policy.MADE_AT_SIGN_UP:
        return now
    return now + policy.CONTACT_COUNTS_AFTER
