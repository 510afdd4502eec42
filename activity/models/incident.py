"""Reports that something was not the owner, and the links by which they are made."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import Contact
from activity.enums import Done, IncidentOrigin, IncidentState
from activity.models.event import SecurityEvent


class Incident(models.Model):
    """One report: what it was about, what it did at once, until when it can be taken back."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="incidents")
    event = models.ForeignKey(
        SecurityEvent, models.SET_NULL, null=True, blank=True, related_name="incidents"
    )
    contact = models.ForeignKey(Contact, models.SET_NULL, null=True, blank=True, related_name="+")
    origin = models.CharField(max_length=20, choices=IncidentOrigin)
    state = models.CharField(max_length=12, choices=IncidentState, default=IncidentState.OPEN)
    opened_at = models.DateTimeField(default=timezone.now)
    # What was contested: everything from then on is in doubt.
    since = models.DateTimeField()
    # List of {"what": Done, ...keys and counts}; never an address.
    done: Any = models.JSONField(default=list, blank=True)
    undo_until = models.DateTimeField(null=True, blank=True)
    # Of the account after what the report did: whatever changes it later has the last word.
    epoch = models.PositiveIntegerField(null=True, blank=True)
    # SHA-256 of Client.browser, of a report from a session: who alone takes it back.
    browser_hash = models.CharField(max_length=64, blank=True)
    # What taking back needs besides: {"verdict": of the event before, "learned": [ids of events]}.
    before: Any = models.JSONField(default=dict, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state=IncidentState.OPEN, closed_at__isnull=True)
                | (~Q(state=IncidentState.OPEN) & Q(closed_at__isnull=False)),
                name="activity_incident_end_has_a_time",
            ),
        ]
        indexes = [
            # For an account's incidents, and the one that stands.
            models.Index(fields=["user", "-opened_at"], name="activity_incident_of_user"),
            # For staff: the open ones, oldest first.
            models.Index(
                fields=["opened_at"],
                name="activity_incident_open",
                condition=Q(state=IncidentState.OPEN),
            ),
        ]

    def __str__(self) -> str:
        return f"incident {str(self.pk)[:8]}"

    @property
    def has_paused(self) -> bool:
        """Tell whether it was this report that paused the account."""
        return any(fact["what"] == Done.PAUSED for fact in self.done)


class ReportLink(models.Model):
    """The link in a notice by which its reader says that an event was not them."""

    token_hash = models.CharField(max_length=64, unique=True)  # SHA-256
    event = models.ForeignKey(SecurityEvent, models.CASCADE, related_name="report_links")
    # None: made for the browser that has just reported from a session, to take that back.
    contact = models.ForeignKey(Contact, models.CASCADE, null=True, related_name="+")
    incident = models.ForeignKey(Incident, models.SET_NULL, null=True, related_name="links")
    made_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()

    class Meta:
        # For services.retention.
        indexes = [models.Index(fields=["expires_at"], name="activity_report_expiry")]

    def __str__(self) -> str:
        return f"report link {self.pk}"
