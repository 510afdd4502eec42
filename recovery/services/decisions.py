"""From proofs to a decision: the ticket goes where the table says."""

import logging
import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from activity.enums import EventKind
from recovery import policy
from recovery.enums import NoticeKind, Outcome, ProofClass, TicketState
from recovery.facts import AccountFacts
from recovery.models import Proof, RecoveryTicket
from recovery.models.proof import LONG_UNPROVED
from recovery.services import notices, transitions

logger = logging.getLogger(__name__)
PEOPLE_DECIDE = (TicketState.EVALUATING, TicketState.IN_REVIEW)


@dataclass(frozen=True)
class Step:
    """What a decision does to a ticket: where it goes, what is recorded, what is set."""

    path: tuple[TicketState, ...]
    event: EventKind
    fields: dict[str, Any]


def judge(account: AccountFacts, proofs: list[Proof]) -> tuple[policy.Decision, bool]:
    """Give the decision for the account as it is, and whether it was another one before.

    Whoever changed the second step a few days ago gains nothing by it: where the account as it
    was would have been decided otherwise, people decide.
    """
    if account.user is None:
        return policy.decide(policy.Facts()), False
    strong = [proof for proof in proofs if proof.is_strong]
    facts = policy.Facts(
        is_protected=account.user.is_specially_protected,
        has_two_step=account.has_two_step,
        strong=frozenset(ProofClass(proof.proof_class) for proof in strong),
        stale=frozenset(
            ProofClass(proof.proof_class) for proof in strong if LONG_UNPROVED in proof.marks
        ),
        is_known_device=account.is_known_device,
        is_new_place=account.is_new_place,
    )
    before = policy.decide(replace(facts, has_two_step=account.had_two_step))
    now = policy.decide(facts)
    return now, _effect(before) != _effect(now)


def follow(
    ticket: RecoveryTicket,
    account: AccountFacts,
    proofs: list[Proof],
    *,
    on_the_way: tuple[TicketState, ...] = (),
    **fields: Any,
) -> list[EventKind]:
    """Move the ticket to where its proofs lead, in one UPDATE; give the events to record.

    on_the_way: states that it passes first. Runs inside the transaction that holds the account's
    lock. A contested ticket goes to staff where it would have been approved, and so does one whose
    claim is frozen: no sequence of objections keeps the owner from people's decision.
    """
    decision, is_contested = judge(account, proofs)
    now = timezone.now()
    has_waited = _has_waited(ticket, account, proofs, now)
    step = _step_of(ticket, decision, now, is_contested=is_contested, has_waited=has_waited)
    if step is None:
        if on_the_way:
            transitions.move(ticket, *on_the_way, now=now, **fields)
        return []
    values = {**fields, **_decided(account, decision, now), **step.fields}
    transitions.move(ticket, *on_the_way, *step.path, now=now, **values)
    if step.event == EventKind.TICKET_HELD:
        notices.plan_wait(ticket, due_at=now)
    elif step.event == EventKind.TICKET_APPROVED and not (on_the_way or has_waited):
        # Of an approval with the first code the notice of the ticket itself tells.
        notices.plan(ticket, NoticeKind.APPROVED, due_at=now)
    logger.info("ticket_decided", extra={"ticket": str(ticket.pk), "row": decision.row})
    return [step.event]


def contest(ticket: RecoveryTicket, reason: str) -> None:
    """Mark a live ticket as contested: due times stand still, two members of staff decide."""
    now = timezone.now()
    fields = _contested_fields(ticket, now, reason)
    if ticket.state in (TicketState.ON_HOLD, TicketState.APPROVED):
        transitions.move(ticket, TicketState.IN_REVIEW, now=now, **fields)
        return
    if ticket.state not in PEOPLE_DECIDE:
        # Nothing was decided yet: only the mark is set, what follows then goes to staff.
        fields = {name: fields[name] for name in ("contested_at", "contested_reason")}
    unmoved = RecoveryTicket.objects.live().filter(pk=ticket.pk, state=ticket.state)
    if unmoved.update(**fields):
        for name, value in fields.items():
            setattr(ticket, name, value)


def draw_answer_time(now: datetime) -> datetime:
    """Give the time at which an answer is told, the same for machine and human."""
    width = int((policy.ANSWER_LATEST - policy.ANSWER_EARLIEST).total_seconds())
    return now + policy.ANSWER_EARLIEST + timedelta(seconds=secrets.randbelow(width))


def _step_of(
    ticket: RecoveryTicket,
    decision: policy.Decision,
    now: datetime,
    *,
    is_contested: bool,
    has_waited: bool,
) -> Step | None:
    """Give what a decision does to a ticket; None leaves it where it is."""
    leads_on = has_waited or decision.outcome in (Outcome.APPROVE, Outcome.HOLD)
    if is_contested or (leads_on and (ticket.contested_at or ticket.is_frozen)):
        reason = "account_changed" if is_contested else "stopped_before"
        fields = _contested_fields(ticket, now, reason)
        return Step(PEOPLE_DECIDE, EventKind.TICKET_CONTESTED, fields)
    if has_waited and decision.outcome != Outcome.APPROVE:
        return _approve_again(ticket)
    if decision.outcome == Outcome.HOLD:
        hold: dict[str, Any] = {"hold_length": decision.hold, "hold_from": None, "hold_until": None}
        return Step((TicketState.ON_HOLD,), EventKind.TICKET_HELD, hold)
    if decision.outcome == Outcome.APPROVE:
        life: dict[str, Any] = {"expires_at": now + policy.HELD_PROOF_LIVES}
        no_wait = {"hold_from": None, "hold_until": None}
        return Step((TicketState.APPROVED,), EventKind.TICKET_APPROVED, life | no_wait)
    return None


def _has_waited(
    ticket: RecoveryTicket, account: AccountFacts, proofs: list[Proof], now: datetime
) -> bool:
    """Tell whether the wait of this ticket is over, so that one proof need only be shown again.

    Not where the account has changed since it was decided, nor when the invitation has lapsed.
    """
    if ticket.hold_until is None or account.user is None:
        return False
    is_over = ticket.hold_until <= now < ticket.hold_until + policy.INVITATION_LIVES
    is_unchanged = account.user.epoch == ticket.epoch
    return is_over and is_unchanged and any(proof.is_strong for proof in proofs)


def _approve_again(ticket: RecoveryTicket) -> Step:
    """Approve after a wait that was served: what was decided before it stands."""
    stands = ("outcome", "resets", "reasons", "policy_version", "decided_at")
    fields: dict[str, Any] = {name: getattr(ticket, name) for name in stands}
    if ticket.hold_until:
        fields["expires_at"] = ticket.hold_until + policy.INVITATION_LIVES
    return Step((TicketState.APPROVED,), EventKind.TICKET_APPROVED, fields)


def _decided(account: AccountFacts, decision: policy.Decision, now: datetime) -> dict[str, Any]:
    return {
        "outcome": decision.outcome,
        "resets": decision.resets,
        "reasons": [decision.row, *(["new_place"] if decision.is_restricted else [])],
        "policy_version": decision.version,
        "epoch": account.user.epoch if account.user else None,
        "decided_at": now,
    }


def _contested_fields(ticket: RecoveryTicket, now: datetime, reason: str) -> dict[str, Any]:
    return {
        "contested_at": ticket.contested_at or now,
        "contested_reason": ticket.contested_reason or reason,
        "expires_at": now + policy.CONTESTED_LIVES,
        "answer_at": ticket.answer_at or draw_answer_time(now),
        "hold_from": None,
        "hold_until": None,
    }


def _effect(decision: policy.Decision) -> tuple[object, ...]:
    return decision.outcome, decision.hold, decision.resets
