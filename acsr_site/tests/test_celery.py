import time
from datetime import timedelta

import pytest
from kombu.exceptions import OperationalError

from acsr_site import celery
from outbox.enums import Queue


def test_every_task_of_the_schedule_exists():
    celery.app.loader.import_default_modules()

    scheduled = {line["task"] for line in celery.SCHEDULE.values()}

    assert scheduled - set(celery.app.tasks) == set()


def test_ticks_that_nobody_took_do_not_pile_up():
    late = [
        name
        for name, line in celery.SCHEDULE.items()
        if line["options"]["expires"] > line["schedule"]
    ]

    assert late == []


def test_every_queue_that_is_published_to_is_read():
    published = {line["options"]["queue"] for line in celery.SCHEDULE.values()} | set(Queue.values)

    assert published == set(celery.QUEUES)


def test_only_json_is_read_and_nothing_is_kept():
    conf = celery.app.conf

    assert (conf.accept_content, conf.task_ignore_result) == (["json"], True)
    assert conf.result_backend is None


@pytest.mark.parametrize("url", ["redis://127.0.0.1:1/0", "amqp://127.0.0.1:1//"])
def test_a_dead_broker_fails_fast(url, tmp_path):
    options = celery.transport_options(url, tmp_path)
    started = time.monotonic()

    with (
        celery.app.connection_for_write(url, transport_options=options) as broker,
        pytest.raises((OperationalError, ConnectionError)),
    ):
        celery.app.send_task("outbox.sweep", connection=broker, queue="codes")

    assert time.monotonic() - started < timedelta(seconds=3).total_seconds()


def test_the_embedded_broker_carries_a_hint_to_the_same_folder(tmp_path):
    options = celery.transport_options("filesystem://localhost", tmp_path)

    with celery.app.connection_for_write(
        "filesystem://localhost", transport_options=options
    ) as broker:
        celery.app.send_task("outbox.deliver_message", [7], connection=broker, queue="codes")
        got = broker.SimpleQueue("codes").get(block=True, timeout=2)

    assert got.payload[0] == [7]
