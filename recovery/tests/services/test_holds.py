"""Waiting periods: when they start, what is told meanwhile, and when they end."""

from datetime import timedelta
from itertools import pairwise

import pytest
from django.utils import timezone

from accounts.models import User
from accounts.services import sessions
from accounts.tests.factories import make_client, make_contact, make_user
from accounts.tests.threads import run_at_once
from activity.enums import EventKind
from activity.models import SecurityEvent
from outbox.enums import MessageState
from outbox.models import Message
from recovery import policy
from recovery.enums import NoticeKind, TicketState
from recovery.errors import DeadLink
from recovery.models import Notice, RecoveryTicket
from recovery.services import decisions, holds, notices, objections
from recovery.tests.factories import make_link, make_ticket

S = TicketState
PHONE = "+4915112345678"
pytestmark = pytest.mark.django_db


@pytest.fixture
def maria():
    return make_user(email="maria@example.org")


@pytest.fixture
def held(maria):
    """Give a wait of three days whose first notice was fanned out and not delivered yet."""
    ticket = make_ticket(maria, state=S.ON_HOLD, hold_length=timedelta(days=3))
    notices.plan_wait(ticket, due_at=timezone.now())
    notices.send_due()
    return ticket


@pytest.fixture
def due(maria):
    """Give a wait that is over."""
    return _due(maria)


def test_a_wait_does_not_start_before_its_notice_is_handed_over(held):
    assert holds.start_due() == 0
    assert RecoveryTicket.objects.get().hold_from is None


def test_a_wait_starts_when_its_notice_was_handed_over(held, deliver):
    deliver()

    assert holds.start_due() == 1
    held.refresh_from_db()
    assert held.hold_from == Message.objects.get(kind="recovery.notice:held").settled_at
    assert held.hold_until - held.hold_from >= held.hold_length


def test_a_wait_starts_once(held, deliver):
    deliver()
    holds.start_due()

    assert holds.start_due() == 0


def test_a_wait_is_not_started_before_the_worker_has_fanned_out(maria):
    ticket = make_ticket(maria, state=S.ON_HOLD)
    notices.plan_wait(ticket, due_at=timezone.now())

    assert holds.start_due() == 0
    assert RecoveryTicket.objects.get().state == S.ON_HOLD


def test_every_channel_must_have_been_told(maria):
    make_contact(maria, PHONE)
    ticket = make_ticket(maria, state=S.ON_HOLD)
    notices.plan_wait(ticket, due_at=timezone.now())
    notices.send_due()
    _settle(MessageState.ACCEPTED, channel="email")

    assert holds.start_due() == 0

    _settle(MessageState.ACCEPTED, channel="sms")
    assert holds.start_due() == 1


def test_one_address_of_a_channel_is_enough_for_that_channel(maria):
    make_contact(maria, "other@example.net")
    ticket = make_ticket(maria, state=S.ON_HOLD)
    notices.plan_wait(ticket, due_at=timezone.now())
    notices.send_due()
    _settle(MessageState.ACCEPTED, address="maria@example.org")

    assert holds.start_due() == 1


def test_a_channel_that_failed_for_good_holds_nothing_up(maria):
    make_contact(maria, PHONE)
    ticket = make_ticket(maria, state=S.ON_HOLD)
    notices.plan_wait(ticket, due_at=timezone.now())
    notices.send_due()
    _settle(MessageState.ACCEPTED, channel="email")
    _settle(MessageState.ABANDONED, channel="sms")

    assert holds.start_due() == 1


def test_a_wait_that_nobody_could_hear_of_goes_to_people(held):
    _settle(MessageState.ABANDONED)

    assert holds.start_due() == 0
    held.refresh_from_db()
    assert (held.state, held.contested_reason) == (S.IN_REVIEW, "nobody_reachable")
    assert SecurityEvent.objects.get().kind == EventKind.TICKET_CONTESTED


@pytest.mark.parametrize(("decided", "waited"), [(3, 14), (14, 14), (21, 21)])
def test_what_people_decided_and_nobody_could_hear_of_waits_for_fourteen_days(
    maria, decided, waited
):
    length = timedelta(days=decided)
    ticket = make_ticket(maria, state=S.ON_HOLD, people=2, hold_length=length)
    notices.plan_wait(ticket, due_at=timezone.now())
    notices.send_due()
    _settle(MessageState.ABANDONED)

    assert holds.start_due() == 1

    ticket.refresh_from_db()
    assert (ticket.state, ticket.contested_at) == (S.ON_HOLD, None)
    left = ticket.hold_until - timezone.now()
    assert timedelta(days=waited, minutes=-1) < left < timedelta(days=waited + 1)


def test_what_people_decided_and_one_contact_heard_of_waits_as_they_said(maria, deliver):
    length = timedelta(days=3)
    ticket = make_ticket(maria, state=S.ON_HOLD, people=2, hold_length=length)
    notices.plan_wait(ticket, due_at=timezone.now())
    notices.send_due()
    deliver()

    holds.start_due()

    ticket.refresh_from_db()
    assert ticket.hold_until - timezone.now() < timedelta(days=4)


def test_an_account_whose_only_contact_is_the_claimants_goes_to_people(maria):
    ticket = make_ticket(maria, state=S.ON_HOLD, contact="maria@example.org")
    notices.plan_wait(ticket, due_at=timezone.now())
    notices.send_due()

    holds.start_due()

    assert RecoveryTicket.objects.get().contested_reason == "nobody_reachable"


def test_the_claimant_hears_of_the_wait_when_it_began_with_its_true_end(held, deliver):
    assert not Message.objects.filter(kind="recovery.held").exists()
    deliver()

    holds.start_due()

    held.refresh_from_db()
    told = Message.objects.get(kind="recovery.held")
    assert (told.address, told.context["hold_until_at"]) == (
        held.contact,
        held.hold_until.isoformat(),
    )


@pytest.mark.parametrize("days", [1, 3, 7, 14])
def test_later_notices_are_ten_hours_apart_at_least(maria, days, deliver):
    ticket = make_ticket(maria, state=S.ON_HOLD, hold_length=timedelta(days=days))
    notices.plan_wait(ticket, due_at=timezone.now())
    notices.send_due()
    deliver()
    holds.start_due()
    ticket.refresh_from_db()

    due = list(Notice.objects.exclude(kind=NoticeKind.HELD).order_by("due_at"))
    times = [ticket.hold_from, *[notice.due_at for notice in due], ticket.hold_until]
    gaps = [later - former for former, later in pairwise(times)]

    assert min(gaps) >= policy.HOLD_NOTICES_APART
    if days > 1:
        assert [notice.kind for notice in due] == [NoticeKind.HALFWAY, NoticeKind.LAST_DAY]
        assert ticket.hold_until - due[1].due_at == policy.HOLD_LAST_NOTICE


def test_a_wait_that_is_over_is_approved_and_told(due):
    assert holds.release_due() == 1
    due.refresh_from_db()
    assert due.state == S.APPROVED
    left = due.expires_at - timezone.now()
    assert timedelta(days=6, hours=23) < left <= policy.INVITATION_LIVES
    assert list(Notice.objects.values_list("kind", flat=True)) == [NoticeKind.RELEASED]


def test_a_wait_is_not_released_early(maria):
    _due(maria, hold_until=timezone.now() + timedelta(minutes=1))

    assert (holds.release_due(), holds.count_due()) == (0, 0)


def test_a_wrong_clock_of_the_application_releases_nothing(maria, monkeypatch):
    until = timezone.now() + timedelta(hours=1)
    ticket = _due(maria, hold_until=until)
    ahead = timezone.now() + timedelta(days=2)
    monkeypatch.setattr("django.utils.timezone.now", lambda: ahead)

    released = holds.release_due()

    ticket.refresh_from_db()
    assert (released, ticket.state) == (0, S.ON_HOLD)


def test_a_wait_that_has_not_begun_is_not_released(held):
    assert holds.release_due() == 0


def test_a_notice_that_is_due_goes_out_before_the_release(due):
    Notice.objects.create(ticket=due, kind=NoticeKind.LAST_DAY, due_at=timezone.now())

    assert holds.release_due() == 0

    notices.send_due()
    assert holds.release_due() == 1


def test_a_contested_wait_is_not_released(maria):
    _due(maria, contested_at=timezone.now())

    assert holds.release_due() == 0


def test_an_account_that_changed_meanwhile_asks_for_the_proofs_again(due):
    sessions.raise_epoch(due.user)

    assert holds.release_due() == 0
    due.refresh_from_db()
    assert (due.state, due.hold_until) == (S.AWAITING_PROOF, None)
    assert not Notice.objects.exists()


def test_an_account_that_was_disabled_meanwhile_is_not_approved(due):
    User.objects.update(is_active=False)

    assert holds.release_due() == 0
    assert RecoveryTicket.objects.get().state == S.ON_HOLD


def test_a_second_wait_is_not_shortened_by_the_first(maria, deliver):
    ticket = make_ticket(maria, state=S.ON_HOLD, hold_length=timedelta(days=3))
    notices.plan_wait(ticket, due_at=timezone.now())
    notices.send_due()
    deliver()
    Message.objects.update(settled_at=timezone.now() - timedelta(days=4))
    notices.plan_wait(ticket, due_at=timezone.now())

    assert holds.start_due() == 0

    notices.send_due()
    deliver()
    holds.start_due()
    ticket.refresh_from_db()
    assert ticket.hold_from > timezone.now() - timedelta(minutes=1)
    assert Message.objects.filter(kind="recovery.notice:held").count() == 2


def test_a_ticket_that_moved_meanwhile_stops_no_other(maria, held):
    stale = RecoveryTicket.objects.get(pk=held.pk)
    _settle(MessageState.ABANDONED)
    decisions.contest(held, "objection")

    assert holds._start(stale) == 0
    held.refresh_from_db()
    assert held.contested_reason == "objection"


@pytest.mark.django_db(transaction=True)
def test_two_releases_at_once_give_one_approval_and_one_notice():
    _due(make_user())

    results = run_at_once(2, lambda _number: holds.release_due())

    assert sorted(results) == [0, 1]
    assert Notice.objects.filter(kind=NoticeKind.RELEASED).count() == 1
    assert SecurityEvent.objects.filter(kind=EventKind.TICKET_APPROVED).count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("_attempt", range(3))
def test_a_release_and_a_stop_at_once_leave_the_request_stopped(_attempt):
    user = make_user()
    ticket = _due(user)
    link = objections.find_link(make_link(ticket, user.contacts.get()))
    acts = [holds.release_due, lambda: objections.stop(link, client=make_client())]

    results = run_at_once(2, lambda number: acts[number]())

    # Either the stop came first, or it stopped what had just been approved.
    assert not any(isinstance(result, DeadLink) for result in results)
    assert RecoveryTicket.objects.get().state == S.CANCELLED


def _due(user, **fields):
    now = timezone.now()
    values = {"hold_from": now - policy.DAY, "hold_until": now - timedelta(minutes=1)}
    return make_ticket(user, state=S.ON_HOLD, **values | fields)


def _settle(state, **which):
    rows = Message.objects.filter(kind="recovery.notice:held", **which)
    rows.update(state=state, settled_at=timezone.now(), secrets=None)
