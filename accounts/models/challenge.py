"""One-time codes that were sent and are waited for."""

from django.conf import settings
from django.db import models
from django.utils import timezone


class Challenge(models.Model):
    """The one open question of a purpose to a subject; re-keyed in place by a resend.

    A resend overwrites the code and keeps the attempts, so that asking again refills nothing.
    """

    purpose = models.CharField(max_length=60)  # ChallengeKind.name
    subject = models.CharField(max_length=120)  # "ticket:<id>", "sign_up:<id>": who is asked
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True)
    epoch = models.PositiveIntegerField(null=True, blank=True)  # of the user, when it was sent
    address = models.CharField(max_length=254)  # as written to
    limit_key = models.CharField(max_length=254)  # of the address, for the daily count
    # Who shares that count: strangers who use it up leave the person's own browser its tries.
    pool = models.CharField(max_length=10, blank=True)
    code_hmac = models.CharField(max_length=80)
    number = models.PositiveSmallIntegerField(default=1)  # "use code 2"
    attempts = models.PositiveSmallIntegerField(default=0)
    message_id = models.BigIntegerField(null=True, blank=True)  # outbox.Message
    sent_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["purpose", "subject"], name="accounts_challenge_one_per_subject"
            )
        ]
        indexes = [
            # For receivers.start_the_clock: the challenge that a delivered message carries.
            models.Index(fields=["message_id"], name="accounts_challenge_message"),
            # For services.retention.
            models.Index(fields=["expires_at"], name="accounts_challenge_expiry"),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.pk}"
