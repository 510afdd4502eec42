"""What people decided to take from an account: young contacts and second steps in doubt."""

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime

from accounts.client import Client
from accounts.enums import AuthenticatorKind
from accounts.errors import NoSuchAuthenticator
from accounts.models import Contact, User
from accounts.services import authenticators, contacts
from accounts.services.authenticators import Row
from recovery.models import Vote
from recovery.services.choices import is_young


def carry_out(user: User, votes: Iterable[Vote], *, client: Client) -> None:
    """Suspend what any of these votes named and what was young then; each raises the epoch.

    Inside the transaction that holds the account's lock. What is gone meanwhile is left alone, and
    so is what an owner objects from, whoever named it.
    """
    votes = list(votes)
    if not votes:
        return
    voted_at = min(vote.made_at for vote in votes)
    keys = {key for vote in votes for key in vote.suspended_contacts}
    named = Contact.objects.filter(
        user=user, pk__in=keys, removed_at__isnull=True, suspended_at__isnull=True
    )
    for contact in named.order_by("pk"):
        if is_young(contact.verified_at or contact.added_at, user, voted_at):
            contact.user = user  # the same object, so that it sees its epoch raised
            contacts.suspend(contact, client=client)
    names = {name for vote in votes for name in vote.suspended_authenticators}
    rows = list(_in_use(user, names, voted_at))
    authenticators.remove_in_doubt(user, rows, client=client)


def _in_use(user: User, names: set[str], voted_at: datetime) -> Iterable[Row]:
    """Give the young authenticators of ``<kind>:<pk>`` that still stand, in a settled order."""
    for name in sorted(names):
        kind, _, pk = name.partition(":")
        with suppress(NoSuchAuthenticator):
            row = authenticators.find(user, AuthenticatorKind(kind), int(pk))
            if is_young(row.made_at, user, voted_at):
                yield row
