"""Sessions, as the database keeps them: the key only as its SHA-256."""

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.utils import timezone

from accounts.models.device import Device


class UserSession(AbstractBaseSession):
    """One browser's session, signed in or not; ended by deleting the row.

    ``session_key`` holds the SHA-256 of the cookie's value. Saving session data writes what it says
    and when it was used, never the other columns (session_store).
    """

    session_key = models.CharField(max_length=64, primary_key=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="sessions"
    )
    device = models.ForeignKey(Device, models.SET_NULL, null=True, related_name="sessions")
    created_at = models.DateTimeField(default=timezone.now)
    last_seen_at = models.DateTimeField(default=timezone.now)
    signed_in_at = models.DateTimeField(null=True)
    # "Keep me signed in": policy.SESSION_KEPT instead of the idle and absolute limits.
    is_kept = models.BooleanField(default=False)
    address = models.GenericIPAddressField(null=True)
    agent = models.CharField(max_length=512, blank=True)
    hints = models.CharField(max_length=120, blank=True)  # Client.hints

    class Meta:
        verbose_name = "session"
        indexes = [
            # For the list of an account's sessions.
            models.Index(fields=["user", "-last_seen_at"], name="accounts_session_user"),
            # For services.retention: what has run out.
            models.Index(fields=["expire_date"], name="accounts_session_expiry"),
        ]

    @classmethod
    def get_session_store_class(cls) -> type[SessionBase]:
        """Give the store that reads and writes these rows."""
        from accounts.session_store import SessionStore  # noqa: PLC0415 - it imports this model

        return SessionStore
