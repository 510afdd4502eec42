from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from outbox import policy
from outbox.models import Message
from outbox.services import delivery
from outbox.signals import message_accepted
from outbox.tests.conftest import DROP
from outbox.tests.factories import ADDRESS, CODE, TOKEN, make_code, make_message

pytestmark = pytest.mark.django_db

A_TICK = timedelta(seconds=1)


@pytest.fixture
def accepted():
    """Give the list of (message, at) that the signal told of."""
    told = []

    def receive(sender, *, message, at, **kwargs):
        told.append((message.pk, at))

    message_accepted.connect(receive)
    yield told
    message_accepted.disconnect(receive)


def stored_secrets(message):
    """Give what the table itself holds."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT secrets FROM outbox_message WHERE id = %s", [message.pk])
        return cursor.fetchone()[0]


def test_a_due_message_is_sent_and_settled(mail_server, accepted):
    message = make_code()

    delivery.deliver(message.pk)

    message.refresh_from_db()
    assert mail_server.recipients == [[ADDRESS]]
    assert CODE in mail_server.text()
    assert (message.state, message.attempts, message.reason) == ("accepted", 1, "")
    assert message.claimed_until is None
    assert accepted == [(message.pk, message.settled_at)]


def test_the_secrets_are_gone_once_the_message_was_sent(mail_server):
    message = make_code()
    before = stored_secrets(message)

    delivery.deliver(message.pk)

    assert before is not None
    assert stored_secrets(message) is None


@pytest.mark.parametrize("answer", ["550 5.1.1 No such user", "554 5.7.1 Blocked"])
def test_the_secrets_are_gone_once_the_message_was_given_up(mail_server, accepted, answer):
    mail_server.answers["RCPT"] = answer
    message = make_code()

    delivery.deliver(message.pk)

    message.refresh_from_db()
    assert message.state == "abandoned"
    assert message.reply == answer
    assert stored_secrets(message) is None
    assert accepted == []


def test_a_settled_message_is_never_sent_again(mail_server):
    message = make_code()

    for _ in range(3):
        delivery.deliver(message.pk)
    delivery.deliver_due()

    assert len(mail_server.mails) == 1


def test_a_message_that_does_not_exist_is_no_error(mail_server):
    delivery.deliver(12345)

    assert mail_server.mails == []


def test_a_message_is_not_sent_before_it_is_due(mail_server):
    message = make_code(due_at=timezone.now() + timedelta(minutes=1))

    delivery.deliver(message.pk)
    delivery.deliver_due()

    assert mail_server.mails == []
    assert Message.objects.get().attempts == 0


@pytest.mark.parametrize("answer", ["421 4.3.2 Shutting down", "451 4.7.1 Greylisted", DROP])
def test_a_server_that_wants_to_wait_gets_the_code_later(mail_server, answer):
    message = make_code()
    mail_server.answers["RCPT"] = answer
    delivery.deliver(message.pk)
    deferred = Message.objects.get()
    mail_server.answers.clear()

    delivery.deliver_due()
    too_early = len(mail_server.mails)
    with time_machine.travel(deferred.due_at + A_TICK):
        delivery.deliver_due()

    assert (deferred.state, deferred.claimed_until) == ("deferred", None)
    assert deferred.secrets == {"code": CODE}
    assert too_early == 0
    assert CODE in mail_server.text()
    assert Message.objects.get().state == "accepted"


def test_a_code_is_tried_at_the_times_of_its_ladder_and_then_dropped(no_mail_server):
    waits = []

    with time_machine.travel(timezone.now(), tick=False) as clock:
        message = make_code()
        while Message.objects.get().state in {"waiting", "deferred"}:
            delivery.deliver(message.pk)
            due_at = Message.objects.get().due_at
            waits.append((due_at - timezone.now()).total_seconds())
            clock.move_to(max(due_at, timezone.now()))

    dropped = Message.objects.get()
    assert waits[:-1] == [15, 45, 120, 240, 360, 480, 480]
    assert (dropped.state, dropped.reason) == ("late", "server_unreachable")
    assert stored_secrets(message) is None


def test_a_code_whose_life_is_over_is_dropped_unsent(mail_server, accepted):
    message = make_code(expires_at=timezone.now() + timedelta(minutes=30))

    with time_machine.travel(timezone.now() + timedelta(minutes=31)):
        delivery.deliver_due()

    message.refresh_from_db()
    assert mail_server.mails == []
    assert message.state == "late"
    assert stored_secrets(message) is None
    assert accepted == []


def test_a_notice_is_tried_for_days_and_then_given_up(no_mail_server):
    message = make_message(kind="recovery.notice:opened", secrets={"link": TOKEN})
    started = timezone.now()

    with time_machine.travel(started, tick=False) as clock:
        while Message.objects.get().state in {"waiting", "deferred"}:
            delivery.deliver(message.pk)
            clock.move_to(max(Message.objects.get().due_at, timezone.now()))
        ended = timezone.now()

    given_up = Message.objects.get()
    assert (given_up.state, given_up.reason) == ("abandoned", "server_unreachable")
    assert policy.GIVE_UP_AFTER - timedelta(hours=5) < ended - started < policy.GIVE_UP_AFTER


def test_codes_are_sent_before_notices(mail_server):
    make_message(due_at=timezone.now() - timedelta(hours=1))
    make_code()

    tried = delivery.deliver_due()

    kinds = [mail["X-Message-Kind"] for mail in mail_server.mails]
    assert kinds == ["recovery.code", "activity.account_changed"]
    assert tried == 2


def test_a_sweep_stops_at_its_limit(mail_server):
    for _ in range(3):
        make_code()

    assert delivery.deliver_due(limit=2) == 2
    assert len(mail_server.mails) == 2


def test_a_text_message_goes_through_the_gateway(gateway):
    message = make_code(kind="recovery.contact_code", channel="sms", address="+4917012345678")

    delivery.deliver(message.pk)

    [posted] = gateway.posted
    assert posted["text"].endswith(CODE)
    assert Message.objects.get().state == "accepted"


def test_text_messages_are_given_up_where_the_site_sends_none(settings):
    settings.SMS_URL = ""
    message = make_code(kind="recovery.contact_code", channel="sms", address="+4917012345678")

    delivery.deliver(message.pk)

    row = Message.objects.get()
    assert (row.state, row.reason) == ("abandoned", "sms_off")
