"""The break-glass command, run where it must change nothing."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from accounts.tests.factories import make_contact
from activity.models import SecurityEvent
from recovery.enums import NoticeKind, Outcome, TicketState, Verdict
from recovery.errors import NotReady
from recovery.models import Notice, RecoveryTicket
from recovery.services import break_glass
from recovery.tests.deciding import read
from recovery.tests.staff import make_reviewed, make_staff, make_vote

pytestmark = pytest.mark.django_db


def make_approved(**fields):
    """Give a request that two superusers approved, in its hour; they take a young contact away."""
    now = timezone.now()
    owner = make_staff()
    young = make_contact(owner, "thief@example.net", verified_at=now)
    values = {
        "outcome": Outcome.SUPERUSERS,
        "hold_length": timedelta(0),
        "verdict": Verdict.APPROVE,
        "effect_at": now - timedelta(minutes=5),
        "carry_out_until": now + timedelta(minutes=55),
    }
    ticket = make_reviewed(owner, **values | fields)
    for _ in range(2):
        make_vote(ticket, make_staff(is_superuser=True), suspended_contacts=[young.pk])
    Notice.objects.create(ticket=ticket, kind=NoticeKind.APPROVED, settled_at=now)
    return ticket


def carry_out(ticket):
    return break_glass.carry_out(ticket.reference, command="test")


def test_second_run_takes_nothing_back():
    ticket = make_approved()
    carry_out(ticket)
    before = RecoveryTicket.objects.filter(pk=ticket.pk).values().get()
    events = SecurityEvent.objects.count()

    with pytest.raises(NotReady):
        carry_out(ticket)

    assert RecoveryTicket.objects.filter(pk=ticket.pk).values().get() == before
    assert not ticket.votes.exclude(voided_at=None).exists()
    assert SecurityEvent.objects.count() == events


@pytest.mark.parametrize("state", [TicketState.ON_HOLD, TicketState.APPROVED])
def test_request_of_an_ordinary_account_is_left_alone(state):
    ticket = make_approved(outcome=Outcome.REVIEW, carry_out_until=None)
    RecoveryTicket.objects.filter(pk=ticket.pk).update(state=state, decided_at=timezone.now())
    User.objects.filter(pk=ticket.user_id).update(epoch=ticket.epoch + 1)

    with pytest.raises(NotReady):
        carry_out(ticket)

    assert (read(ticket).state, read(ticket).contested_at) == (state, None)
    assert not ticket.votes.exclude(voided_at=None).exists()


def test_account_that_changed_in_the_hour_is_decided_anew():
    ticket = make_approved()
    User.objects.filter(pk=ticket.user_id).update(epoch=ticket.epoch + 1)

    with pytest.raises(NotReady):
        carry_out(ticket)

    assert (read(ticket).state, read(ticket).contested_reason) == ("in_review", "epoch_changed")
    assert not ticket.votes.filter(voided_at=None).exists()


def test_wait_that_superusers_chose_is_served():
    ticket = make_approved(hold_length=timedelta(days=14), contested_at=timezone.now())

    carry_out(ticket)

    held = read(ticket)
    assert (held.state, held.hold_length) == (TicketState.ON_HOLD, timedelta(days=14))
    assert held.epoch == User.objects.get(pk=ticket.user_id).epoch
    kinds = Notice.objects.filter(ticket=ticket).values_list("kind", flat=True)
    assert set(kinds) == {NoticeKind.APPROVED, NoticeKind.HELD}
    with pytest.raises(NotReady):
        carry_out(ticket)
    assert read(ticket).state == TicketState.ON_HOLD
