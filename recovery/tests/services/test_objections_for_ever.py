"""Attack 30: a thief who is signed in presses stop again and again."""

import pytest

from accounts.tests.factories import make_client
from recovery.enums import LinkOutcome, TicketState, Verdict
from recovery.services import objections
from recovery.tests.deciding import decide, read
from recovery.tests.evidence import make_maria
from recovery.tests.factories import make_ticket
from recovery.tests.staff import make_evidence, make_reviewed, make_staff

THIEF = make_client("198.51.100.77")
pytestmark = pytest.mark.django_db


def press(ticket):
    return objections.object_in_session(read(ticket), ticket.user, client=THIEF)


def test_pressing_stop_after_each_vote_voids_no_more_than_one():
    ticket = make_reviewed(make_maria())
    make_evidence(ticket)
    lena, omar = make_staff(), make_staff()
    assert press(ticket) == LinkOutcome.TOLD_STAFF

    for person in (lena, omar):
        decide(ticket, person)
        assert press(ticket) == LinkOutcome.TOLD_STAFF

    assert read(ticket).verdict == Verdict.APPROVE
    assert not ticket.votes.filter(voided_at__isnull=False).exists()


def test_pressing_stop_in_the_wait_again_changes_nothing():
    ticket = make_ticket(make_maria(), state=TicketState.ON_HOLD, people=2)
    press(ticket)
    ticket.refresh_from_db()
    assert ticket.state == TicketState.IN_REVIEW  # people look at what was said, once
    type(ticket).objects.filter(pk=ticket.pk).update(
        state=TicketState.ON_HOLD, contested_at=None, contested_reason=""
    )

    press(ticket)

    assert read(ticket).state == TicketState.ON_HOLD
