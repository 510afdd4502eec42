"""The one table of the outbox."""

from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone

from outbox.enums import OPEN_STATES, SETTLED_STATES, Channel, MessageState, Queue
from vault.fields import EncryptedJSONField


class MessageQuerySet(models.QuerySet["Message"]):
    def unsettled(self) -> "MessageQuerySet":
        """Give what no try has settled yet."""
        return self.filter(state__in=OPEN_STATES)

    def claimable(self, now: datetime) -> "MessageQuerySet":
        """Give what is due and in nobody's hands."""
        is_free = Q(claimed_until=None) | Q(claimed_until__lte=now)
        return self.unsettled().filter(is_free, due_at__lte=now)


class Message(models.Model):
    """One message to one address; the row is the truth, a task only a hint that it is due.

    ``context`` is what the templates may show; ``secrets`` (codes, links with tokens) is encrypted
    and emptied when the message settles. The text is made at delivery, so that what it says of
    times is true then.
    """

    # Dotted name, and a variant after a colon where one kind has many texts.
    kind = models.CharField(max_length=60)
    channel = models.CharField(max_length=5, choices=Channel, default=Channel.EMAIL)
    queue = models.CharField(max_length=10, choices=Queue, default=Queue.NOTICES)
    address = models.CharField(max_length=254)
    language = models.CharField(max_length=10, default="en")
    time_zone = models.CharField(max_length=64, default="UTC")
    context: Any = models.JSONField(default=dict, blank=True)
    secrets: Any = EncryptedJSONField(label="outbox.message.secrets", null=True, blank=True)
    # Whether there ever were secrets: without them a settled message cannot be sent again.
    carries_secrets = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=MessageState, default=MessageState.WAITING)
    # Unique where given: what fans out to many is queued once for each, however often it runs.
    dedupe_key = models.CharField(max_length=120, null=True, blank=True, unique=True)
    created_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(default=timezone.now)
    # After this the message is worth nothing and is dropped; None: never.
    expires_at = models.DateTimeField(null=True, blank=True)
    claimed_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    settled_at = models.DateTimeField(null=True, blank=True)
    # A stable word of ours (outbox/errors.py), and the server's own reply without addresses.
    reason = models.CharField(max_length=40, blank=True)
    reply = models.CharField(max_length=300, blank=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=SETTLED_STATES, settled_at__isnull=False)
                | Q(state__in=OPEN_STATES, settled_at__isnull=True),
                name="outbox_message_settled_has_a_time",
            ),
            models.CheckConstraint(
                condition=Q(state__in=OPEN_STATES) | Q(secrets__isnull=True),
                name="outbox_message_settled_has_no_secrets",
            ),
        ]
        indexes = [
            # For services.delivery: what is due and not settled.
            models.Index(
                fields=["due_at"], name="outbox_message_due", condition=Q(state__in=OPEN_STATES)
            ),
            # For the admin's newest first and for retention.
            models.Index(fields=["-created_at"], name="outbox_message_newest"),
            # For the mails of one address in the demo mailbox and in the admin's search.
            models.Index(fields=["address", "-created_at"], name="outbox_message_address"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @property
    def public_kind(self) -> str:
        """The kind without its variant: what other programs sort mail by (X-Message-Kind)."""
        return self.kind.partition(":")[0]

    @property
    def domain(self) -> str:
        """The part after the @, or "" for a phone."""
        return self.address.rpartition("@")[2] if self.channel == Channel.EMAIL else ""

    @property
    def masked_address(self) -> str:
        """What staff see in lists: "m•••a@example.org", "+33 •• 12"."""
        if self.channel == Channel.SMS:
            return f"{self.address[:3]} •• {self.address[-2:]}"
        local = self.address.rpartition("@")[0]
        # Of a short name even two letters would be most of it.
        shown = f"{local[0]}•••{local[-1]}" if len(local) > 3 else "•••"  # noqa: PLR2004
        return f"{shown}@{self.domain}"
