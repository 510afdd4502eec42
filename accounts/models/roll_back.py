"""What a roll-back changed, for the minutes in which it can be taken back."""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone


class RollBack(models.Model):
    """One roll-back that can still be taken back; deleted when it is, or when it stands for good.

    ``changes`` lists what services.roll_back wrote: table, key, and each column before and after.
    ``networks``: the known networks that were forgotten, as rows. No contact stands in either.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="roll_backs")
    # Of the account, as the roll-back left it: after any change it cannot be taken back.
    epoch = models.PositiveIntegerField()
    made_at = models.DateTimeField(default=timezone.now)
    changes: Any = models.JSONField(default=list)
    networks: Any = models.JSONField(default=list)

    class Meta:
        # For services.roll_back.settle_due.
        indexes = [models.Index(fields=["made_at"], name="accounts_rollback_due")]

    def __str__(self) -> str:
        return f"roll-back {self.pk}"
