"""The claimant asks a person to look again at a refusal."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import transaction
from django.utils import timezone

from accounts.client import Client
from accounts.errors import LimitReached
from accounts.services import budgets
from activity.enums import EventKind
from activity.services.events import record_event
from recovery import facts, policy, promises, queries
from recovery.enums import NoticeKind, RiskLevel, TicketState
from recovery.errors import AppealUsed
from recovery.facts import NOBODY, AccountFacts
from recovery.models import Evidence, EvidenceGrade, RecoveryTicket
from recovery.services import decisions, notices, opening, references

# What the appeal is about, as it was typed; where it is asked from now is written anew.
KEPT = (
    "user",
    "reason",
    "identifier",
    "identifier_key",
    "contact",
    "contact_match_key",
    "contact_limit_key",
    "code_accepted_at",
    "claimant_shown_at",
    "risk_reasons",
)


def ask(ticket: RecoveryTicket, *, client: Client) -> RecoveryTicket:
    """Open a new ticket that staff look at, with what the refused one had; raises AppealUsed.

    It belongs to the same browser and carries the grades, never answers.
    """
    now = timezone.now()
    if queries.appeal_until(ticket, now) is None:
        raise AppealUsed
    try:
        budgets.consume(policy.APPEALS_PER_CLAIMANT, ticket.contact_limit_key)
    except LimitReached as error:
        raise AppealUsed from error
    appeal = _drawn(ticket, client, now)
    with transaction.atomic():
        account = facts.lock_account(appeal, client)
        refused = RecoveryTicket.objects.locked().get(pk=ticket.pk)
        if RecoveryTicket.objects.filter(appeal_of=refused).exists():
            raise AppealUsed
        for name, value in _decision(account, now).items():
            setattr(appeal, name, value)
        opening.insert(appeal)
        _copy_evidence(refused, appeal)
        # Unlike those of opened tickets never folded, however many somebody has opened before.
        notices.plan(appeal, NoticeKind.REVIEW, due_at=now)
        record_event(
            ticket.user, EventKind.TICKET_APPEALED, client=client, reference=appeal.reference
        )
    return appeal


def _drawn(ticket: RecoveryTicket, client: Client, now: datetime) -> RecoveryTicket:
    """Give the unsaved ticket of an appeal."""
    due_at = promises.first_decision_due(now)
    return RecoveryTicket(
        reference=references.new_reference(),
        state=TicketState.IN_REVIEW,
        appeal_of=ticket,
        **{name: getattr(ticket, name) for name in KEPT},
        **opening.asked_from(client),
        is_frozen=facts.is_frozen_claim(ticket.user, ticket.contact_limit_key, client, now),
        risk=ticket.risk or RiskLevel.HIGH,
        opened_at=now,
        moved_at=now,
        in_review_at=now,
        expires_at=now + policy.LIVES[TicketState.IN_REVIEW],
        first_due_at=due_at,
        # Not drawn: people decide on all of them, and by then they have had their time.
        answer_at=due_at,
    )


def _decision(account: AccountFacts, now: datetime) -> dict[str, Any]:
    """Give what the table says of answers that did not reach the bar and that people look at.

    As of those that could not: somebody must have seen who the person is, and the wait is the
    longest. Where the operator lets no second step be reset so, only the password is.
    """
    may_reset = not _is_in_group_without_reset(account)
    decision = policy.decide(
        policy.Facts(
            is_protected=bool(account.user and account.user.is_specially_protected),
            has_two_step=account.has_two_step and may_reset,
            is_above_bar=False,
            is_thin=True,
            risk=RiskLevel.HIGH,
        )
    )
    return decisions.decided(account, decision, now) | {
        "decided_at": None,
        "people": decision.people,
        "needs_check": decision.needs_check,
        "hold_length": decision.hold,
    }


def _is_in_group_without_reset(account: AccountFacts) -> bool:
    """Tell of NO_RESET_GROUPS; the same statement for an account that does not exist."""
    if not settings.NO_RESET_GROUPS:
        return False
    members = Group.objects.filter(user=account.user.pk if account.user else NOBODY)
    return members.filter(name__in=settings.NO_RESET_GROUPS).exists()


def _copy_evidence(refused: RecoveryTicket, appeal: RecoveryTicket) -> None:
    """Give the appeal the grades and the note of the newest answers, once they were graded."""
    evidence = refused.evidence.filter(graded_at__isnull=False).order_by("-submitted_at").first()
    if evidence is None:
        return
    grades = list(evidence.grades.all())
    copied = Evidence(
        ticket=appeal,
        **{
            field.attname: getattr(evidence, field.attname)
            for field in Evidence._meta.fields
            if field.name not in ("id", "ticket", "answers", "claimed_until")
        },
    )
    copied.save(force_insert=True)
    EvidenceGrade.objects.bulk_create(
        EvidenceGrade(
            evidence=copied,
            question=grade.question,
            grade=grade.grade,
            score=grade.score,
            details=grade.details,
        )
        for grade in grades
    )
