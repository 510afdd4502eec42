"""From proofs to a decision: the ticket goes where the table says."""

import logging
import secrets
from dataclasses import replace
from datetime import datetime, timedelta

from django.utils import timezone

from accounts.client import Client
from activity.enums import EventKind
from recovery import policy
from recovery.enums import NoticeKind, Outcome, ProofClass, TicketState
from recovery.models import Proof, RecoveryTicket
from recovery.queries import AccountFacts
from recovery.services import notices, transitions

logger = logging.getLogger(__name__)
PEOPLE_DECIDE = (TicketState.EVALUATING, TicketState.IN_REVIEW)


def judge(account: AccountFacts, proofs: list[Proof]) -> tuple[policy.Decision, bool]:
    """Give the decision for the account as it is, and whether it was another one before.

    Whoever changed the second step a few days ago gains nothing by it: where the account as it
    was would have been decided otherwise, people decide.
    """
    if account.user is None:
        return policy.decide(policy.Facts()), False
    facts = policy.Facts(
        is_protected=account.user.is_specially_protected,
        has_two_step=account.has_two_step,
        strong=frozenset(ProofClass(proof.proof_class) for proof in proofs if proof.is_strong),
        needs_wait=any("long_unproved" in proof.marks for proof in proofs if proof.is_strong),
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
    **fields: object,
) -> list[EventKind]:
    """Move the ticket to where its proofs lead, in one UPDATE; give the events to record.

    on_the_way: states that it passes first. Runs inside the transaction that holds the account's
    lock. A contested ticket goes to staff where it would have been approved.
    """
    decision, is_contested = judge(account, proofs)
    leads_on = decision.outcome in (Outcome.APPROVE, Outcome.HOLD)
    now = timezone.now()
    if is_contested or (ticket.contested_at and leads_on):
        contested = _contested_fields(ticket, now, "account_changed")
        path = (*on_the_way, *PEOPLE_DECIDE)
        transitions.move(
            ticket, *path, now=now, **{**fields, **_decided(account, decision, now), **contested}
        )
        return [EventKind.TICKET_CONTESTED]
    if not leads_on:
        if on_the_way:
            transitions.move(ticket, *on_the_way, now=now, **fields)
        return []
    return _go_on(ticket, account, decision, now, on_the_way, fields)


def contest(ticket: RecoveryTicket, reason: str) -> None:
    """Mark a live ticket as contested: due times stand still, two members of staff decide."""
    now = timezone.now()
    fields = _contested_fields(ticket, now, reason)
    if ticket.state == TicketState.ON_HOLD:
        transitions.move(ticket, TicketState.IN_REVIEW, now=now, **fields)
        return
    # Where nothing was decided yet only the mark is set: what follows then goes to staff.
    changed = RecoveryTicket.objects.live().filter(pk=ticket.pk, state=ticket.state).update(
        contested_at=fields["contested_at"], contested_reason=fields["contested_reason"]
    )
    if changed:
        ticket.contested_at = now
        ticket.contested_reason = reason


def draw_answer_time(now: datetime) -> datetime:
    """Give the time at which an answer is told, the same for machine and human."""
    width = int((policy.ANSWER_LATEST - policy.ANSWER_EARLIEST).total_seconds())
    return now + policy.ANSWER_EARLIEST + timedelta(seconds=secrets.randbelow(width))


def _go_on(
    ticket: RecoveryTicket,
    account: AccountFacts,
    decision: policy.Decision,
    now: datetime,
    on_the_way: tuple[TicketState, ...],
    fields: dict[str, object],
) -> list[EventKind]:
    fields = {**fields, **_decided(account, decision, now)}
    if decision.outcome == Outcome.HOLD:
        transitions.move(
            ticket, *on_the_way, TicketState.ON_HOLD, now=now, hold_length=decision.hold, **fields
        )
        notices.plan(ticket, NoticeKind.HELD, due_at=now)
        logger.info("hold_placed", extra={"ticket": str(ticket.pk), "row": decision.row})
        return [EventKind.TICKET_HELD]
    transitions.move(
        ticket,
        *on_the_way,
        TicketState.APPROVED,
        now=now,
        expires_at=now + policy.HELD_PROOF_LIVES,
        **fields,
    )
    logger.info("ticket_approved", extra={"ticket": str(ticket.pk), "row": decision.row})
    return [EventKind.TICKET_APPROVED]


def _decided(
    account: AccountFacts, decision: policy.Decision, now: datetime
) -> dict[str, object]:
    return {
        "outcome": decision.outcome,
        "resets": decision.resets,
        "reasons": [decision.row, *(["new_place"] if decision.is_restricted else [])],
        "policy_version": decision.version,
        "epoch": account.user.epoch if account.user else None,
        "decided_at": now,
    }


def _contested_fields(ticket: RecoveryTicket, now: datetime, reason: str) -> dict[str, object]:
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
