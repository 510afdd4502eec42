"""Facts from below, turned into rows here."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models.functions import Least
from django.dispatch import receiver

from accounts.models import Challenge
from outbox.models import Message
from outbox.signals import message_accepted


@receiver(message_accepted, dispatch_uid="accounts.start_the_clock")
def start_the_clock(sender: Any, *, message: Message, at: datetime, **kwargs: Any) -> None:
    """Let a code live its time from the hand-over of its mail, never longer than promised."""
    seconds = message.context.get("lifetime_seconds")
    if seconds is None:
        return
    Challenge.objects.filter(message_id=message.pk, used_at=None).update(
        expires_at=Least("expires_at", at + timedelta(seconds=seconds))
    )
