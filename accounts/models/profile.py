"""What the organisation knows of people besides their names, and what it knew before."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from vault.fields import EncryptedTextField


class ProfileFact(models.Model):
    """A fact of the organisation's own, such as a student number; only its keyed digest is kept.

    ``name`` is that of the question in settings.EVIDENCE_FACTS.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="facts")
    name = models.CharField(max_length=40)
    digest = models.CharField(max_length=120)  # vault.digests.keyed, subject = the account's id

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "name"], name="accounts_fact_once_per_account")
        ]

    def __str__(self) -> str:
        return f"fact {self.pk}"


class FormerProfile(models.Model):
    """A value of the profile that was replaced: people answer with what they gave at the time."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="former_profiles"
    )
    field = models.CharField(max_length=20)  # of User: first_name, birth_date, postal_code ...
    value = EncryptedTextField(label="accounts.former_profile")  # a date as ISO 8601
    replaced_at = models.DateTimeField(default=timezone.now)

    class Meta:
        # For an account's history, and for retention.
        indexes = [models.Index(fields=["user", "replaced_at"], name="accounts_former_profile")]

    def __str__(self) -> str:
        return f"former profile {self.pk}"
