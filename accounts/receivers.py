"""Facts from below, turned into rows here."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.signals import user_logged_in
from django.db.models.functions import Least
from django.dispatch import receiver

from accounts.models import Challenge
from outbox.models import Message
from outbox.signals import message_accepted


@receiver(user_logged_in, dispatch_uid="update_last_login")
def leave_last_login(sender: Any, **kwargs: Any) -> None:
    """Stand in the place of Django's own receiver, which has this name and is connected later.

    A sign-in writes its device; the account's row is left to services.devices.note_sign_ins.
    """


@receiver(message_accepted, dispatch_uid="accounts.start_the_clock")
def start_the_clock(sender: Any, *, message: Message, at: datetime, **kwargs: Any) -> None:
    """Let a code live its time from the hand-over of its mail, never longer than promised."""
    seconds = message.context.get("lifetime_seconds")
    if seconds is None:
        return
    Challenge.objects.filter(message_id=message.pk, used_at=None).update(
        expires_at=Least("expires_at", at + timedelta(seconds=seconds))
    )
