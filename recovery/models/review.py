"""What staff did with a ticket: who had it, who decided what, who looked."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from recovery.enums import CheckWay, DealEnd, Verdict
from recovery.models.ticket import RecoveryTicket
from vault.fields import EncryptedJSONField, EncryptedTextField


class Deal(models.Model):
    """A ticket dealt to a member of staff, until it was decided, put back or lapsed."""

    ticket = models.ForeignKey(RecoveryTicket, models.CASCADE, related_name="deals")
    reviewer = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    dealt_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)
    end = models.CharField(max_length=8, choices=DealEnd, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["ticket"],
                condition=Q(ended_at__isnull=True),
                name="recovery_deal_to_one_at_a_time",
            ),
        ]
        # For services.reviews: what a person put back today, and what they recused themselves of.
        indexes = [models.Index(fields=["reviewer", "-dealt_at"], name="recovery_deal_of_person")]

    def __str__(self) -> str:
        return f"deal {self.pk}"


class Vote(models.Model):
    """What one member of staff decided on a ticket; never changed, only voided."""

    ticket = models.ForeignKey(RecoveryTicket, models.CASCADE, related_name="votes")
    decider = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    verdict = models.CharField(max_length=8, choices=Verdict)
    reasons: Any = models.JSONField(default=list)  # StaffReason
    hold = models.DurationField(null=True, blank=True)  # with an approval: the wait, not less
    # With an approval: what young things lose their rights, by key.
    suspended_contacts: Any = models.JSONField(default=list, blank=True)
    suspended_authenticators: Any = models.JSONField(default=list, blank=True)  # "<kind>:<pk>"
    note = EncryptedTextField(label="recovery.vote", null=True, blank=True)
    is_against_suggestion = models.BooleanField(default=False)
    epoch = models.PositiveIntegerField(null=True, blank=True)  # of the account, as it was seen
    made_at = models.DateTimeField(default=timezone.now)
    voided_at = models.DateTimeField(null=True, blank=True)
    void_reason = models.CharField(max_length=20, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["ticket", "decider"],
                condition=Q(voided_at__isnull=True),
                name="recovery_vote_once_per_person",
            ),
            models.CheckConstraint(
                condition=Q(voided_at__isnull=True, void_reason="")
                | (Q(voided_at__isnull=False) & ~Q(void_reason="")),
                name="recovery_vote_void_has_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"vote {self.pk}"


class ReviewDraft(models.Model):
    """What somebody has filled in and not decided: it outlives step-up, lapses and closed tabs."""

    ticket = models.ForeignKey(RecoveryTicket, models.CASCADE, related_name="+")
    reviewer = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    form: Any = EncryptedJSONField(label="recovery.draft")
    saved_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["ticket", "reviewer"], name="recovery_draft_one_per_person"
            )
        ]

    def __str__(self) -> str:
        return f"draft {self.pk}"


class CaseView(models.Model):
    """Somebody looked at the case file, from the first to the last time they loaded it."""

    ticket = models.ForeignKey(RecoveryTicket, models.CASCADE, related_name="case_views")
    viewer = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    first_at = models.DateTimeField(default=timezone.now)
    last_at = models.DateTimeField(default=timezone.now)
    audit_number = models.BigIntegerField(default=0)  # of the entry that tells of it

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ticket", "viewer"], name="recovery_view_per_person"),
            models.CheckConstraint(
                condition=Q(last_at__gte=F("first_at")), name="recovery_view_ends_later"
            ),
        ]

    def __str__(self) -> str:
        return f"view {self.pk}"


class IdentityCheck(models.Model):
    """Staff have seen who the person is: how, where and when, and no copy of any document."""

    ticket = models.ForeignKey(RecoveryTicket, models.CASCADE, related_name="checks")
    checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    way = models.CharField(max_length=9, choices=CheckWay)
    place = models.CharField(max_length=120)
    checked_at = models.DateTimeField()
    recorded_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "identity check"

    def __str__(self) -> str:
        return f"check {self.pk}"


class Invitation(models.Model):
    """The link of one mail that leads to a decided ticket; a code is asked for all the same."""

    ticket = models.ForeignKey(RecoveryTicket, models.CASCADE, related_name="invitations")
    token_hash = models.CharField(max_length=64, unique=True)  # SHA-256
    made_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"invitation {self.pk}"
