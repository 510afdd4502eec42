"""Tickets whose life in their state is over."""

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.client import Client
from activity.enums import EventKind
from activity.services.events import record_event
from recovery.enums import PEOPLE_DECIDE, TicketState
from recovery.errors import StaleTicket
from recovery.models import RecoveryTicket
from recovery.services import notices, transitions


def expire_due(limit: int = 200) -> int:
    """End what has run out; give how many. A held proof that lapsed only has to be shown again."""
    now = timezone.now()
    due = RecoveryTicket.objects.run_out(now).select_related("user").order_by("expires_at")
    return sum(_expire(ticket) for ticket in list(due[:limit]))


def _expire(ticket: RecoveryTicket) -> int:
    is_self_service = ticket.hold_until is None and not ticket.people
    lapsed = ticket.state == TicketState.APPROVED and is_self_service
    was_looked_at = ticket.state in PEOPLE_DECIDE
    had_code = ticket.state != TicketState.AWAITING_CODE
    try:
        with transaction.atomic():
            if lapsed:
                transitions.move(ticket, TicketState.AWAITING_PROOF)
                return 0
            # Staff may have agreed since it was read, which gives it longer.
            is_over = Q(expires_at__lte=timezone.now())
            transitions.move(ticket, TicketState.EXPIRED, only_if=is_over)
            if was_looked_at:  # they were told that they would hear
                notices.plan_answer(ticket, due_at=timezone.now())
            record_event(
                ticket.user,
                EventKind.TICKET_EXPIRED if had_code else EventKind.TICKET_CODE_EXPIRED,
                client=Client(),
                reference=ticket.reference,
            )
    except StaleTicket:
        return 0
    return 1
