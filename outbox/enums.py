"""What a message is and where it stands."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Channel(models.TextChoices):
    EMAIL = "email", _("e-mail")
    SMS = "sms", _("text message")


class Queue(models.TextChoices):
    """The Celery queue that carries the hint; codes are urgent."""

    CODES = "codes", _("codes")
    NOTICES = "notices", _("notices")


class MessageState(models.TextChoices):
    WAITING = "waiting", _("waiting")
    DEFERRED = "deferred", _("will be tried again")
    ACCEPTED = "accepted", _("handed over")
    ABANDONED = "abandoned", _("given up")
    LATE = "late", _("dropped: too late")


SETTLED_STATES = (MessageState.ACCEPTED, MessageState.ABANDONED, MessageState.LATE)
OPEN_STATES = (MessageState.WAITING, MessageState.DEFERRED)
