"""How many people, and for how long at least: arithmetic."""

from datetime import timedelta
from uuid import uuid4

import pytest

from recovery import agreement, policy
from recovery.enums import ContestedReason, Outcome, Verdict
from recovery.models import RecoveryTicket

A, B, C = (uuid4() for _ in range(3))


@pytest.mark.parametrize(
    ("voters", "approvers", "checkers", "needs_check", "is_so"),
    [
        ({A, B}, {A}, (), False, True),
        ({A, B}, set(), (), False, False),
        ({A}, {A}, (), False, False),
        ({A, B}, {A}, (), True, False),
        ({A, B}, {A}, (A,), True, True),
        ({A, B}, {B}, (C,), True, True),
        ({A, B, C}, {C}, (), False, True),
    ],
)
def test_approval_takes_two_one_who_may_and_the_check(
    voters, approvers, checkers, needs_check, is_so
):
    reached = agreement.is_reached(
        Verdict.APPROVE,
        voters,
        needed=2,
        approvers=approvers,
        checkers=checkers,
        needs_check=needs_check,
    )

    assert reached is is_so


def test_refusal_takes_neither_approver_nor_check():
    assert agreement.is_reached(Verdict.DENY, {A, B}, needed=2, approvers=(), needs_check=True)
    assert not agreement.is_reached(Verdict.DENY, {A}, needed=2, approvers=())


@pytest.mark.parametrize(
    ("fields", "hold"),
    [
        ({"hold_length": timedelta(days=7)}, timedelta(days=7)),
        ({"outcome": Outcome.REVIEW}, policy.HOLD_UNSUGGESTED),
        ({"outcome": Outcome.DENY}, policy.HOLD_UNSUGGESTED),
        ({"outcome": Outcome.SUPERUSERS}, timedelta(0)),
        ({"outcome": Outcome.APPROVE}, timedelta(0)),
        (
            {"outcome": Outcome.HOLD, "contested_reason": ContestedReason.NOBODY_REACHABLE},
            policy.HOLD_UNSUGGESTED,
        ),
    ],
)
def test_wait_is_never_shorter_than_suggested(fields, hold):
    assert agreement.shortest_hold(RecoveryTicket(**fields)) == hold


def test_most_careful_ticket_of_a_case_decides_how_many(settings):
    settings.ONE_PERSON_FOR_LOW_RISK = True
    easy = RecoveryTicket(people=1, outcome=Outcome.REVIEW, risk="low")
    assert agreement.people_needed([easy]) == 1

    assert agreement.people_needed([easy, RecoveryTicket(people=0)]) == 2
