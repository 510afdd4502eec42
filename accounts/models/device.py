"""Browsers that have signed in."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone


class Device(models.Model):
    """A browser, by its device cookie, that completed a sign-in to one account.

    One cookie may stand for several accounts: a row for each.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="devices")
    token_hash = models.CharField(max_length=64)  # SHA-256 of the cookie's value
    agent = models.CharField(max_length=512, blank=True)
    hints = models.CharField(max_length=120, blank=True)  # Client.hints
    first_seen_at = models.DateTimeField(default=timezone.now)
    last_seen_at = models.DateTimeField(default=timezone.now)
    forgotten_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            # The token first: services.devices.remember asks for a cookie's rows of all accounts.
            models.UniqueConstraint(
                fields=["token_hash", "user"], name="accounts_device_once_per_account"
            )
        ]

    def __str__(self) -> str:
        return f"device {str(self.pk)[:8]}"


class KnownNetwork(models.Model):
    """A network from which an account signed in, by day: two days make it known."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="networks")
    network = models.CharField(max_length=64)
    days = models.PositiveSmallIntegerField(default=1)
    first_day = models.DateField()
    last_day = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "network"], name="accounts_network_once_per_account"
            )
        ]

    def __str__(self) -> str:
        return f"network {self.pk}"
