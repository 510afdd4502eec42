"""The help desk opens a request for somebody on the telephone."""

from dataclasses import replace

from accounts.client import Client
from accounts.models import Contact, User
from accounts.normalise import Address, external_id, identifier_key
from recovery import eligibility
from recovery.eligibility import Bar
from recovery.errors import MayNotDecide
from recovery.models import RecoveryTicket
from recovery.services import opening
from vault import digests


def open_for_caller(
    identifier: str, contact: Address, staff: User, *, client: Client
) -> RecoveryTicket:
    """Open a ticket for a caller; the code goes to the caller's address, as always.

    The caller goes on with reference and code on the status page. It belongs to no browser until
    then, and ``staff`` never decides it. Raises LimitReached, MayNotDecide.
    """
    staff = User.objects.get(pk=staff.pk)
    if not eligibility.has_right(staff, eligibility.OPEN):
        raise MayNotDecide([Bar.NO_ROLE.value])
    if own := _own_part(identifier, contact, staff):
        raise MayNotDecide([own.value])
    return opening.open_ticket(identifier, contact, opened_by=staff, client=_of_nobody(client))


def _own_part(identifier: str, contact: Address, staff: User) -> Bar | None:
    """Tell what of a request is the opener's own: it takes a colleague, or the portal's pages.

    Looks at what ``staff`` has alone, so the answer tells nothing of anybody else.
    """
    own = Contact.objects.filter(user=staff)  # removed and suspended ones too
    names_own_id = bool(staff.external_id) and external_id(identifier) == staff.external_id
    if names_own_id or own.filter(limit_key=identifier_key(identifier)).exists():
        return Bar.OWN_ACCOUNT
    return Bar.SHARED_ADDRESS if own.filter(limit_key=contact.limit_key).exists() else None


def _of_nobody(client: Client) -> Client:
    """Give a browser that nobody has: what staff use must not count as the caller's."""
    return replace(
        Client(), browser=digests.new_token(), language=client.language, time_zone=client.time_zone
    )
