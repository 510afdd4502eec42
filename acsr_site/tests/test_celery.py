import queue
import time
from concurrent.futures import ThreadPoolExecutor
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


@pytest.fixture
def folder_broker(tmp_path):
    options = celery.transport_options("filesystem://localhost", tmp_path)
    with celery.app.connection_for_write(
        "filesystem://localhost", transport_options=options
    ) as broker:
        yield broker


def waiting_in(broker):
    found = {}
    for name in celery.QUEUES:
        try:
            found[name] = broker.SimpleQueue(name).get(block=False).payload[0]
        except queue.Empty:
            found[name] = None
    return found


def test_a_hint_comes_out_of_its_own_queue_and_no_other(folder_broker):
    celery.app.send_task("outbox.deliver_message", [7], connection=folder_broker, queue="codes")

    assert waiting_in(folder_broker) == {"codes": [7], "notices": None, "housekeeping": None}


def test_what_nobody_reads_leaves_no_file(folder_broker, tmp_path):
    celery.app.events.Dispatcher(folder_broker).send("worker-heartbeat")

    assert list((tmp_path / "broker").iterdir()) == []


def test_a_hint_comes_out_once(folder_broker):
    celery.app.send_task("outbox.deliver_message", [7], connection=folder_broker, queue="codes")
    waiting_in(folder_broker)

    assert set(waiting_in(folder_broker).values()) == {None}


def test_a_reader_never_sees_half_a_hint(folder_broker, tmp_path):
    """With kombu's own transport a reader finds the file before its text is in it."""
    options = celery.transport_options("filesystem://localhost", tmp_path)
    long_enough_to_be_caught, hints = "x" * 4_000_000, 8

    def publish():
        with celery.app.connection_for_write(
            "filesystem://localhost", transport_options=options
        ) as broker:
            for _ in range(hints):
                celery.app.send_task(
                    "outbox.sweep", [long_enough_to_be_caught], connection=broker, queue="codes"
                )

    with ThreadPoolExecutor(1) as pool:
        writer = pool.submit(publish)
        incoming = folder_broker.SimpleQueue("codes")
        lengths = [len(incoming.get(timeout=5).payload[0][0]) for _ in range(hints)]
        writer.result()

    assert lengths == [len(long_enough_to_be_caught)] * hints
