"""What was decided takes effect, never before the answer time."""

import logging
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from accounts.client import Client
from accounts.models import User
from activity.enums import EventKind
from activity.services import audit
from activity.services.events import record_event
from recovery import policy
from recovery.enums import (
    PEOPLE_DECIDE,
    ContestedReason,
    Outcome,
    TicketState,
    Verdict,
)
from recovery.errors import StaleTicket
from recovery.models import RecoveryTicket, Vote
from recovery.services import decisions, notices, suspensions, transitions, verdicts, voiding

logger = logging.getLogger(__name__)
SYSTEM = Client()
# Nobody holds it, it is no one of many, and the mark is settled by those who decided.
SETTLED: dict[str, Any] = {
    "claimed_by": None,
    "claimed_until": None,
    "contested_at": None,
    "contested_reason": "",
    "is_frozen": False,
}


def carry_out_due(limit: int = 100) -> int:
    """Move the tickets whose effect is due; give how many. On the database's clock.

    An account that was changed since makes the ticket contested instead, and its votes void.
    """
    _part_left_behind()
    due = _due().order_by("effect_at").values_list("pk", flat=True)
    return sum(_carry_out(pk) for pk in list(due[:limit]))


def _part_left_behind() -> None:
    """Let tickets wait for a decision of their own whose case has ended or gone on without one.

    Or a thief who withdraws the case would take all that is folded into it from people's eyes.
    """
    undecided = Q(state=TicketState.IN_REVIEW, effect_at__isnull=True)
    lost = ~Q(folded_into__state=TicketState.IN_REVIEW) | Q(folded_into__folded_into__isnull=False)
    left = RecoveryTicket.objects.filter(undecided, lost, folded_into__isnull=False)
    RecoveryTicket.objects.filter(pk__in=left.values("pk")).update(folded_into=None)


def _due() -> QuerySet[RecoveryTicket]:
    """Give decided tickets whose time has come; those that a command carries out, once."""
    return RecoveryTicket.objects.filter(
        ~Q(verdict=""),
        state__in=PEOPLE_DECIDE,
        effect_at__lte=Now(),
        carry_out_until__isnull=True,
    )


def _carry_out(pk: UUID) -> int:
    """Carry one out under its locks; whoever was first, an objection or a proof, stands."""
    with transaction.atomic():
        user_id = RecoveryTicket.objects.values_list("user_id", flat=True).get(pk=pk)
        user = User.objects.select_for_update(no_key=True).filter(pk=user_id).first()
        ticket = _due().filter(pk=pk).select_for_update(of=("self",), no_key=True).first()
        if ticket is None:
            return 0
        ticket.user = user
        try:
            return _effect(ticket, user)
        except StaleTicket:
            return 0


def _effect(ticket: RecoveryTicket, user: User | None) -> int:
    now = timezone.now()
    match Verdict(ticket.verdict):
        case Verdict.APPROVE:
            return _approve(ticket, user, now)
        case Verdict.MORE:
            _ask_for_more(ticket, now)
        case _:
            _refuse(ticket, now)
    return 1


def _approve(ticket: RecoveryTicket, user: User | None, now: datetime) -> int:
    """Take from the account what is in doubt, and begin the wait."""
    if user is None or not user.is_active:
        return 0  # there is nothing to give; its life in review ends it
    votes = _agreeing(ticket)
    if not verdicts.still_agree(ticket, votes):
        # Whatever led here: nobody is given an account that people did not agree on.
        logger.error("verdict_without_votes", extra={"ticket": str(ticket.pk)})
        RecoveryTicket.objects.filter(pk=ticket.pk).update(**decisions.NO_VERDICT)
        return 0
    if any(vote.epoch != user.epoch for vote in votes):
        decisions.contest(ticket, ContestedReason.EPOCH_CHANGED)
        _record(ticket, EventKind.TICKET_CONTESTED)
        return 0
    if ticket.outcome == Outcome.SUPERUSERS:
        _offer(ticket, now)
        return 1
    suspensions.carry_out(user, votes, client=SYSTEM)
    values = SETTLED | {
        "epoch": user.epoch,
        "decided_at": ticket.decided_at or now,
        "reasons": _reasons(ticket),
    }
    hold = ticket.hold_length or timedelta(0)
    if hold:
        wait: dict[str, Any] = {"hold_length": hold, "hold_from": None, "hold_until": None}
        transitions.move(ticket, TicketState.ON_HOLD, now=now, **values, **wait)
        notices.plan_wait(ticket, due_at=now)
        _record(ticket, EventKind.TICKET_HELD)
    else:
        transitions.move(ticket, TicketState.APPROVED, now=now, **values)
        notices.plan_approval(ticket, due_at=now)
        _record(ticket, EventKind.TICKET_APPROVED)
    logger.info("verdict_carried_out", extra={"ticket": str(ticket.pk), "verdict": "approve"})
    return 1


def _reasons(ticket: RecoveryTicket) -> list[str]:
    """Give the reasons of a ticket; that somebody was against it outlives the mark."""
    is_disputed = ticket.contested_at is not None or ticket.is_frozen
    return [*ticket.reasons, *([decisions.DISPUTED] if is_disputed else [])]


def _offer(ticket: RecoveryTicket, now: datetime) -> None:
    """Let the command carry out what two superusers approved; owners and the audit hear first."""
    until = now + policy.CARRY_OUT_WITHIN
    RecoveryTicket.objects.filter(pk=ticket.pk).update(carry_out_until=until)
    ticket.carry_out_until = until
    notices.plan_approval(ticket, due_at=now)
    audit.append(actor="system", action="recovery:ticket:approved", subject=ticket.subject)


def _ask_for_more(ticket: RecoveryTicket, now: datetime) -> None:
    """Ask the claimant for what is missing; the votes have done what they were for."""
    told = list(ticket.told_reasons)
    voiding.void_all(ticket, voiding.MORE_ASKED)
    transitions.move(
        ticket,
        TicketState.AWAITING_PROOF,
        now=now,
        expires_at=now + policy.MORE_ASKED_LIVES,
        verdict=Verdict.MORE,
        told_reasons=told,
        effect_at=None,
        answer_at=None,
        claimed_by=None,
        claimed_until=None,
    )
    notices.plan_answer(ticket, due_at=now)
    _record(ticket, EventKind.TICKET_MORE_ASKED)


def _refuse(ticket: RecoveryTicket, now: datetime) -> None:
    decided_at = ticket.decided_at or now
    transitions.move(
        ticket,
        TicketState.DENIED,
        now=now,
        decided_at=decided_at,
        claimed_by=None,
        claimed_until=None,
    )
    notices.plan_answer(ticket, due_at=now)
    _record(ticket, EventKind.TICKET_DENIED)


def _agreeing(ticket: RecoveryTicket) -> list[Vote]:
    return list(ticket.votes.filter(verdict=ticket.verdict, voided_at__isnull=True))


def _record(ticket: RecoveryTicket, kind: EventKind) -> None:
    record_event(ticket.user, kind, client=SYSTEM, reference=ticket.reference)
