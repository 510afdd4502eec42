"""The claimed account's address in clear, for who decides; each reveal is in the audit chain."""

from django.db import transaction

from accounts.models import User
from accounts.queries import account_name
from activity.services import audit
from recovery import eligibility
from recovery.errors import MayNotDecide
from recovery.models import RecoveryTicket
from recovery.services import reviews


def reveal_address(ticket: RecoveryTicket, staff: User) -> tuple[str, str]:
    """Give account name and claimant's contact in clear, and record it.

    Raises ClaimLost, and MayNotDecide where something stands against ``staff`` since they have it.
    """
    with transaction.atomic():
        reviews.require_claim(ticket, staff)
        found = eligibility.bars(staff, ticket)
        if found:
            raise MayNotDecide([bar.value for bar in found])
        account = account_name(ticket.user) if ticket.user else ticket.identifier
        audit.append(
            actor=f"user:{staff.pk}", action="recovery:address:revealed", subject=ticket.subject
        )
    return account, ticket.contact
