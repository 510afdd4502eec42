"""Other claims of an account that has just been recovered."""

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Subquery
from django.utils import timezone

from recovery import promises, queries
from recovery.enums import CancelCause, ContestedReason, TicketState
from recovery.errors import StaleTicket
from recovery.models import RecoveryTicket, Vote
from recovery.services import decisions, notices, transitions

RIVAL = ContestedReason.RIVAL_COMPLETED


def stop_all(ticket: RecoveryTicket, now: datetime) -> None:
    """Contest every other live claim at once, in one UPDATE, so that none goes on meanwhile."""
    others = RecoveryTicket.objects.live().filter(user=ticket.user_id, contested_at__isnull=True)
    others.exclude(pk=ticket.pk).update(contested_at=now, contested_reason=RIVAL)


def settle_due(limit: int = 100) -> int:
    """Send the claims among them that have an accepted proof to staff, and cancel the others.

    A claim whose code was not typed yet goes on and proves nothing: its life is an hour, and a
    code that suddenly failed would tell that somebody got in. Gives how many were settled.
    """
    due = queries.rivals_to_settle(RIVAL).order_by("opened_at", "pk")
    settled = sum(_settle(ticket) for ticket in list(due[:limit]))
    _fold_due(limit)
    return settled


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
                answer_at=ticket.answer_at or promises.answer_time(timezone.now()),
            )
            if ticket.cancelled_from not in queries.UNPROVED_STATES:
                notices.plan_answer(ticket, due_at=ticket.answer_at or timezone.now())
    except StaleTicket:
        return 0
    return 1


def _fold_due(limit: int) -> None:
    """Make one staff case of the claims that lost to the same recovery: the first in review.

    None that somebody has or has decided on, nor one that others are folded into.
    """
    cases = RecoveryTicket.objects.filter(
        user__isnull=False,
        state=TicketState.IN_REVIEW,
        contested_reason=RIVAL,
        folded_into__isnull=True,
        effect_at__isnull=True,
    )
    first = cases.filter(user=OuterRef("user")).order_by("in_review_at", "pk")
    begun = Vote.objects.filter(ticket=OuterRef("pk"), voided_at__isnull=True)
    folded = RecoveryTicket.objects.filter(folded_into=OuterRef("pk"))
    free = cases.filter(~Exists(begun), ~Exists(folded), claimed_by__isnull=True)
    late = free.annotate(first=Subquery(first.values("pk")[:1])).exclude(pk=F("first"))
    for pk, head in list(late.values_list("pk", "first")[:limit]):
        free.filter(pk=pk).update(folded_into=head)
