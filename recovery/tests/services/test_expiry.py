"""What runs out, and what only has to be shown again."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.tests.factories import make_user
from activity.enums import EventKind
from activity.models import SecurityEvent
from outbox.models import Message
from recovery.enums import TicketState
from recovery.models import RecoveryTicket
from recovery.services import expiry, notices
from recovery.tests.factories import make_ticket
from recovery.tests.staff import make_evidence

S = TicketState
pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("state", "event"),
    [
        (S.AWAITING_CODE, EventKind.TICKET_CODE_EXPIRED),
        (S.AWAITING_PROOF, EventKind.TICKET_EXPIRED),
        (S.EVALUATING, EventKind.TICKET_EXPIRED),
        (S.IN_REVIEW, EventKind.TICKET_EXPIRED),
        (S.ON_HOLD, EventKind.TICKET_EXPIRED),
    ],
)
def test_what_has_run_out_ends_and_is_recorded(state, event):
    user = make_user()
    ticket = _make_run_out(user, state=state)

    assert expiry.expire_due() == 1
    ticket.refresh_from_db()
    assert ticket.state == S.EXPIRED
    assert list(SecurityEvent.objects.values_list("user", "kind")) == [(user.pk, event)]


def test_an_unknown_account_runs_out_too():
    _make_run_out(None, state=S.AWAITING_PROOF)

    assert expiry.expire_due() == 1


def test_an_approval_whose_proofs_lapsed_is_asked_for_them_again():
    ticket = _make_run_out(make_user(), state=S.APPROVED)

    assert expiry.expire_due() == 0
    ticket.refresh_from_db()
    assert ticket.state == S.AWAITING_PROOF
    assert ticket.expires_at > timezone.now() + timedelta(days=6)


def test_an_invitation_after_a_wait_runs_out():
    now = timezone.now()
    wait = {"hold_from": now - timedelta(days=9), "hold_until": now - timedelta(days=8)}
    ticket = _make_run_out(make_user(), state=S.APPROVED, **wait)

    assert expiry.expire_due() == 1
    ticket.refresh_from_db()
    assert ticket.state == S.EXPIRED


@pytest.mark.parametrize("state", [S.COMPLETED, S.DENIED, S.CANCELLED, S.EXPIRED])
def test_what_has_ended_stays_as_it_is(state):
    _make_run_out(make_user(), state=state)

    assert expiry.expire_due() == 0
    assert RecoveryTicket.objects.get().state == state


def test_what_still_lives_goes_on():
    make_ticket(state=S.AWAITING_PROOF)

    assert expiry.expire_due() == 0
    assert RecoveryTicket.objects.get().state == S.AWAITING_PROOF


@pytest.mark.parametrize("user", [make_user, lambda: None], ids=["known", "unknown"])
@pytest.mark.parametrize("state", [S.IN_REVIEW, S.EVALUATING])
def test_whoever_was_told_to_wait_for_an_answer_hears_that_none_came(user, state):
    ticket = _make_run_out(user(), state=state)
    make_evidence(ticket)

    expiry.expire_due()
    notices.send_due()

    message = Message.objects.get(address=ticket.contact)
    assert (message.kind, message.context["told"]) == ("recovery.refused", [])


@pytest.mark.parametrize("state", [S.AWAITING_CODE, S.AWAITING_PROOF, S.ON_HOLD])
def test_whoever_let_their_own_time_pass_hears_nothing(state):
    _make_run_out(make_user(), state=state)

    expiry.expire_due()
    notices.send_due()

    assert not Message.objects.exists()


def _make_run_out(user, **fields):
    return make_ticket(user, expires_at=timezone.now() - timedelta(seconds=1), **fields)
