import logging
import threading
import time

import celery
import pytest
from celery import Celery
from django.db import connection, transaction
from django.utils import timezone

from outbox import errors, policy
from outbox.models import Message
from outbox.services import queue
from outbox.services.queue import queue_message
from outbox.tests.conftest import free_port
from outbox.tests.factories import ADDRESS, CODE

pytestmark = pytest.mark.django_db


@pytest.fixture
def published(settings, tmp_path):
    """Give a function that lists what a real broker, a folder of this test, was given."""
    settings.PUBLISH_HINTS = True
    yield from _current_app("filesystem://", folder=tmp_path)


@pytest.fixture
def dead_broker(settings, request):
    settings.PUBLISH_HINTS = True
    yield from _current_app(request.param.format(port=free_port()))


def _current_app(url, folder=None):
    before = celery.current_app._get_current_object()
    app = Celery("probe", broker=url, set_as_current=False)
    app.conf.broker_transport_options = {"max_retries": 1, "interval_start": 0, "interval_max": 0}
    if folder is not None:
        app.conf.broker_transport_options = {
            "data_folder_in": str(folder),
            "data_folder_out": str(folder),
            "control_folder": str(folder / "control"),
        }
    app.set_current()
    queue.broker.resume()
    yield lambda: [path.name for path in folder.glob("*.msg")] if folder else []
    queue.broker.resume()
    before.set_current()
    app.close()


def test_a_queued_message_is_a_row_that_is_due_now():
    message = queue_message("recovery.code", address=ADDRESS, queue="codes", language="de")

    row = Message.objects.get()
    assert row == message
    assert (row.kind, row.address, row.queue) == ("recovery.code", ADDRESS, "codes")
    assert (row.state, row.channel, row.language) == ("waiting", "email", "de")
    assert row.due_at <= timezone.now()
    assert row.secrets is None
    assert row.carries_secrets is False


def test_secrets_are_encrypted_in_the_table():
    message = queue_message("recovery.code", address=ADDRESS, secrets={"code": CODE})

    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM outbox_message WHERE id = %s", [message.pk])
        row = cursor.fetchone()
    assert CODE not in repr(row)
    assert Message.objects.get().secrets == {"code": CODE}
    assert Message.objects.get().carries_secrets is True


def test_times_in_the_context_are_kept_as_text():
    now = timezone.now()

    message = queue_message(
        "recovery.requests", address=ADDRESS, context={"requests": [{"opened_at": now}]}
    )

    assert message.context == {"requests": [{"opened_at": now.isoformat()}]}


def test_a_row_goes_with_the_transaction_of_its_cause():
    with transaction.atomic():
        queue_message("recovery.code", address=ADDRESS)
        transaction.set_rollback(True)

    assert Message.objects.count() == 0


def test_what_has_a_dedupe_key_is_queued_once():
    first = queue_message("recovery.notice:opened", address=ADDRESS, dedupe_key="7:1")
    again = queue_message("recovery.notice:opened", address=ADDRESS, dedupe_key="7:1")
    other = queue_message("recovery.notice:opened", address=ADDRESS, dedupe_key="7:2")

    assert again is None
    assert list(Message.objects.order_by("pk")) == [first, other]


@pytest.mark.django_db(transaction=True)
def test_two_workers_that_fan_out_the_same_notice_queue_it_once():
    gate = threading.Barrier(2)

    def fan_out():
        gate.wait()
        queue_message("recovery.notice:opened", address=ADDRESS, dedupe_key="7:1")
        connection.close()

    threads = [threading.Thread(target=fan_out) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert Message.objects.count() == 1


@pytest.mark.parametrize(
    "address",
    [
        "",
        "maria",
        "maria@example.org,thief@example.org",
        "maria@example.org;thief@example.org",
        "maria@example.org thief@example.org",
        "maria@example.org\nBcc: thief@example.org",
        "maria@example.org\r\n",
        "Maria <maria@example.org>",
        "maria@thief.example@example.org",
        '"a b"@example.org',
        "maria@exämple.org",
        "mаria@example.org",  # noqa: RUF001 - a Cyrillic letter
        "m" * 300 + "@example.org",
        "+4917012345678",
    ],
)
def test_what_is_not_one_plain_address_is_refused(address):
    with pytest.raises(errors.AddressNotAllowed):
        queue_message("recovery.code", address=address)

    assert Message.objects.count() == 0


@pytest.mark.parametrize("address", ["o'neil+x@example.org", "a.b-c_d@xn--exmple-cua.org"])
def test_unusual_plain_addresses_are_taken(address):
    assert queue_message("recovery.code", address=address).address == address


@pytest.mark.parametrize("number", ["4917012345678", "+49 170", "+1,+2", "maria@example.org", ""])
def test_what_is_not_one_phone_number_is_refused(number):
    with pytest.raises(errors.AddressNotAllowed):
        queue_message("recovery.contact_code", address=number, channel="sms")


def test_a_worker_is_told_after_the_commit_and_of_the_id_alone(
    published, django_capture_on_commit_callbacks, tmp_path
):
    with django_capture_on_commit_callbacks() as callbacks:
        queue_message("recovery.code", address=ADDRESS, queue="codes", secrets={"code": CODE})
    before_commit = published()
    for callback in callbacks:
        callback()

    [name] = published()
    content = (tmp_path / name).read_text()
    assert before_commit == []
    assert name.endswith("codes.msg")
    assert "outbox.deliver_message" in content
    assert CODE not in content
    assert ADDRESS not in content


def test_what_is_due_later_wakes_nobody(published, django_capture_on_commit_callbacks):
    later = timezone.now() + policy.LEASE

    with django_capture_on_commit_callbacks(execute=True):
        queue_message("recovery.code", address=ADDRESS, due_at=later)

    assert published() == []


def test_hints_can_be_switched_off(settings, django_capture_on_commit_callbacks):
    settings.PUBLISH_HINTS = False

    with django_capture_on_commit_callbacks() as callbacks:
        queue.wake("outbox.deliver_message", 1)

    assert callbacks == []


BROKERS = ["redis://127.0.0.1:{port}/0", "amqp://guest:s3cret@127.0.0.1:{port}//"]


@pytest.mark.parametrize("dead_broker", BROKERS, indirect=True)
def test_a_broker_that_is_gone_fails_no_request_and_is_asked_once_per_pause(
    dead_broker, django_capture_on_commit_callbacks, caplog
):
    caplog.set_level(logging.INFO)
    started = time.monotonic()

    with django_capture_on_commit_callbacks(execute=True):
        for _ in range(50):
            queue_message("recovery.code", address=ADDRESS)

    assert time.monotonic() - started < 1
    assert Message.objects.count() == 50
    failures = [record for record in caplog.records if record.msg == "broker_unreachable"]
    assert len(failures) == 1
    assert failures[0].task == "outbox.deliver_message"
    assert "s3cret" not in caplog.text


@pytest.mark.parametrize("dead_broker", BROKERS[:1], indirect=True)
def test_a_broker_is_tried_again_after_the_pause_by_one_thread(dead_broker):
    queue._publish("outbox.deliver_message", 1, "codes")
    queue.broker.silent_until = time.monotonic() - 1

    answers = [queue.broker.may_try(), queue.broker.may_try()]

    assert answers == [True, False]


def test_a_folder_that_cannot_be_written_fails_no_request(
    settings, tmp_path, django_capture_on_commit_callbacks, caplog
):
    settings.PUBLISH_HINTS = True
    (tmp_path / "file").write_text("where the folder should be")
    apps = _current_app("filesystem://", folder=tmp_path / "file")
    next(apps)

    with django_capture_on_commit_callbacks(execute=True):
        queue_message("recovery.code", address=ADDRESS)
    next(apps, None)

    ours = [record for record in caplog.records if record.name.startswith("outbox")]
    assert [record.msg for record in ours] == ["broker_unreachable"]


def test_a_broker_that_is_back_gets_every_hint_again(published, django_capture_on_commit_callbacks):
    queue.broker.pause()
    queue._publish("outbox.deliver_message", 1, "codes")
    while_paused = published()

    queue.broker.silent_until = time.monotonic() - 1
    for row_id in (1, 2, 3):
        queue._publish("outbox.deliver_message", row_id, "codes")

    assert while_paused == []
    assert len(published()) == 3
