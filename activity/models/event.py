"""What happened on an account, as its owner may read it."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from activity import useragents
from activity.enums import Area, EventKind, OwnerVerdict


class SecurityEvent(models.Model):
    """One fact, with where it came from frozen in: place and device words never change later.

    ``user`` is None for accounts that do not exist: the same row is written for everyone.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="events"
    )
    kind = models.CharField(max_length=40, choices=EventKind)
    area = models.CharField(max_length=10, choices=Area, default=Area.OTHER)  # of its kind
    at = models.DateTimeField(default=timezone.now)
    address = models.GenericIPAddressField(null=True, blank=True)
    network = models.CharField(max_length=64, blank=True)
    country = models.CharField(max_length=2, blank=True)  # ISO 3166-1 alpha-2; "" unknown
    place = models.CharField(max_length=120, blank=True)  # words; "" unknown
    # Degrees of the place, or the middle of its country; None where unknown.
    latitude = models.FloatField(null=True, blank=True)
    longitude = models.FloatField(null=True, blank=True)
    browser = models.CharField(max_length=60, blank=True)
    system = models.CharField(max_length=60, blank=True)
    device = models.CharField(max_length=60, blank=True)
    device_hash = models.CharField(max_length=64, blank=True)
    # References and coded words only ({"ticket": ..., "reason": ...}); never an address or code.
    details: Any = models.JSONField(default=dict, blank=True)
    # Of a sign-in, as it was judged then: 0 to 100, RiskReason values, version of the model. None:
    # nobody judged it.
    score = models.PositiveSmallIntegerField(null=True, blank=True)
    reasons: Any = models.JSONField(default=list, blank=True)
    risk_model = models.CharField(max_length=20, blank=True)
    is_unusual = models.BooleanField(default=False)  # the owner is asked about it
    verdict = models.CharField(max_length=6, choices=OwnerVerdict, blank=True)
    verdict_at = models.DateTimeField(null=True, blank=True)
    # Whether the account's own counts, and those of all accounts, have it in them.
    is_learned = models.BooleanField(default=False)
    is_counted = models.BooleanField(default=False)

    class Meta:
        verbose_name = "security event"
        constraints = [
            models.CheckConstraint(
                condition=Q(verdict="", verdict_at__isnull=True)
                | (~Q(verdict="") & Q(verdict_at__isnull=False)),
                name="activity_event_verdict_has_a_time",
            ),
        ]
        indexes = [
            # For queries.page_of_events: an account's newest first, paged by key; all, or an area.
            models.Index(fields=["user", "-at", "-id"], name="activity_event_of_user"),
            models.Index(fields=["user", "area", "-at", "-id"], name="activity_event_of_area"),
            # For queries.unusual_of: what the owner has not answered.
            models.Index(
                fields=["user", "-at"],
                name="activity_event_unanswered",
                condition=Q(is_unusual=True, verdict=""),
            ),
            # For assessors: accounts that one network failed to sign in to lately.
            models.Index(
                fields=["network", "-at"],
                name="activity_event_failed_from",
                condition=Q(kind=EventKind.SIGN_IN_FAILED),
            ),
            # For services.learning: what is not in the counts of all accounts yet.
            models.Index(
                fields=["at"],
                name="activity_event_to_count",
                condition=Q(is_learned=True, is_counted=False),
            ),
            # For the same: what was taken out of the account's, and not out of those yet.
            models.Index(
                fields=["at"],
                name="activity_event_to_uncount",
                condition=Q(is_learned=False, is_counted=True),
            ),
            # For assessors: where the account last was, however many refused tries came since.
            models.Index(
                fields=["user", "-at"],
                name="activity_event_learned",
                condition=Q(is_learned=True),
            ),
            # For the admin's newest first and for retention.
            models.Index(fields=["-at"], name="activity_event_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.at:%Y-%m-%d %H:%M}"

    @property
    def agent_words(self) -> str:
        """Give the words for the browser: "Firefox on Windows 11"; "" where none asked.

        What happens when its time has come has neither an address nor a browser.
        """
        return self._words(model=self.details.get("model", ""))

    @property
    def agent_words_by_mail(self) -> str:
        """Give the same without the model, which is any text that a browser sends along."""
        return self._words(model="")

    def _words(self, *, model: str) -> str:
        if not self.address and self.browser in ("", useragents.UNKNOWN):
            return ""
        system = self.details.get("system_words", "") or self.system
        return useragents.label(self.browser, system, self.device, model)
