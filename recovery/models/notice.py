"""What is told later or to many, and the links that notices carry."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import Contact
from recovery.enums import LinkOutcome, LinkRight, NoticeKind
from recovery.models.ticket import RecoveryTicket


class Notice(models.Model):
    """A due row of a ticket, written for known and unknown accounts alike; the worker fans out."""

    ticket = models.ForeignKey(RecoveryTicket, models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=12, choices=NoticeKind)
    due_at = models.DateTimeField(default=timezone.now)
    claimed_until = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["ticket", "kind"], name="recovery_notice_once_per_ticket"
            )
        ]
        indexes = [
            # For services.notices.send_due.
            models.Index(
                fields=["due_at"], name="recovery_notice_due", condition=Q(settled_at__isnull=True)
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class NoticeLink(models.Model):
    """The right that a notice gives to one contact; only the SHA-256 of its token is kept."""

    token_hash = models.CharField(max_length=64, unique=True)
    right = models.CharField(max_length=5, choices=LinkRight)
    ticket = models.ForeignKey(RecoveryTicket, models.CASCADE, related_name="links")
    contact = models.ForeignKey(Contact, models.CASCADE, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True, blank=True)  # None: as long as the ticket lives
    used_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=12, choices=LinkOutcome, blank=True)

    def __str__(self) -> str:
        return f"{self.right} link {self.pk}"


class Objection(models.Model):
    """Somebody who may said that a ticket is not theirs."""

    ticket = models.ForeignKey(RecoveryTicket, models.CASCADE, related_name="objections")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    contact = models.ForeignKey(Contact, models.SET_NULL, null=True, blank=True, related_name="+")
    is_senior = models.BooleanField()
    cancelled_the_ticket = models.BooleanField()
    made_at = models.DateTimeField(default=timezone.now)
    taken_back_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        # For services.objections: the objections of an account in 30 days.
        indexes = [models.Index(fields=["user", "-made_at"], name="recovery_objection_of_user")]

    def __str__(self) -> str:
        return f"objection {self.pk}"


class ClaimFreeze(models.Model):
    """A pair of account and contact, or account and network, that gets nowhere for seven days."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    ticket = models.ForeignKey(RecoveryTicket, models.CASCADE, related_name="freezes")
    key = models.CharField(max_length=270)  # "contact:<limit key>" or "network:<network>"
    until = models.DateTimeField()

    class Meta:
        # For facts.is_frozen_claim.
        indexes = [models.Index(fields=["user", "key", "until"], name="recovery_freeze_pair")]

    def __str__(self) -> str:
        return f"freeze {self.pk}"
