"""When people agree: how many it takes, for how long the wait is at least; arithmetic alone."""

from collections.abc import Collection, Sequence
from datetime import timedelta
from uuid import UUID

from django.conf import settings

from recovery import policy
from recovery.enums import ContestedReason, Outcome, RiskLevel, Verdict
from recovery.models import RecoveryTicket


def people_needed(case: Sequence[RecoveryTicket]) -> int:
    """Give how many must agree on a ticket with all that is folded into it."""
    return max(map(_people_needed, case))


def shortest_hold(ticket: RecoveryTicket) -> timedelta:
    """Give the shortest wait that an approval may have."""
    suggested = ticket.hold_length
    if suggested is None:
        is_held = ticket.outcome in (Outcome.APPROVE, Outcome.HOLD, Outcome.SUPERUSERS)
        suggested = timedelta(0) if is_held else policy.HOLD_UNSUGGESTED
    if ticket.contested_reason == ContestedReason.NOBODY_REACHABLE:
        # design.md section 2: nobody could be told, so the wait is all that is left to the owner.
        suggested = max(suggested, policy.HOLD_UNSUGGESTED)
    return suggested


def is_reached(
    verdict: Verdict,
    voters: Collection[UUID],
    *,
    needed: int,
    approvers: Collection[UUID],
    checkers: Collection[UUID | None] = (),
    needs_check: bool = False,
) -> bool:
    """Tell whether these different people, who say the same, are enough.

    approvers: those of them who may approve; an approval takes one. checkers: who recorded that
    they saw the person; whoever did never approves alone.
    """
    if len(voters) < needed:
        return False
    if verdict != Verdict.APPROVE:
        return True
    has_approver = any(voter in approvers for voter in voters)
    is_checked = bool(checkers) or not needs_check
    has_another = not checkers or any(set(voters) - {checker} for checker in checkers)
    return has_approver and is_checked and has_another


def _people_needed(ticket: RecoveryTicket) -> int:
    may_be_one = (
        settings.ONE_PERSON_FOR_LOW_RISK
        and ticket.people == 1
        and ticket.outcome == Outcome.REVIEW
        and ticket.risk == RiskLevel.LOW
        and ticket.contested_at is None
        and not ticket.is_frozen
        and ticket.appeal_of_id is None
    )
    return 1 if may_be_one else max(policy.PEOPLE_AT_LEAST, ticket.people)
