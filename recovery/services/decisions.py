"""From proofs to a decision: the ticket goes where the table says."""

import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from accounts.models import User
from activity.enums import EventKind
from recovery import policy, promises
from recovery.enums import (
    PEOPLE_DECIDE,
    ContestedReason,
    NoticeKind,
    Outcome,
    TicketState,
    Verdict,
)
from recovery.facts import AccountFacts
from recovery.models import Proof, RecoveryTicket
from recovery.services import notices, transitions, voiding
from recovery.services.judging import judge

logger = logging.getLogger(__name__)
# What ends an approval that was given; nothing else does.
VOIDED_BY = {
    ContestedReason.EPOCH_CHANGED: "epoch",
    ContestedReason.OBJECTION: "objection",
    ContestedReason.RIVAL_COMPLETED: "rival",
}
NO_VERDICT = transitions.NO_VERDICT
# Among the reasons of a ticket that people decided although somebody was against it.
DISPUTED = "disputed"


@dataclass(frozen=True)
class Step:
    """What a decision does to a ticket: where it goes, what is recorded, what is set."""

    path: tuple[TicketState, ...]
    event: EventKind
    fields: dict[str, Any]


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
        if ticket.verdict == Verdict.MORE and any(proof.is_strong for proof in proofs):
            back_to_review(ticket, now)  # it is what they asked for, or as good
            return [EventKind.TICKET_IN_REVIEW]
        if on_the_way:
            transitions.move(ticket, *on_the_way, now=now, **fields)
        return []
    values = {**fields, **decided(account, decision, now), **step.fields}
    if ticket.people and not has_waited:
        is_theirs = step.event == EventKind.TICKET_CONTESTED
        values |= NO_VERDICT if is_theirs else transitions.NOT_FOR_PEOPLE
    transitions.move(ticket, *on_the_way, *step.path, now=now, **values)
    if step.event == EventKind.TICKET_HELD:
        notices.plan_wait(ticket, due_at=now)
    elif step.event == EventKind.TICKET_APPROVED and not (on_the_way or has_waited):
        # Of an approval with the first code the notice of the ticket itself tells.
        notices.plan(ticket, NoticeKind.APPROVED, due_at=now)
    logger.info("ticket_decided", extra={"ticket": str(ticket.pk), "row": decision.row})
    return [step.event]


def contest(ticket: RecoveryTicket, reason: str) -> None:
    """Mark a live ticket as contested: due times stand still, two members of staff decide.

    What they agreed on before is void where the reason is one of those that end an approval.
    """
    now = timezone.now()
    may_have_votes = reason in VOIDED_BY and ticket.in_review_at is not None
    if ticket.state in (TicketState.ON_HOLD, TicketState.APPROVED):
        fields = _contested_fields(ticket, now, reason) | for_people(ticket, now) | NO_VERDICT
        if reason == ContestedReason.NOBODY_REACHABLE:
            decided_hold = ticket.hold_length or policy.UNREACHABLE_HOLD
            fields["hold_length"] = max(decided_hold, policy.UNREACHABLE_HOLD)
        if reason == ContestedReason.EPOCH_CHANGED:
            fields |= _of_protected(ticket)
        transitions.move(ticket, TicketState.IN_REVIEW, now=now, **fields)
    else:
        _mark(ticket, now, reason)
    if may_have_votes and ticket.votes.filter(voided_at__isnull=True).exists():
        voiding.void_all(ticket, VOIDED_BY[ContestedReason(reason)])


def is_outdated(ticket: RecoveryTicket, user: User) -> bool:
    """Tell whether the account is another one than was decided on: changed, or protected since."""
    as_protected = ticket.outcome == Outcome.SUPERUSERS or policy.PROTECTED_ROW in ticket.reasons
    return user.epoch != ticket.epoch or (user.is_specially_protected and not as_protected)


def _of_protected(ticket: RecoveryTicket) -> dict[str, Any]:
    """Give what a claim on an account needs that is protected by now; nothing else does."""
    accounts = User.objects.filter(tickets=ticket.pk)
    is_protected = any(account.is_specially_protected for account in accounts)
    return {"outcome": Outcome.SUPERUSERS} if is_protected else {}


def back_to_review(ticket: RecoveryTicket, now: datetime) -> None:
    """Give a ticket for which staff asked for more back to them, with what has come since."""
    fields = NO_VERDICT | for_people(ticket, now) | {"answer_at": promises.answer_time(now)}
    transitions.move(ticket, *PEOPLE_DECIDE, now=now, **fields)


def _mark(ticket: RecoveryTicket, now: datetime, reason: str) -> None:
    fields = _contested_fields(ticket, now, reason)
    if ticket.state == TicketState.IN_REVIEW:
        fields |= for_people(ticket, now)
    elif ticket.state not in PEOPLE_DECIDE:
        # Nothing was decided yet: only the mark is set, what follows then goes to staff.
        fields = {name: fields[name] for name in ("contested_at", "contested_reason")}
    unmoved = RecoveryTicket.objects.live().filter(pk=ticket.pk, state=ticket.state)
    if unmoved.update(**fields):
        for name, value in fields.items():
            setattr(ticket, name, value)


def decided(account: AccountFacts, decision: policy.Decision, now: datetime) -> dict[str, Any]:
    """Give what a ticket keeps of its decision."""
    return {
        "outcome": decision.outcome,
        "resets": decision.resets,
        "reasons": [decision.row, *(["new_place"] if decision.is_restricted else [])],
        "policy_version": decision.version,
        "epoch": account.user.epoch if account.user else None,
        "decided_at": now,
    }


def for_people(ticket: RecoveryTicket, now: datetime) -> dict[str, Any]:
    """Give what a contested ticket is dealt by; the earlier due time stands.

    What no people decided before rests on a held proof, which completion asks for again.
    """
    epochs = User.objects.filter(tickets=ticket.pk).values_list("epoch", flat=True)
    return {
        "people": max(ticket.people, policy.PEOPLE_AT_LEAST),
        "needs_held_proof": ticket.needs_held_proof or not ticket.people,
        "in_review_at": ticket.in_review_at or now,
        "first_due_at": ticket.first_due_at or promises.first_decision_due(now),
        "epoch": epochs.first() if ticket.user_id else None,
    }


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
        fields = _contested_fields(ticket, now, reason) | for_people(ticket, now)
        # What is graded just now is being evaluated already.
        path = tuple(state for state in PEOPLE_DECIDE if state != ticket.state)
        return Step(path, EventKind.TICKET_CONTESTED, fields)
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

    The same where people approved it without a wait. Not where the account has changed since it
    was decided, nor when the invitation has lapsed.
    """
    ready_at = _ready_at(ticket)
    if ready_at is None or account.user is None:
        return False
    is_over = ready_at <= now < ready_at + policy.INVITATION_LIVES
    is_unchanged = not is_outdated(ticket, account.user)
    return is_over and is_unchanged and any(proof.is_strong for proof in proofs)


def _ready_at(ticket: RecoveryTicket) -> datetime | None:
    """Give from when a decided ticket could be completed; None: its proofs decide."""
    if ticket.hold_until is None and ticket.verdict == Verdict.APPROVE:
        return ticket.effect_at
    return ticket.hold_until


def _approve_again(ticket: RecoveryTicket) -> Step:
    """Approve after a wait that was served: what was decided before it stands."""
    stands = ("outcome", "resets", "reasons", "policy_version", "decided_at")
    fields: dict[str, Any] = {name: getattr(ticket, name) for name in stands}
    ready_at = _ready_at(ticket)
    if ready_at:
        fields["expires_at"] = ready_at + policy.INVITATION_LIVES
    return Step((TicketState.APPROVED,), EventKind.TICKET_APPROVED, fields)


def _contested_fields(ticket: RecoveryTicket, now: datetime, reason: str) -> dict[str, Any]:
    return {
        "contested_at": ticket.contested_at or now,
        "contested_reason": ticket.contested_reason or reason,
        "expires_at": now + policy.CONTESTED_LIVES,
        "answer_at": ticket.answer_at or promises.answer_time(now),
        "hold_from": None,
        "hold_until": None,
    }
