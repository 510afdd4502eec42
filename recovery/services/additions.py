"""What is shown while a request is looked at: it leads on where it is enough by itself."""

from dataclasses import replace
from typing import Any

from django.utils import timezone

from activity.enums import EventKind
from recovery import policy
from recovery.enums import NoticeKind, Outcome, RiskLevel, TicketState, Verdict
from recovery.errors import StaleTicket
from recovery.facts import AccountFacts
from recovery.models import Proof, RecoveryTicket
from recovery.services import decisions, notices, transitions
from recovery.services.judging import evidence_of, judge


def add(ticket: RecoveryTicket, account: AccountFacts, proofs: list[Proof]) -> list[EventKind]:
    """Decide anew by what this browser holds now; only ever for the better.

    Gives the events to record. Inside the transaction that holds the account's lock. Raises
    StaleTicket. On a contested or frozen ticket the proof is kept and only staff see it.
    """
    evidence = evidence_of(ticket)
    risk = ticket.risk or RiskLevel.LOW
    decision, is_contested = judge(account, proofs, evidence=evidence, risk=risk)
    has_strong = any(proof.is_strong for proof in proofs)
    if ticket.folded_into_id and has_strong and not ticket.contested_at and not ticket.effect_at:
        # Who floods an account must not take its owner's claim along.
        _update(ticket, {"folded_into": None})
    if is_contested or ticket.contested_at or ticket.is_frozen:
        return _have_it_seen(ticket) if has_strong else []
    if decision.outcome == Outcome.APPROVE:
        return _approve(ticket, account, decision)
    if decision.outcome == Outcome.HOLD:
        return _hold(ticket, account, decision)
    if decision.outcome == Outcome.REVIEW and has_strong:
        _suggest_better(ticket, account, decision)
    return []


def _approve(
    ticket: RecoveryTicket, account: AccountFacts, decision: policy.Decision
) -> list[EventKind]:
    now = timezone.now()
    values = _decided_alone(account, decision) | {"expires_at": now + policy.HELD_PROOF_LIVES}
    transitions.move(ticket, TicketState.APPROVED, now=now, **values)
    notices.plan(ticket, NoticeKind.APPROVED, due_at=now)
    return [EventKind.TICKET_APPROVED]


def _hold(
    ticket: RecoveryTicket, account: AccountFacts, decision: policy.Decision
) -> list[EventKind]:
    now = timezone.now()
    values = _decided_alone(account, decision) | {"hold_length": decision.hold}
    transitions.move(ticket, TicketState.ON_HOLD, now=now, **values)
    notices.plan_wait(ticket, due_at=now)
    return [EventKind.TICKET_HELD]


def _decided_alone(account: AccountFacts, decision: policy.Decision) -> dict[str, Any]:
    values = decisions.decided(account, decision, timezone.now())
    values |= transitions.NOT_FOR_PEOPLE
    return values | {"hold_from": None, "hold_until": None}


def _suggest_better(
    ticket: RecoveryTicket, account: AccountFacts, decision: policy.Decision
) -> None:
    """Let people have what the machine refused without the proof, or suggest them a shorter wait.

    What they have agreed on stands; and so does the suggestion that one of them has voted on, since
    the longer wait of that vote would stay, and a held proof be asked for besides.
    """
    if ticket.state == TicketState.EVALUATING:
        if ticket.verdict == Verdict.DENY:
            # services.evaluation leads it on within seconds, and weighs the risk with the proof.
            _update(ticket, {**transitions.NO_VERDICT, "decided_at": None})
        return
    if ticket.effect_at or not _is_better(ticket, decision) or _has_votes(ticket):
        return
    values = decisions.decided(account, decision, timezone.now()) | {
        "decided_at": ticket.decided_at,
        "epoch": ticket.epoch,  # as it was put before people
        "hold_length": decision.hold,
        "needs_check": ticket.needs_check and decision.needs_check,
        "needs_held_proof": decision.row in policy.WITH_HELD_PROOF,
    }
    _update(ticket, values)


def _is_better(ticket: RecoveryTicket, decision: policy.Decision) -> bool:
    if ticket.outcome != Outcome.REVIEW or ticket.hold_length is None:
        return False
    stands = replace(decision, hold=ticket.hold_length)
    return policy.rank(decision) > policy.rank(stands)


def _has_votes(ticket: RecoveryTicket) -> bool:
    return ticket.votes.filter(voided_at__isnull=True).exists()


def _update(ticket: RecoveryTicket, values: dict[str, Any]) -> None:
    """Set fields of a ticket that stays where it is; raises StaleTicket where it was decided."""
    as_read = RecoveryTicket.objects.filter(
        pk=ticket.pk, state=ticket.state, verdict=ticket.verdict, effect_at=ticket.effect_at
    )
    if not as_read.update(**values):
        raise StaleTicket(ticket.pk)
    for name, value in values.items():
        setattr(ticket, name, value)


def _have_it_seen(ticket: RecoveryTicket) -> list[EventKind]:
    """Let staff see a strong proof on what the machine alone would have refused."""
    is_refused = ticket.state == TicketState.EVALUATING and ticket.verdict == Verdict.DENY
    if not is_refused:
        return []
    now = timezone.now()
    fields = transitions.NO_VERDICT | decisions.for_people(ticket, now)
    transitions.move(ticket, TicketState.IN_REVIEW, now=now, **fields)
    return [EventKind.TICKET_IN_REVIEW]
