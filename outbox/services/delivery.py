"""Deliver what is due: claim, write, send, settle - each on its own, nothing held while sending."""

import logging
import time
import traceback
from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from outbox import errors, policy, signals
from outbox.channels import email, sms
from outbox.enums import Channel, MessageState
from outbox.models import Message
from outbox.services.render import render
from vault.errors import VaultError

logger = logging.getLogger(__name__)

SENDERS = {Channel.EMAIL: email.send, Channel.SMS: sms.send}


def deliver(message_id: int) -> None:
    """Send one message if it is due and nobody else has it; safe to call any number of times."""
    _attempt(message_id)


def deliver_due(limit: int = 100) -> int:
    """Send what is due, codes first, and give how many messages were tried.

    A channel whose server does not answer is left to the next sweep: a queue of messages that
    each wait for a dead server would keep the worker from those that could go.
    """
    started = time.monotonic()
    due = Message.objects.claimable(timezone.now()).order_by("queue", "due_at", "pk")
    tried = 0
    dead_channels: set[str] = set()
    for message_id, channel in list(due.values_list("pk", "channel")[:limit]):
        if time.monotonic() - started > policy.SWEEP_LONGEST.total_seconds():
            break
        if channel in dead_channels:
            continue
        tried += 1
        if isinstance(_attempt(message_id), errors.ServerUnreachable):
            dead_channels.add(channel)
    return tried


def _attempt(message_id: int) -> errors.NotDelivered | None:
    """Claim and send; gives what kept the message from being delivered, None for nothing."""
    now = timezone.now()
    message = _claim(message_id, now)
    if message is None:
        return None
    if message.expires_at is not None and message.expires_at <= now:
        _settle(message, MessageState.LATE, reason=message.reason, reply=message.reply)
        return None
    try:
        reply = _send(message, now)
    except errors.GiveUp as failure:
        _settle(message, MessageState.ABANDONED, reason=failure.code, reply=failure.reply)
        return failure
    except errors.TryLater as failure:
        _put_off(message, failure)
        return failure
    _settle(message, MessageState.ACCEPTED, reply=reply)
    return None


def _claim(message_id: int, now: datetime) -> Message | None:
    """Take the message for the length of a lease; of two workers one gets it, the other None."""
    claimable = Message.objects.claimable(now).filter(pk=message_id)
    # The attempt is counted before it is made, so that one that kills the worker counts too.
    if not claimable.update(claimed_until=now + policy.LEASE, attempts=F("attempts") + 1):
        return None
    # Secrets are opened when they are used: a row whose key is gone can still be settled.
    return Message.objects.defer("secrets").get(pk=message_id)


def _send(message: Message, now: datetime) -> str:
    """Write and hand over, outside any transaction; raises NotDelivered and nothing else."""
    try:
        return SENDERS[Channel(message.channel)](message, render(message, now), now)
    except errors.NotDelivered:
        raise
    except VaultError as error:
        logger.error("message_secrets_unreadable", extra={"message_id": message.pk})  # noqa: TRY400
        raise errors.SecretsUnreadable(error.code) from None
    # Whatever it is, the row must not stay claimed, and the sweep must go on to the next one.
    except Exception as error:  # noqa: BLE001
        _log_fault(message, error)
        raise errors.NotRendered(type(error).__name__) from None


def _log_fault(message: Message, error: Exception) -> None:
    """Say where it broke; not the error's own text, which may quote an address or a code."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    logger.error(
        "message_fault",
        extra={
            "message_id": message.pk,
            "kind": message.kind,
            "fault": type(error).__name__,
            "place": f"{place.name}:{place.lineno}",
        },
    )


def _settle(message: Message, state: MessageState, *, reason: str = "", reply: str = "") -> None:
    """End the message and empty its secrets, once; tells accounts when it was handed over."""
    at = timezone.now()
    rows = Message.objects.unsettled().filter(pk=message.pk)
    if state != MessageState.ACCEPTED:
        # Another worker may have it by now, and may still succeed. What was handed over is
        # handed over, whoever holds the lease.
        rows = rows.filter(claimed_until=message.claimed_until)
    with transaction.atomic():
        is_settled = rows.update(
            state=state,
            settled_at=at,
            secrets=None,
            claimed_until=None,
            reason=reason,
            reply=reply,
        )
        if is_settled and state == MessageState.ACCEPTED:
            message.state, message.settled_at, message.secrets = state, at, None
            signals.message_accepted.send(sender=Message, message=message, at=at)
    _log_end(message, state if is_settled else "overtaken", reason)


def _put_off(message: Message, failure: errors.TryLater) -> None:
    """Set the next try, or end the message when that would come too late."""
    now = timezone.now()
    due_at = policy.next_try(message.queue, message.attempts, now)
    if due_at >= policy.last_useful_moment(message.created_at, message.expires_at):
        state = MessageState.LATE if message.expires_at else MessageState.ABANDONED
        _settle(message, state, reason=failure.code, reply=failure.reply)
        return
    # Only while the lease is still ours: a slow worker must not move what another one has.
    Message.objects.unsettled().filter(pk=message.pk, claimed_until=message.claimed_until).update(
        state=MessageState.DEFERRED,
        due_at=due_at,
        claimed_until=None,
        reason=failure.code,
        reply=failure.reply,
    )
    _log_end(message, MessageState.DEFERRED, failure.code)


def _log_end(message: Message, state: str, reason: str) -> None:
    logger.info(
        "message_attempt_ended",
        extra={
            "message_id": message.pk,
            "kind": message.kind,
            "state": str(state),
            "reason": reason,
            "attempts": message.attempts,
        },
    )
