"""Accounts that are not yet: a sign-up that waits for its code."""

import uuid

from django.db import models
from django.utils import timezone


class SignUp(models.Model):
    """One attempt to sign up; reserves nothing. The first completed one ends the others."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    address = models.CharField(max_length=254)
    match_key = models.CharField(max_length=254)
    encoded_password = models.CharField(max_length=255)
    # The browser that gave the password (Client.browser), as SHA-256.
    browser_hash = models.CharField(max_length=64)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [
            # For ending the others when one is complete.
            models.Index(fields=["match_key"], name="accounts_signup_match"),
            # For services.retention.
            models.Index(fields=["created_at"], name="accounts_signup_age"),
        ]

    def __str__(self) -> str:
        return f"sign-up {str(self.pk)[:8]}"
