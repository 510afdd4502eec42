"""The link that pauses an account after a recovery, and what can be taken back of it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.services import restrictions
from accounts.tests.factories import make_client, make_contact, make_user
from activity.enums import EventKind
from activity.models import AuditEntry, SecurityEvent
from recovery.enums import LinkOutcome, LinkRight, TicketState
from recovery.errors import DeadLink
from recovery.services import objections
from recovery.tests.factories import make_link, make_ticket

S = TicketState
CLIENT = make_client("198.51.100.77")
pytestmark = pytest.mark.django_db


@pytest.fixture
def maria():
    return make_user(email="maria@example.org")


@pytest.fixture
def old(maria):
    return make_contact(maria, "old@example.net")


def test_the_undo_link_pauses_the_account_and_stands_in_the_audit_chain(maria, old):
    ticket = make_ticket(maria, state=S.COMPLETED)
    token = make_link(ticket, old, LinkRight.UNDO, expires_at=_in_days(7))

    outcome = objections.stop(objections.find_link(token), client=CLIENT)

    maria.refresh_from_db()
    assert (outcome, maria.frozen_cause, maria.epoch) == (LinkOutcome.PAUSED, "recovery_undone", 2)
    assert EventKind.RECOVERY_UNDONE in SecurityEvent.objects.values_list("kind", flat=True)
    assert AuditEntry.objects.filter(action="recovery:ticket:undone").count() == 1


def test_a_pause_can_be_taken_back_for_ten_minutes(maria, old):
    token = _undo_link(maria, old)
    objections.stop(objections.find_link(token), client=CLIENT)

    outcome = objections.say_mine(objections.find_link(token), client=CLIENT)

    maria.refresh_from_db()
    assert (outcome, maria.frozen_at) == (LinkOutcome.TAKEN_BACK, None)


def test_taking_back_a_pause_ends_no_other_freeze(maria, old):
    restrictions.freeze(maria, "reported", CLIENT)
    token = _undo_link(maria, old)
    objections.stop(objections.find_link(token), client=CLIENT)

    objections.say_mine(objections.find_link(token), client=CLIENT)

    maria.refresh_from_db()
    assert maria.frozen_cause == "reported"


def test_a_second_link_ends_no_pause_that_the_first_began(maria, old):
    objections.stop(objections.find_link(_undo_link(maria, old)), client=CLIENT)
    token = _undo_link(maria, maria.contacts.get(value="maria@example.org"))

    outcome = objections.stop(objections.find_link(token), client=CLIENT)
    objections.say_mine(objections.find_link(token), client=CLIENT)

    maria.refresh_from_db()
    assert outcome == LinkOutcome.TOLD_STAFF
    assert maria.frozen_cause == "recovery_undone"


def test_an_undo_link_that_ran_out_is_dead(maria, old):
    token = make_link(
        make_ticket(maria, state=S.COMPLETED), old, LinkRight.UNDO, expires_at=timezone.now()
    )

    with pytest.raises(DeadLink):
        objections.find_link(token)


def _undo_link(user, contact):
    ticket = make_ticket(user, state=S.COMPLETED)
    return make_link(ticket, contact, LinkRight.UNDO, expires_at=_in_days(7))


def _in_days(days):
    return timezone.now() + timedelta(days=days)
