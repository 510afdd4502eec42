"""Accepted signs of ownership."""

from django.db import models
from django.utils import timezone

from accounts.models import Contact
from recovery.enums import ProofClass
from recovery.models.ticket import RecoveryTicket

# Marks: why a proof is weak, or strong only with a wait.
LONG_UNPROVED = "long_unproved"
TOO_YOUNG = "too_young"
MARKED = "marked"  # its owner says that others read it, or that it is lost


class Proof(models.Model):
    """One accepted proof on one ticket, from one browser; the newest of a class counts."""

    ticket = models.ForeignKey(RecoveryTicket, models.CASCADE, related_name="proofs")
    proof_class = models.CharField(max_length=10, choices=ProofClass)
    is_strong = models.BooleanField()
    # Why it is weak or needs a wait: the words above.
    marks = models.JSONField(default=list, blank=True)
    contact = models.ForeignKey(Contact, models.SET_NULL, null=True, blank=True)
    limit_key = models.CharField(max_length=254, blank=True)  # two addresses, one proof
    # Since when what was shown is on the account: age decides over objections.
    since = models.DateTimeField(null=True, blank=True)
    # Of the account when it was shown: whatever was changed on it since ends the proof, which may
    # have rested on just that.
    epoch = models.PositiveIntegerField(null=True, blank=True)
    browser_hash = models.CharField(max_length=64)
    proved_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["ticket", "proof_class", "browser_hash"],
                name="recovery_proof_one_per_class_and_browser",
            )
        ]

    def __str__(self) -> str:
        return f"{self.proof_class} {self.pk}"
