"""Passwords that were, and what imported ones cost to check."""

from django.conf import settings
from django.db import models
from django.utils import timezone


class FormerPassword(models.Model):
    """The hash of a password that an account had before the present one."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="former_passwords"
    )
    encoded = models.CharField(max_length=255)
    # None for rows that are older than this column: when the one before it was replaced. The same
    # as replaced_at where a report had ended it: compared with new ones, it proves nothing.
    set_at = models.DateTimeField(null=True, blank=True)
    replaced_at = models.DateTimeField(default=timezone.now)

    class Meta:
        # For passwords.prepare: the youngest few of an account.
        indexes = [models.Index(fields=["user", "-replaced_at"], name="accounts_former_youngest")]

    def __str__(self) -> str:
        return f"former password {self.pk}"


class ImportedWork(models.Model):
    """The dearest imported hash of an algorithm: what every check of a password spends on it.

    Few rows; made by the import (services.importing), read by services.passwords.
    """

    algorithm = models.CharField(max_length=20, primary_key=True)
    work = models.BigIntegerField()  # in the unit of policy.IMPORTED_WORK_LIMITS

    def __str__(self) -> str:
        return f"{self.algorithm} {self.work}"
