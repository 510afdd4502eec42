"""Queue messages, and wake the workers that deliver them."""

import logging
import re
import time
from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any

import celery
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from outbox import errors, policy
from outbox.enums import Channel, Queue
from outbox.models import Message

logger = logging.getLogger(__name__)

# One address and nothing that a header or an address list could read as more than that.
PLAIN_EMAIL = re.compile(r"[!-~]{1,64}@[A-Za-z0-9.-]{1,253}")
NOT_IN_EMAIL = re.compile(r"[,;:<>()\[\]\\\"@]")
PLAIN_PHONE = re.compile(r"\+[1-9][0-9]{5,14}")  # E.164
LONGEST_ADDRESS = 254


def queue_message(
    kind: str,
    *,
    address: str,
    channel: str = Channel.EMAIL,
    queue: str = Queue.NOTICES,
    context: Mapping[str, Any] | None = None,
    secrets: Mapping[str, Any] | None = None,
    due_at: datetime | None = None,
    expires_at: datetime | None = None,
    dedupe_key: str | None = None,
    language: str = "en",
    time_zone: str = "UTC",
) -> Message | None:
    """Write a message into the caller's transaction and wake a worker after its commit.

    kind: dotted name, with a variant after a colon where one kind has many texts; its templates
    are in ``templates/messages/`` under the same path.
    context: what the templates show; datetimes are kept as text, under keys ending in ``_at`` or
    ``_until``. secrets: codes and links, encrypted and emptied when the message settles.
    expires_at: after this the message is dropped.

    Gives None where ``dedupe_key`` was queued before. Raises AddressNotAllowed.
    """
    _require_plain(address, channel)
    now = timezone.now()
    message = Message(
        kind=kind,
        address=address,
        channel=channel,
        queue=queue,
        context=_as_json(context or {}),
        secrets=_as_json(secrets) if secrets else None,
        carries_secrets=bool(secrets),
        created_at=now,
        due_at=due_at or now,
        expires_at=expires_at,
        dedupe_key=dedupe_key,
        language=language,
        time_zone=time_zone,
    )
    if not _insert(message):
        return None
    if message.due_at <= now:  # later ones are the sweep's
        wake("outbox.deliver_message", message.pk, queue)
    return message


def wake(task_name: str, row_id: int, queue: str = Queue.NOTICES) -> None:
    """Tell a worker, after commit, that a row is due; the only function that publishes.

    It never raises and never waits for a broker that is gone: the row is the truth, and a sweep
    finds what no worker was told of.
    """
    if settings.PUBLISH_HINTS:
        transaction.on_commit(partial(_publish, task_name, row_id, str(queue)), robust=True)


class _Broker:
    """Whether this process may try the broker; after a failure it is left alone for a while."""

    def __init__(self) -> None:
        self.silent_until = 0.0  # monotonic seconds; 0.0: the last try went well

    def may_try(self) -> bool:
        """Say yes always to a broker that works, and once per pause to one that does not."""
        if not self.silent_until:
            return True
        if time.monotonic() < self.silent_until:
            return False
        # This thread finds out; others do not wait for the same answer beside it.
        self.pause()
        return True

    def pause(self) -> None:
        self.silent_until = time.monotonic() + policy.BROKER_PAUSE.total_seconds()

    def resume(self) -> None:
        self.silent_until = 0.0


broker = _Broker()


def _publish(task_name: str, row_id: int, queue: str) -> None:
    if not broker.may_try():
        return
    try:
        celery.current_app.send_task(
            task_name, args=[row_id], queue=queue, ignore_result=True, retry=False
        )
    # Every transport has errors of its own, and none of them may fail a request.
    except Exception as error:  # noqa: BLE001
        broker.pause()
        # Not the error's text: it may quote the broker's URL and its password.
        logger.warning(
            "broker_unreachable", extra={"task": task_name, "fault": type(error).__name__}
        )
    else:
        broker.resume()


def _insert(message: Message) -> bool:
    """Insert the row; False where its dedupe key exists."""
    if message.dedupe_key is None:
        message.save(force_insert=True)
        return True
    try:
        with transaction.atomic():
            message.save(force_insert=True)
    except IntegrityError as error:
        # Both databases name the column. Asking for the row instead would be one statement more
        # for who was told before, and so for who has an account.
        if "dedupe_key" in str(error):
            return False
        raise
    return True


def _require_plain(address: str, channel: str) -> None:
    """Refuse what could reach a second mailbox; callers have checked, this is the last gate."""
    if channel == Channel.SMS:
        is_plain = PLAIN_PHONE.fullmatch(address) is not None
    else:
        local_part = address.rpartition("@")[0]
        is_plain = (
            len(address) <= LONGEST_ADDRESS
            and PLAIN_EMAIL.fullmatch(address) is not None
            and NOT_IN_EMAIL.search(local_part) is None
        )
    if not is_plain:
        raise errors.AddressNotAllowed


def _as_json(value: Any) -> Any:
    """Give the value with times as ISO text and lazy strings as text."""
    if isinstance(value, Mapping):
        return {str(name): _as_json(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_as_json(item) for item in value]
    if isinstance(value, datetime):
        return value.isoformat()
    return value if value is None or isinstance(value, bool | int | float) else str(value)
