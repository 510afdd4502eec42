"""Passwords that were, so that they are not used again."""

from django.conf import settings
from django.db import models
from django.utils import timezone


class FormerPassword(models.Model):
    """The hash of a password that an account had before the present one."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="former_passwords"
    )
    encoded = models.CharField(max_length=255)
    replaced_at = models.DateTimeField(default=timezone.now)

    class Meta:
        # For passwords.prepare: the youngest few of an account.
        indexes = [models.Index(fields=["user", "-replaced_at"], name="accounts_former_youngest")]

    def __str__(self) -> str:
        return f"former password {self.pk}"
