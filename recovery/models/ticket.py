"""One attempt to regain one account."""

import uuid
from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from recovery.enums import (
    LIVE_STATES,
    CancelCause,
    ContestedReason,
    Outcome,
    Reason,
    Resets,
    RiskLevel,
    TicketState,
    Verdict,
)


class TicketQuerySet(models.QuerySet["RecoveryTicket"]):
    """Tickets by where they stand."""

    def live(self) -> Self:
        """Give tickets that may still lead somewhere."""
        return self.filter(state__in=LIVE_STATES)

    def locked(self) -> Self:
        """Lock the tickets alone, and not against rows that only name them."""
        return self.select_for_update(of=("self",), no_key=True)

    def holds_to_release(self) -> Self:
        """Give holds whose end has come and that nobody contests."""
        return self.filter(
            state=TicketState.ON_HOLD, hold_until__lte=timezone.now(), contested_at__isnull=True
        )

    def run_out(self, now: datetime) -> Self:
        """Give live tickets whose life in their state is over."""
        return self.live().filter(expires_at__lte=now)


class RecoveryTicket(models.Model):
    """What a claimant asked for, and everything that was decided about it.

    ``user`` is None for an account that does not exist: the same row, the same pages. A ticket
    belongs to the browser named by ``browser_hash``; strangers never join it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # Eight letters and digits without vowels and look-alikes; worth nothing without the mailbox.
    reference = models.CharField(max_length=8, unique=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="tickets"
    )
    state = models.CharField(max_length=20, choices=TicketState, default=TicketState.AWAITING_CODE)
    reason = models.CharField(max_length=10, choices=Reason, default=Reason.FORGOT)

    # As typed; emptied by retention, which leaves the limit keys.
    identifier = models.CharField(max_length=254, blank=True)
    identifier_key = models.CharField(max_length=254)
    contact = models.CharField(max_length=254, blank=True)
    contact_match_key = models.CharField(max_length=254, blank=True)
    contact_limit_key = models.CharField(max_length=254)

    browser_hash = models.CharField(max_length=64)  # SHA-256 of Client.browser
    device_hash = models.CharField(max_length=64, blank=True)
    address = models.GenericIPAddressField(null=True, blank=True)
    network = models.CharField(max_length=64, blank=True)
    agent = models.CharField(max_length=512, blank=True)
    language = models.CharField(max_length=10, default="en")
    time_zone = models.CharField(max_length=64, default="UTC")
    # The pair (account, contact) or (account, network) was frozen by an objection: the same pages,
    # but what would be approved goes to people.
    is_frozen = models.BooleanField(default=False)

    opened_at = models.DateTimeField(default=timezone.now)
    moved_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()  # of the present state
    code_accepted_at = models.DateTimeField(null=True, blank=True)

    # The decision.
    outcome = models.CharField(max_length=12, choices=Outcome, blank=True)
    resets = models.CharField(max_length=12, choices=Resets, default=Resets.PASSWORD)
    reasons: Any = models.JSONField(default=list, blank=True)
    policy_version = models.CharField(max_length=20, blank=True)
    epoch = models.PositiveIntegerField(null=True, blank=True)  # of the user, when decided
    decided_at = models.DateTimeField(null=True, blank=True)
    hold_length = models.DurationField(null=True, blank=True)
    hold_from = models.DateTimeField(null=True, blank=True)
    hold_until = models.DateTimeField(null=True, blank=True)

    contested_at = models.DateTimeField(null=True, blank=True)
    contested_reason = models.CharField(max_length=40, choices=ContestedReason, blank=True)
    completed_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancelled_from = models.CharField(max_length=20, choices=TicketState, blank=True)
    cancel_cause = models.CharField(max_length=12, choices=CancelCause, blank=True)
    # When the claimant is told of a refusal or a stop, the same for every cause.
    answer_at = models.DateTimeField(null=True, blank=True)

    # Staff review.
    risk = models.CharField(max_length=6, choices=RiskLevel, blank=True)
    risk_reasons: Any = models.JSONField(default=list, blank=True)  # codes of recovery.risk
    people = models.PositiveSmallIntegerField(default=0)  # who must agree
    needs_check = models.BooleanField(default=False)  # one of them saw who the person is
    in_review_at = models.DateTimeField(null=True, blank=True)
    first_due_at = models.DateTimeField(null=True, blank=True)  # of the first decision
    is_passed_on = models.BooleanField(default=False)  # to the people of security
    claimed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    claimed_until = models.DateTimeField(null=True, blank=True)
    # What people agreed on, and when it takes effect: never before the answer time.
    verdict = models.CharField(max_length=8, choices=Verdict, blank=True)
    effect_at = models.DateTimeField(null=True, blank=True)
    told_reasons: Any = models.JSONField(default=list, blank=True)  # StaffReason, for the claimant
    # Where the decision rested on a held proof, completion asks for one again.
    needs_held_proof = models.BooleanField(default=False)
    # When the claimant last typed a status code in ``browser_hash``: it opens staff decisions.
    claimant_shown_at = models.DateTimeField(null=True, blank=True)
    # Two superusers approved: until then the command may carry it out, once.
    carry_out_until = models.DateTimeField(null=True, blank=True)
    opened_by = models.ForeignKey(  # the help desk, for a caller
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    appeal_of = models.OneToOneField(
        "self", models.SET_NULL, null=True, blank=True, related_name="appeal"
    )
    # One of many alike: decided with that ticket, and not dealt on its own.
    folded_into = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="folded"
    )

    objects = TicketQuerySet.as_manager()

    class Meta:
        verbose_name = "recovery ticket"
        permissions = [
            ("review_recoveryticket", "Is dealt tickets and decides on them"),
            # One of the votes of an approval must be of somebody with this.
            ("approve_recoveryticket", "Approves with another person"),
            ("secure_recoveryticket", "Decides what was passed to security"),
            ("open_recoveryticket", "Opens a request for a caller, and records identity checks"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state=TicketState.ON_HOLD)
                | Q(hold_length__isnull=False, decided_at__isnull=False),
                name="recovery_ticket_hold_has_a_length",
            ),
            models.CheckConstraint(
                condition=Q(hold_from__isnull=True, hold_until__isnull=True)
                | Q(hold_from__isnull=False, hold_until__gt=F("hold_from")),
                name="recovery_ticket_hold_has_both_ends",
            ),
            models.CheckConstraint(
                condition=Q(state=TicketState.COMPLETED, completed_at__isnull=False)
                | (~Q(state=TicketState.COMPLETED) & Q(completed_at__isnull=True)),
                name="recovery_ticket_completed_has_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[TicketState.APPROVED, TicketState.COMPLETED])
                | Q(epoch__isnull=False, user__isnull=False)
                | Q(state=TicketState.COMPLETED),
                name="recovery_ticket_approval_names_an_account",
            ),
            models.CheckConstraint(
                condition=Q(state=TicketState.CANCELLED, cancelled_at__isnull=False)
                | (~Q(state=TicketState.CANCELLED) & Q(cancelled_at__isnull=True)),
                name="recovery_ticket_cancelled_has_a_time",
            ),
            models.CheckConstraint(
                condition=Q(effect_at__isnull=True) | ~Q(verdict=""),
                name="recovery_ticket_effect_has_a_verdict",
            ),
            models.CheckConstraint(
                condition=Q(claimed_by__isnull=True) | Q(claimed_until__isnull=False),
                name="recovery_ticket_claim_has_an_end",
            ),
            models.CheckConstraint(
                condition=Q(folded_into__isnull=True) | ~Q(folded_into=F("id")),
                name="recovery_ticket_not_folded_into_itself",
            ),
        ]
        indexes = [
            # For services.holds.release_due.
            models.Index(
                fields=["hold_until"],
                name="recovery_ticket_hold_due",
                condition=Q(state=TicketState.ON_HOLD),
            ),
            # For services.expiry.expire_due.
            models.Index(
                fields=["expires_at"],
                name="recovery_ticket_life",
                condition=Q(state__in=LIVE_STATES),
            ),
            # For the queue: the most urgent first.
            models.Index(
                fields=["first_due_at", "id"],
                name="recovery_ticket_queue",
                condition=Q(state=TicketState.IN_REVIEW),
            ),
            # For services.effects.carry_out_due.
            models.Index(
                fields=["effect_at"],
                name="recovery_ticket_effect",
                condition=Q(effect_at__isnull=False),
            ),
            # For related tickets by network, and for risk.
            models.Index(fields=["network", "-opened_at"], name="recovery_ticket_network"),
            models.Index(fields=["contact_limit_key", "-opened_at"], name="recovery_ticket_limit"),
            # For the rivals at completion, banners and an account's history.
            models.Index(fields=["user", "-opened_at"], name="recovery_ticket_of_user"),
            # For "my requests" of one mailbox.
            models.Index(fields=["contact_match_key"], name="recovery_ticket_contact"),
            # For the admin's newest first.
            models.Index(fields=["-opened_at"], name="recovery_ticket_newest"),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def subject(self) -> str:
        """What challenges and events call this ticket."""
        return f"ticket:{self.pk}"
