from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Contact, User, UserSession
from accounts.tests.factories import make_user
from acsr_site.demo import let_time_pass
from activity.models import AuditEntry
from activity.services import audit
from outbox.models import Message
from outbox.services import delivery
from outbox.services.queue import queue_message
from recovery.enums import TicketState
from recovery.models import Notice, RecoveryTicket
from recovery.services import expiry, holds, notices
from recovery.tests.factories import make_ticket

HOUR = 3600  # seconds
SOON = timedelta(minutes=20)


def age_of(row, name):
    """Give how much a time of a row moves back, in whole seconds, since it was read."""
    before = getattr(row, name)
    row.refresh_from_db()
    return round((before - getattr(row, name)).total_seconds())


def test_an_hour_makes_rows_of_every_app_an_hour_older(loaded):
    rows = [
        (User.objects.get(first_name="Maria"), "created_at"),
        (Contact.objects.first(), "verified_at"),
        (RecoveryTicket.objects.filter(state=TicketState.ON_HOLD).first(), "decided_at"),
        (Notice.objects.first(), "due_at"),
        (Message.objects.first(), "created_at"),
    ]

    let_time_pass(HOUR)

    assert [age_of(row, name) for row, name in rows] == [HOUR] * len(rows)


def test_what_has_no_time_still_has_none(loaded):
    never = RecoveryTicket.objects.filter(completed_at=None).count()

    let_time_pass(HOUR)

    assert RecoveryTicket.objects.filter(completed_at=None).count() == never


def test_the_chain_stays_whole_and_people_stay_signed_in(loaded):
    session = UserSession.objects.first()
    entry = AuditEntry.objects.first()

    let_time_pass(24 * HOUR)

    assert audit.verify() == []
    assert (age_of(session, "expire_date"), age_of(entry, "at")) == (0, 0)


def test_what_a_worker_holds_stays_in_its_hands(db):
    until = timezone.now() + timedelta(minutes=2)
    message = queue_message("recovery.names", address="a@example.org")
    Message.objects.update(claimed_until=until)

    let_time_pass(HOUR)

    message.refresh_from_db()
    assert message.claimed_until == until


def test_the_next_due_thing_of_the_demo_is_the_wait_that_ends_in_20_minutes(loaded):
    notices.send_due()
    waiting = RecoveryTicket.objects.filter(state=TicketState.ON_HOLD, hold_from__isnull=False)
    ticket = waiting.earliest("hold_until")

    let_time_pass(None)

    assert holds.release_due() == 1
    ticket.refresh_from_db()
    assert ticket.state == TicketState.APPROVED


def test_the_claimant_hears_that_the_wait_is_over(db, mailoutbox, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    now = timezone.now()
    make_ticket(
        make_user(),
        state=TicketState.ON_HOLD,
        contact="claimant@example.net",
        hold_from=now - timedelta(days=1),
        hold_until=now + SOON,
    )

    let_time_pass(None)
    holds.release_due()
    notices.send_due()
    delivery.deliver_due()

    assert ["claimant@example.net"] in [mail.to for mail in mailoutbox]


def test_a_wait_that_is_contested_stands_still(db):
    now = timezone.now()
    make_ticket(
        make_user(),
        state=TicketState.ON_HOLD,
        hold_from=now,
        hold_until=now + SOON,
        contested_at=now,
    )

    let_time_pass(None)

    # What came next was the end of the ticket's life, in seven days.
    assert (holds.release_due(), expiry.expire_due()) == (0, 1)


@pytest.mark.parametrize("state", [TicketState.DENIED, TicketState.CANCELLED])
def test_the_next_due_thing_may_be_an_answer(db, state):
    ticket = make_ticket(make_user(), state=state, answer_at=timezone.now() + SOON)

    let_time_pass(None)

    ticket.refresh_from_db()
    assert timezone.now() - timedelta(seconds=5) < ticket.answer_at < timezone.now()


def test_where_nothing_is_due_nothing_moves(db):
    user = make_user()

    let_time_pass(None)

    assert age_of(user, "created_at") == 0
