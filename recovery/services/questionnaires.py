"""The questionnaire is handed in: answers wait encrypted; everyone gets the same answer time."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.client import Client
from accounts.models import Budget
from accounts.services import budgets
from accounts.services.budgets import Use
from activity.enums import EventKind
from activity.services.events import record_event
from outbox.services.queue import wake
from recovery import policy, promises, queries, questions
from recovery.enums import TicketState
from recovery.errors import StaleTicket
from recovery.evidence import Answers
from recovery.models import Evidence, RecoveryTicket
from recovery.services import transitions

HOUSEKEEPING = "housekeeping"  # the queue of hints that nobody waits for
RULES = (policy.QUESTIONNAIRES_A_DAY, policy.QUESTIONNAIRES_A_MONTH)


def submit(
    ticket: RecoveryTicket,
    answers: Answers,
    note: str,
    *,
    client: Client,
    reason: str = "",
) -> datetime:
    """Keep the answers for the grading task and give the answer time, for every account alike.

    One that was stopped takes them too, looks the same and gets nowhere. reason: what the person
    says happened, "" leaves what is known.
    Raises LimitReached for the claimant's own count, StaleTicket where the ticket takes no answers
    any more.
    """
    _require_open(ticket)
    budgets.consume_all(_uses(ticket))
    evidence = Evidence(
        ticket=ticket,
        answers=answers.as_json(),  # type: ignore[misc]  # JSON, which the stubs take for text
        note=note or None,
        completeness=questions.completeness(answers),
    )
    try:
        return _keep(ticket, evidence, reason, client)
    except StaleTicket:
        # A second press, say: what was not taken must not be what one could have sent today.
        budgets.give_back_all(_uses(ticket))
        raise


def rests_until(ticket: RecoveryTicket, now: datetime) -> datetime | None:
    """Give when answers can be sent again where none can now, before somebody types them all."""
    full = Budget.objects.none()
    for rule in RULES:
        full |= budgets.used_up(rule, *_claimant(ticket), now=now)
    return max(full.values_list("window_ends_at", flat=True), default=None)


def _keep(ticket: RecoveryTicket, evidence: Evidence, reason: str, client: Client) -> datetime:
    now = timezone.now()
    answer_at = promises.answer_time(now)
    with transaction.atomic():
        # Whoever stops it at this moment comes before or after, and is not found out by a page.
        locked = RecoveryTicket.objects.locked().get(pk=ticket.pk)
        _require_open(locked)
        _hand_in(locked, now, answer_at=answer_at, reason=reason or locked.reason)
        evidence.submitted_at = now
        evidence.save(force_insert=True)
        record_event(
            ticket.user, EventKind.EVIDENCE_RECEIVED, client=client, reference=ticket.reference
        )
        wake("recovery.evaluate", evidence.pk, HOUSEKEEPING)
    for name in ("state", "reason", "answer_at", "cancelled_from", "verdict", "effect_at"):
        setattr(ticket, name, getattr(locked, name))
    return answer_at


def _hand_in(ticket: RecoveryTicket, now: datetime, **fields: Any) -> None:
    """Send a ticket on to the grading task, with one UPDATE.

    The answer time is always a new one: that of a stopped ticket was drawn when it was stopped.
    What staff asked for before is answered with this.
    """
    fields |= {"verdict": "", "effect_at": None, "told_reasons": []}
    if ticket.state == TicketState.AWAITING_PROOF:
        transitions.move(ticket, TicketState.EVALUATING, now=now, **fields)
        return
    fields |= {"cancelled_from": TicketState.EVALUATING, "moved_at": now}
    RecoveryTicket.objects.filter(pk=ticket.pk, state=ticket.state).update(**fields)
    for name, value in fields.items():
        setattr(ticket, name, value)


def _require_open(ticket: RecoveryTicket) -> None:
    if queries.shown_state(ticket, timezone.now()) != TicketState.AWAITING_PROOF:
        raise StaleTicket(ticket.pk)


def _claimant(ticket: RecoveryTicket) -> tuple[str, str]:
    """Give who asks for what, as typed: so nobody uses up the tries of somebody else."""
    return ticket.contact_limit_key, ticket.identifier_key


def _uses(ticket: RecoveryTicket) -> list[Use]:
    return [Use(rule, _claimant(ticket)) for rule in RULES]
