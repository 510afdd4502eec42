"""What is kept of a ticket after its end (design.md section 4, last row of the figures)."""

from datetime import datetime

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from recovery import policy, queries
from recovery.enums import ENDED_STATES
from recovery.models import (
    CaseView,
    ClaimFreeze,
    Evidence,
    Invitation,
    RecoveryTicket,
    ReviewDraft,
    Vote,
)


def prune(limit: int = 1000) -> int:
    """Empty identifier and contact of tickets that ended long enough ago; give how many.

    Their limit keys stay for budgets and staff. What was answered goes first, then its grades.
    """
    now = timezone.now()
    ClaimFreeze.objects.filter(until__lte=now).delete()
    Invitation.objects.filter(expires_at__lte=now).delete()
    _forget_notes(now)
    _forget_grades(now, limit)
    return _clear(now, limit)


def _forget_notes(now: datetime) -> None:
    """Empty what the person wrote to staff, some time after the decision; and unsent drafts."""
    until = now - policy.NOTE_LIVES
    decided = Q(ticket__decided_at__lte=until, ticket__verdict__gt="")
    ended = Q(ticket__state__in=ENDED_STATES, ticket__moved_at__lte=until)
    Evidence.objects.filter(decided | ended, note__isnull=False).update(note=None)
    ReviewDraft.objects.filter(ticket__state__in=ENDED_STATES).delete()


def _forget_grades(now: datetime, limit: int) -> None:
    """Delete what was graded, and what staff wrote of it, long after the end."""
    until = now - policy.GRADES_LIVE
    ended = Q(ticket__state__in=ENDED_STATES, ticket__moved_at__lte=until)
    old = Evidence.objects.filter(ended).values_list("pk", flat=True)[:limit]
    Evidence.objects.filter(pk__in=list(old)).delete()
    Vote.objects.filter(ended, note__isnull=False).update(note=None)


def _clear(now: datetime, limit: int) -> int:
    until = now - policy.CLEAR_AFTER_END
    looked_at = Q(in_review_at__isnull=False) | Exists(
        CaseView.objects.filter(ticket=OuterRef("pk"))
    )
    # Whoever asks a person to look again does so with what they typed (appeals.ask).
    may_appeal = Q(answer_at__gt=now - policy.APPEAL_LIVES) & Exists(
        Evidence.objects.filter(ticket=OuterRef("pk"))
    )
    # What was stopped looks open to its claimant until its own end, and so is cleared after that.
    looks_open = Q(
        cancel_cause__in=queries.SILENT_CAUSES,
        cancelled_from__in=queries.UNPROVED_STATES,
        expires_at__gt=until,
    )
    old = (
        RecoveryTicket.objects.filter(state__in=ENDED_STATES, moved_at__lte=until)
        .exclude(looks_open)
        .exclude(may_appeal)
        .exclude(looked_at, moved_at__gt=now - policy.CLEAR_AFTER_REVIEW)
        .exclude(identifier="", contact="")
    )
    batch = list(old.values_list("pk", flat=True)[:limit])
    return RecoveryTicket.objects.filter(pk__in=batch).update(
        identifier="", contact="", contact_match_key="", agent="", address=None
    )
