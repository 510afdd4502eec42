"""What is forgotten of a ticket, and when."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.tests.factories import make_user
from recovery.enums import CancelCause, TicketState
from recovery.models import ClaimFreeze, RecoveryTicket
from recovery.services import retention
from recovery.tests.factories import make_ticket

S = TicketState
CLAIMANT = "claimant@example.net"
pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("state", [S.COMPLETED, S.DENIED, S.EXPIRED])
def test_a_week_after_its_end_nothing_in_clear_is_left(state):
    ticket = _make_ended(state, days=7)

    assert retention.prune() == 1
    ticket.refresh_from_db()
    assert (ticket.identifier, ticket.contact, ticket.contact_match_key) == ("", "", "")
    assert (ticket.agent, ticket.address) == ("", None)
    assert (ticket.contact_limit_key, ticket.identifier_key) == (CLAIMANT, "someone@example.org")


def test_what_was_emptied_is_not_emptied_again():
    _make_ended(S.EXPIRED, days=7)
    retention.prune()

    assert retention.prune() == 0


def test_what_ended_lately_is_kept():
    _make_ended(S.EXPIRED, days=6)

    assert retention.prune() == 0
    assert RecoveryTicket.objects.get().contact == CLAIMANT


@pytest.mark.parametrize("state", [S.AWAITING_PROOF, S.ON_HOLD, S.IN_REVIEW])
def test_what_still_lives_is_kept(state):
    _make_ended(state, days=40)

    assert retention.prune() == 0


def test_what_was_stopped_is_kept_as_long_as_if_nobody_had():
    now = timezone.now()
    stopped = _make_ended(S.CANCELLED, days=8, expires_at=now - timedelta(days=6))

    assert retention.prune() == 0

    RecoveryTicket.objects.filter(pk=stopped.pk).update(expires_at=now - timedelta(days=7))
    assert retention.prune() == 1


def test_what_the_claimant_withdrew_is_forgotten_a_week_later():
    later = timezone.now() + timedelta(days=1)
    _make_ended(S.CANCELLED, days=7, expires_at=later, cancel_cause=CancelCause.WITHDRAWN)

    assert retention.prune() == 1


def test_freezes_that_are_over_are_removed():
    user = make_user()
    ticket = make_ticket(user)
    now = timezone.now()
    for until in (now - timedelta(seconds=1), now + timedelta(days=1)):
        ClaimFreeze.objects.create(user=user, ticket=ticket, key="network:x", until=until)

    retention.prune()

    assert ClaimFreeze.objects.get().until > now


def test_one_run_empties_no_more_than_it_is_told_to():
    for _ in range(3):
        _make_ended(S.EXPIRED, days=7)

    assert retention.prune(limit=2) == 2


def _make_ended(state, *, days, **fields):
    moved_at = timezone.now() - timedelta(days=days)
    values = {"moved_at": moved_at, "agent": "Firefox", "address": "203.0.113.9"}
    return make_ticket(make_user(), state=state, contact=CLAIMANT, **values | fields)
