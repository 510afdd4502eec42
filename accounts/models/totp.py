"""Authenticator apps."""

from django.db import models
from django.utils import timezone
from django_otp.models import Device as OtpDevice

from vault.fields import EncryptedTextField


class TotpDevice(OtpDevice):
    """An authenticator app (RFC 6238); the seed is encrypted, each time step counts once.

    A django-otp device for ``persistent_id`` and ``is_verified`` only: guessing is held by our own
    budgets, counted before the compare, so its throttling and ``verify_token`` are not used.
    """

    seed = EncryptedTextField(label="accounts.totp.seed")  # base 32, 160 bits
    last_step = models.BigIntegerField(default=-1)  # the last time step that was accepted
    made_at = models.DateTimeField(default=timezone.now)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "authenticator app"

    def verify_token(self, token: str) -> bool:
        """Refuse: tokens are compared only by services.totp, which counts first."""
        return False
