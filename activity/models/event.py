"""What happened on an account, as its owner may read it."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone

from activity import useragents
from activity.enums import EventKind


class SecurityEvent(models.Model):
    """One fact, with where it came from frozen in: place and device words never change later.

    ``user`` is None for accounts that do not exist: the same row is written for everyone.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="events"
    )
    kind = models.CharField(max_length=40, choices=EventKind)
    at = models.DateTimeField(default=timezone.now)
    address = models.GenericIPAddressField(null=True, blank=True)
    network = models.CharField(max_length=64, blank=True)
    country = models.CharField(max_length=2, blank=True)  # ISO 3166-1 alpha-2; "" unknown
    place = models.CharField(max_length=120, blank=True)  # words; "" unknown
    browser = models.CharField(max_length=60, blank=True)
    system = models.CharField(max_length=60, blank=True)
    device = models.CharField(max_length=60, blank=True)
    device_hash = models.CharField(max_length=64, blank=True)
    # References and coded words only ({"ticket": ..., "reason": ...}); never an address or code.
    details: Any = models.JSONField(default=dict, blank=True)

    class Meta:
        verbose_name = "security event"
        indexes = [
            # For queries.page_of_events: an account's newest first, paged by key.
            models.Index(fields=["user", "-at", "-id"], name="activity_event_of_user"),
            # For the admin's newest first and for retention.
            models.Index(fields=["-at"], name="activity_event_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.at:%Y-%m-%d %H:%M}"

    @property
    def agent_words(self) -> str:
        """Give the words for the browser: "Firefox on Windows"; "" where none asked.

        What happens when its time has come has neither an address nor a browser.
        """
        if not self.address and self.browser in ("", useragents.UNKNOWN):
            return ""
        return useragents.label(self.browser, self.system, self.device)
