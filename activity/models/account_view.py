"""Which member of staff opened whose profile or events."""

from django.conf import settings
from django.db import models
from django.utils import timezone


class AccountView(models.Model):
    """The last time somebody of the staff saw an account's profile, contacts or events.

    Who grades or decides recoveries must not have looked the answers up (design.md section 2).
    """

    staff = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    last_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["staff", "user"], name="activity_account_view_once")
        ]

    def __str__(self) -> str:
        return f"view {self.pk}"
