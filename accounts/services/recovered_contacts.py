"""The address from which an account was recovered joins it."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import policy, signals
from accounts.client import Client
from accounts.models import Contact, User
from accounts.normalise import Address
from accounts.services import contacts, removed_contacts, sessions


def join(user: User, address: Address, *, client: Client) -> Contact:
    """Put the address whose code was typed on file; it counts only after a while.

    One that was removed lately is put back, as old as it is. Where the address to sign in with was
    suspended, this one takes its place: a suspended one names nobody, and the account would have
    no name. Inside the caller's transaction, which holds the account's lock. Raises Forbidden for
    one that is suspended itself.
    """
    now = timezone.now()
    contact = _put_back(user, address, now, client) or contacts.add_verified(
        user,
        address,
        signs_in=False,
        client=client,
        counts_from=now + policy.CONTACT_COUNTS_AFTER,
    )
    if contact.is_in_doubt:
        # People have decided, which is more than what it was to be confirmed with.
        contact.is_in_doubt = False
        contact.counts_from = now + policy.CONTACT_COUNTS_AFTER
        contact.save(update_fields=["is_in_doubt", "counts_from"])
    suspended = user.contacts.filter(
        kind=address.kind, signs_in=True, removed_at=None, suspended_at__isnull=False
    ).first()
    if suspended and not contacts.names_another(user, contact.match_key):
        _rename(user, suspended, contact, client)
    return contact


def _put_back(user: User, address: Address, now: datetime, client: Client) -> Contact | None:
    listed = removed_contacts.listed(user, now).filter(match_key=address.match_key)
    contact = listed.first()
    if contact:
        contact.user = user
        removed_contacts.put_back(user, [contact], now, client)
    return contact


def _rename(user: User, suspended: Contact, contact: Contact, client: Client) -> None:
    """Let the account be named by ``contact``; the suspended one names it no more, at no time."""
    try:
        with transaction.atomic():
            Contact.objects.filter(pk=suspended.pk).update(signs_in=False, demoted_at=None)
            Contact.objects.filter(pk=contact.pk).update(signs_in=True, demoted_at=None)
    except IntegrityError:
        return  # another account was first to sign in with it, a moment ago
    contact.signs_in, contact.demoted_at = True, None
    sessions.raise_epoch(user)
    signals.primary_changed.send(sender=Contact, user=user, client=client, contact=contact)
