"""Browsers that are not asked for the second step again."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.models.device import Device


class TrustedBrowser(models.Model):
    """A browser whose owner asked, at a complete sign-in, not to be asked again for a while.

    ``token_hash`` changes at every use. ``epoch`` binds it to the password and authenticators of
    the account: any change of them ends the trust.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="trusted_browsers"
    )
    device = models.ForeignKey(Device, models.CASCADE, related_name="trusts")
    token_hash = models.CharField(max_length=64)  # SHA-256 of the trust cookie's value
    epoch = models.PositiveIntegerField()  # of the user, when it was made
    made_at = models.DateTimeField(default=timezone.now)
    used_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField()

    class Meta:
        constraints = [
            # The token first: services.trust renews a cookie's rows of all accounts at once.
            models.UniqueConstraint(
                fields=["token_hash", "user"], name="accounts_trust_once_per_account"
            ),
            models.UniqueConstraint(
                fields=["device", "user"], name="accounts_trust_once_per_device"
            ),
        ]
        # For services.retention.
        indexes = [models.Index(fields=["expires_at"], name="accounts_trust_expiry")]

    def __str__(self) -> str:
        return f"trusted browser {str(self.pk)[:8]}"
