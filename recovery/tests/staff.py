"""Builders of what staff work with: people, evidence, tickets that wait for them, votes."""

from datetime import timedelta
from typing import Any

from django.contrib.auth.models import Permission
from django.utils import timezone

from accounts.models import User
from accounts.tests.factories import make_totp, make_user
from recovery.enums import Grade, Outcome, Resets, RiskLevel, TicketState, Verdict
from recovery.models import Evidence, EvidenceGrade, RecoveryTicket, Vote
from recovery.tests.factories import make_ticket

REVIEWER = ("view_recoveryticket", "review_recoveryticket", "open_recoveryticket")
APPROVER = (*REVIEWER, "approve_recoveryticket")
SECURITY = (*APPROVER, "secure_recoveryticket")


def make_staff(*permissions: str, **fields: Any) -> User:
    """Make a member of staff with an authenticator app; without permissions an approver."""
    staff = make_user(**{"is_staff": True} | fields)
    make_totp(staff)
    names = permissions or APPROVER
    staff.user_permissions.set(Permission.objects.filter(codename__in=names))
    return staff


def make_reviewed(user: User | None, **fields: Any) -> RecoveryTicket:
    """Make a ticket that waits for two people because evidence was above the bar."""
    now = timezone.now()
    values: dict[str, Any] = {
        "code_accepted_at": now - timedelta(hours=2),
        "outcome": Outcome.REVIEW,
        "resets": Resets.PASSWORD,
        "reasons": ["evidence"],
        "hold_length": timedelta(days=3),
        "epoch": user.epoch if user else None,
        "risk": RiskLevel.LOW,
        "people": 2,
        "in_review_at": now - timedelta(hours=1),
        "first_due_at": now + timedelta(hours=20),
        "answer_at": now + timedelta(hours=12),
        "opened_at": now - timedelta(hours=2),
    }
    return make_ticket(user, state=TicketState.IN_REVIEW, **values | fields)


def make_evidence(ticket: RecoveryTicket, **fields: Any) -> Evidence:
    """Make graded evidence above the bar, with three grades."""
    now = timezone.now()
    values: dict[str, Any] = {
        "completeness": {"about": "full", "sign_ins": "little", "passwords": "full"},
        "graded_at": now,
        "as_of": ticket.opened_at,
        "score": 410,
        "bar": 340,
        "is_above_bar": True,
        "version": "test",
    }
    evidence = Evidence.objects.create(ticket=ticket, **values | fields)
    EvidenceGrade.objects.bulk_create(
        EvidenceGrade(evidence=evidence, question=question, grade=grade, score=score)
        for question, grade, score in (
            ("passwords", Grade.MATCH, 180),
            ("places", Grade.NEAR, 90),
            ("name", Grade.MATCH, 20),
        )
    )
    return evidence


def make_vote(
    ticket: RecoveryTicket, decider: User, verdict: Verdict = Verdict.APPROVE, **fields: Any
) -> Vote:
    """Make a vote as it was cast a minute ago."""
    values: dict[str, Any] = {
        "reasons": ["rare_facts"],
        "hold": ticket.hold_length,
        "epoch": ticket.user.epoch if ticket.user else None,
        "made_at": timezone.now() - timedelta(minutes=1),
    }
    return Vote.objects.create(ticket=ticket, decider=decider, verdict=verdict, **values | fields)
