import logging
import threading
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from outbox import policy
from outbox.models import Message
from outbox.services import delivery
from outbox.signals import message_accepted
from outbox.tests.factories import ADDRESS, CODE, TOKEN, make_code, make_message
from vault import keyring

pytestmark = pytest.mark.django_db

A_TICK = timedelta(seconds=1)


@pytest.mark.django_db(transaction=True)
def test_of_two_workers_one_sends(mail_server):
    mail_server.answers["DATA"] = 0.3
    messages = [make_code() for _ in range(3)]
    gate = threading.Barrier(4)

    def work():
        gate.wait()
        for message in messages:
            delivery.deliver(message.pk)
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(mail_server.mails) == 3
    assert set(Message.objects.values_list("state", "attempts")) == {("accepted", 1)}


@pytest.mark.django_db(transaction=True)
def test_nothing_is_locked_while_a_message_is_sent(mail_server):
    mail_server.answers["DATA"] = 1.0
    message, other = make_code(), make_code()
    worker = threading.Thread(target=lambda: (delivery.deliver(message.pk), connection.close()))
    worker.start()

    with time_machine.travel(timezone.now(), tick=True):
        started = timezone.now()
        changed = Message.objects.filter(pk=other.pk).update(language="de")
        took = timezone.now() - started
    worker.join()

    assert changed == 1
    assert took < timedelta(seconds=0.7)


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_between_send_and_settle_costs_one_duplicate(mail_server):
    message = make_code()

    def die(**kwargs):
        message_accepted.disconnect(die)
        raise SystemExit

    message_accepted.connect(die, weak=False)
    with pytest.raises(SystemExit):
        delivery.deliver(message.pk)
    left_behind = Message.objects.get()
    delivery.deliver_due()
    during_lease = len(mail_server.mails)
    with time_machine.travel(timezone.now() + policy.LEASE + A_TICK):
        delivery.deliver_due()
        delivery.deliver_due()

    assert (left_behind.state, left_behind.attempts) == ("waiting", 1)
    assert during_lease == 1
    assert len(mail_server.mails) == 2
    assert mail_server.mails[0]["Message-ID"] == mail_server.mails[1]["Message-ID"]
    assert Message.objects.get().state == "accepted"


def test_a_slow_worker_does_not_undo_what_another_one_settled(mail_server):
    message = make_code()
    now = timezone.now()
    slow = delivery._claim(message.pk, now - policy.LEASE - A_TICK)
    assert slow is None  # not due then
    Message.objects.update(due_at=now - timedelta(hours=1))
    slow = delivery._claim(message.pk, now - policy.LEASE - A_TICK)

    delivery.deliver(message.pk)
    delivery._put_off(slow, delivery.errors.AskedToWait("421"))

    assert Message.objects.get().state == "accepted"


def test_a_slow_worker_does_not_give_up_what_another_one_is_sending(mail_server):
    message = make_code(due_at=timezone.now() - timedelta(hours=1))
    slow = delivery._claim(message.pk, timezone.now() - policy.LEASE - A_TICK)
    quick = delivery._claim(message.pk, timezone.now())

    delivery._settle(slow, delivery.MessageState.ABANDONED, reason="mailbox_unknown")
    delivery._put_off(slow, delivery.errors.AskedToWait("421"))

    row = Message.objects.get()
    assert (row.state, row.claimed_until) == ("waiting", quick.claimed_until)


def test_a_sweep_does_not_wait_for_a_dead_server_once_for_each_message(no_mail_server, gateway):
    for _ in range(5):
        make_code()
    make_message(channel="sms", address="+4917012345678")

    tried = delivery.deliver_due()

    assert tried == 2
    assert len(gateway.posted) == 1
    assert list(Message.objects.order_by("-attempts").values_list("attempts", flat=True)) == [
        1,
        1,
        0,
        0,
        0,
        0,
    ]


def test_a_refused_message_does_not_hold_up_the_next(mail_server):
    mail_server.answers["RCPT"] = "550 5.1.1 No such user"
    messages = [make_code() for _ in range(3)]

    assert delivery.deliver_due() == 3
    assert Message.objects.filter(state="abandoned").count() == len(messages)


def test_a_message_without_templates_is_put_off_and_does_not_stop_the_sweep(mail_server, caplog):
    broken = make_message(kind="nobody.wrote_this", secrets={"link": TOKEN})
    make_code()

    delivery.deliver_due()

    broken.refresh_from_db()
    assert (broken.state, broken.reason) == ("deferred", "not_rendered")
    assert [mail["X-Message-Kind"] for mail in mail_server.mails] == ["recovery.code"]
    assert [r.fault for r in caplog.records if r.msg == "message_fault"] == ["TemplateDoesNotExist"]


def test_a_message_survives_a_rotation_of_the_keys(mail_server, settings):
    settings.SECRET_KEY = "first-secret"
    message = make_code()

    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "second-secret", ["first-secret"]
    delivery.deliver(message.pk)

    assert CODE in mail_server.text()


def test_a_message_whose_key_is_missing_waits_for_the_operator(mail_server, settings):
    settings.SECRET_KEY = "first-secret"
    message = make_code()
    name = keyring.current_name()
    settings.SECRET_KEY = "second-secret"

    delivery.deliver_due()
    put_off = Message.objects.defer("secrets").get()
    settings.SECRET_KEY_FALLBACKS = ["first-secret"]
    with time_machine.travel(put_off.due_at + A_TICK):
        delivery.deliver_due()

    assert (put_off.state, put_off.reason) == ("deferred", "secrets_unreadable")
    assert name not in put_off.reply
    assert Message.objects.get(pk=message.pk).state == "accepted"


def test_no_log_line_shows_an_address_a_code_or_a_link(mail_server, caplog):
    caplog.set_level(logging.DEBUG)
    link = f"http://127.0.0.1:8000/acsr/stop/{TOKEN}/"
    for answer in ["250 Ok", f"550 5.1.1 <{ADDRESS}> unknown", f"451 {ADDRESS} later {CODE}"]:
        mail_server.answers["RCPT"] = answer
        make_code()
        make_message(kind="recovery.notice:opened", secrets={"link": link})
        make_message(kind="nobody.wrote_this", secrets={"link": link})
        delivery.deliver_due()

    ours = [record for record in caplog.records if record.name.startswith("outbox")]
    written = "\n".join(f"{vars(record)}" for record in ours)
    assert len(ours) >= 9
    for secret in (ADDRESS, "maria", CODE, TOKEN):
        assert secret not in written
    kept = "\n".join(Message.objects.values_list("reply", flat=True))
    assert "maria" not in kept
    assert CODE not in kept
