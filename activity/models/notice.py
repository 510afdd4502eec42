"""What the owner must be told about the account."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from activity.models.event import SecurityEvent


class Notice(models.Model):
    """A due row: one event that every contact hears of; the worker fans out."""

    event = models.OneToOneField(SecurityEvent, models.CASCADE, related_name="notice")
    due_at = models.DateTimeField(default=timezone.now)
    claimed_until = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    # One like it had just gone out: until it is due itself the next one may count and settle it.
    # Settled and folded, no message tells of it alone (services.folding).
    is_folded = models.BooleanField(default=False)

    class Meta:
        indexes = [
            # For services.notices.send_due.
            models.Index(
                fields=["due_at"], name="activity_notice_due", condition=Q(settled_at__isnull=True)
            )
        ]

    def __str__(self) -> str:
        return f"notice {self.pk}"
