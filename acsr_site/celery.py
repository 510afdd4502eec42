"""The Celery application and its whole schedule.

A task is a hint that a row is due. Tasks may be lost or come twice: rows are claimed, and
the sweeps of ``SCHEDULE`` bring back what no task named.
"""

import os
from pathlib import Path
from typing import Any

from celery import Celery, signals
from django.conf import settings
from kombu import Exchange, Queue
from kombu.transport import TRANSPORT_ALIASES

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "acsr_site.settings")

TRANSPORT_ALIASES["filesystem"] = "acsr_site.broker:Transport"  # broker.py says why

QUEUES = ("codes", "notices", "housekeeping")
EMBEDDED_SCHEME = "filesystem://"


def every(seconds: int, task: str, *, queue: str = "housekeeping") -> dict[str, Any]:
    """Give one line of the schedule; a tick that waited a whole period is dropped."""
    return {"task": task, "schedule": seconds, "options": {"queue": queue, "expires": seconds}}


SCHEDULE = {
    "messages": every(5, "outbox.sweep", queue="codes"),
    "recovery notices": every(5, "recovery.send_due_notices", queue="notices"),
    "answers": every(5, "recovery.evaluate"),
    "account notices": every(5, "activity.send_due_notices", queue="notices"),
    "decisions": every(5, "recovery.carry_out"),
    "holds": every(15, "recovery.release_due_holds"),
    "sign-ins of all accounts": every(15, "activity.count_sign_ins"),
    "ticket ends": every(60, "recovery.expire_tickets"),
    "roll-backs": every(60, "accounts.settle_roll_backs"),
    "last sign-ins": every(3600, "accounts.note_sign_ins"),
    "old messages": every(3600, "outbox.prune"),
    "old account rows": every(3600, "accounts.prune"),
    "old events": every(3600, "activity.prune"),
    "old tickets": every(3600, "recovery.prune"),
}


def is_embedded(broker_url: str) -> bool:
    """Say whether the broker is a folder of this machine, read by one worker of threads."""
    return broker_url.startswith(EMBEDDED_SCHEME)


def transport_options(broker_url: str, data_dir: Path) -> dict[str, Any]:
    """Give the options of this kind of broker: a dead one must fail fast, not hang a request."""
    if is_embedded(broker_url):
        folder = data_dir / "broker"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        # One folder both ways: what web processes put in is what the worker takes out.
        return {
            "data_folder_in": str(folder),
            "data_folder_out": str(folder),
            "polling_interval": 0.02,  # seconds
        }
    options: dict[str, Any] = {"max_retries": 1, "interval_start": 0, "interval_max": 0.1}
    if broker_url.startswith("amqp"):
        return options | {"read_timeout": 5, "write_timeout": 5}  # seconds
    return options | {
        "visibility_timeout": 600,  # seconds; what a killed worker held comes back after that
        "socket_timeout": 5,  # seconds; longer than the 1 s that a blocking read takes
        "socket_connect_timeout": 1,  # seconds
    }


def configuration() -> dict[str, Any]:
    """Give what Celery is to know; read late, because settings may not be complete yet."""
    embedded = is_embedded(settings.BROKER_URL)
    return {
        "broker_url": settings.BROKER_URL,
        "broker_transport_options": transport_options(settings.BROKER_URL, settings.DATA_DIR),
        "broker_connection_timeout": 2,  # seconds
        "broker_connection_retry_on_startup": True,
        "broker_connection_max_retries": None,  # a worker waits for its broker for ever
        "task_serializer": "json",
        "accept_content": ["json"],
        "task_ignore_result": True,
        "task_acks_late": True,
        "task_reject_on_worker_lost": True,
        "task_publish_retry": False,
        # An exchange each: on a shared one every queue would get every message.
        "task_queues": [Queue(name, Exchange(name), routing_key=name) for name in QUEUES],
        "task_default_queue": "notices",
        # More than one only where each waiting message costs a poll of the folder.
        "worker_prefetch_multiplier": 4 if embedded else 1,
        "worker_enable_remote_control": not embedded,
        "beat_schedule": SCHEDULE,
        "beat_schedule_filename": str(settings.DATA_DIR / "beat-schedule"),
        "timezone": "UTC",
    }


@signals.setup_logging.connect
def keep_our_logging(**_kwargs: Any) -> None:
    """Let Django's LOGGING stand, and with it the masking of tokens; Celery adds nothing."""


app = Celery("acsr_site")
app.add_defaults(configuration)
app.autodiscover_tasks()
