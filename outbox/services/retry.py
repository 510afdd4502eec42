"""Try again what was given up."""

from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from outbox import errors, signals
from outbox.enums import MessageState
from outbox.models import Message
from outbox.services.queue import wake


def try_again(message_id: int, *, actor: Any) -> None:
    """Open an abandoned message once more, for staff who mended what kept it from going.

    actor: the user who asks; goes into the audit chain. Raises RetryNotPossible for what was not
    given up, is too old, or carried secrets: those are gone, and a mail without its link would
    mislead.
    """
    now = timezone.now()
    rows = Message.objects.filter(
        Q(expires_at=None) | Q(expires_at__gt=now),
        pk=message_id,
        state=MessageState.ABANDONED,
        carries_secrets=False,
    )
    with transaction.atomic():
        if not rows.update(
            state=MessageState.WAITING,
            settled_at=None,
            due_at=now,
            attempts=0,
            reason="",
            reply="",
        ):
            raise errors.RetryNotPossible
        signals.staff_acted.send(
            sender=Message,
            actor=actor,
            action="outbox:message:tried_again",
            subject=f"message:{message_id}",
            reason="",
        )
        wake("outbox.deliver_message", message_id)
