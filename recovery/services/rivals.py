"""Other claims of an account that has just been recovered."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from recovery import queries
from recovery.enums import CancelCause, TicketState
from recovery.errors import StaleTicket
from recovery.models import RecoveryTicket
from recovery.services import decisions, transitions

RIVAL = "rival_completed"


def stop_all(ticket: RecoveryTicket, now: datetime) -> None:
    """Contest every other live claim at once, in one UPDATE, so that none goes on meanwhile."""
    others = RecoveryTicket.objects.live().filter(user=ticket.user_id, contested_at__isnull=True)
    others.exclude(pk=ticket.pk).update(contested_at=now, contested_reason=RIVAL)


def settle_due(limit: int = 100) -> int:
    """Send the claims among them that have an accepted proof to staff, and cancel the others.

    A claim whose code was not typed yet goes on and proves nothing: its life is an hour, and a
    code that suddenly failed would tell that somebody got in. Gives how many were settled.
    """
    return sum(_settle(ticket) for ticket in list(queries.rivals_to_settle(RIVAL)[:limit]))


def _settle(ticket: RecoveryTicket) -> int:
    if ticket.state == TicketState.AWAITING_CODE:
        unsettled = RecoveryTicket.objects.filter(pk=ticket.pk, state=ticket.state)
        lost = {"is_frozen": True, "cancel_cause": CancelCause.RIVAL}
        return unsettled.update(**lost, contested_at=None, contested_reason="")
    try:
        with transaction.atomic():
            if ticket.has_proof:  # type: ignore[attr-defined]  # annotated by the query
                decisions.contest(ticket, RIVAL)
                return 1
            transitions.move(
                ticket,
                TicketState.CANCELLED,
                cancel_cause=CancelCause.RIVAL,
                contested_at=None,
                contested_reason="",
                answer_at=ticket.answer_at or decisions.draw_answer_time(timezone.now()),
            )
    except StaleTicket:
        return 0
    return 1
