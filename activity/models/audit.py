"""The chained record of what staff and the system did."""

from typing import Any

from django.db import models
from django.utils import timezone

from activity.errors import AuditIsAppendOnly


class AuditEntry(models.Model):
    """One link of the chain; no foreign keys, no updates, no deletes (triggers refuse them too).

    ``digest`` is SHA-256 over the canonical form of the entry and the digest before it.
    """

    number = models.BigIntegerField(primary_key=True)  # 1, 2, 3 ... without a gap
    at = models.DateTimeField(default=timezone.now)
    actor = models.CharField(max_length=60)  # "user:<id>", "command:<name>", "system"
    action = models.CharField(max_length=60)  # "staff:user:created"
    subject = models.CharField(max_length=120, blank=True)  # "user:<id>", "ticket:<id>"
    reason = models.CharField(max_length=300, blank=True)
    details: Any = models.JSONField(default=dict, blank=True)
    previous = models.CharField(max_length=64)  # 64 zeros for the first
    digest = models.CharField(max_length=64, unique=True)

    class Meta:
        verbose_name = "audit entry"
        verbose_name_plural = "audit entries"
        indexes = [
            # For the admin: what was done to one subject.
            models.Index(fields=["subject", "-number"], name="activity_audit_subject")
        ]

    def __str__(self) -> str:
        return f"#{self.number} {self.action}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Insert only; raises AuditIsAppendOnly for a row that exists."""
        if not self._state.adding:
            raise AuditIsAppendOnly
        super().save(*args, **{**kwargs, "force_insert": True})

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Refuse."""
        raise AuditIsAppendOnly


class AuditHead(models.Model):
    """The newest link; its one row is the lock that every append takes, last of all locks."""

    number = models.BigIntegerField(default=0)
    digest = models.CharField(max_length=64, default="0" * 64)

    def __str__(self) -> str:
        return f"head #{self.number}"
