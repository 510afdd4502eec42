"""How often what was seen: what the risk of a sign-in is computed from."""

from django.conf import settings
from django.db import models
from django.utils import timezone


class FeatureCount(models.Model):
    """In how many of one account's sign-ins a feature had this value.

    feature: a name of risk.FEATURES, or risk.ALL with the value "" for the number of sign-ins.
    Counted in the sign-in's own transaction, so that the next one knows of it.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="feature_counts"
    )
    feature = models.CharField(max_length=20)
    value = models.CharField(max_length=120, blank=True)
    count = models.IntegerField(default=0)
    last_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            # For assessors: the values of one sign-in, in one statement at any history.
            models.UniqueConstraint(
                fields=["user", "feature", "value"], name="activity_feature_once_per_account"
            )
        ]
        # For services.retention.
        indexes = [models.Index(fields=["last_at"], name="activity_feature_last")]

    def __str__(self) -> str:
        return f"{self.feature} {self.pk}"


class CommonCount(models.Model):
    """In how many sign-ins of all accounts a feature had this value.

    A worker adds what was learned since, so that sign-ins do not wait for each other.
    """

    feature = models.CharField(max_length=20)
    value = models.CharField(max_length=120, blank=True)
    count = models.BigIntegerField(default=0)
    last_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["feature", "value"], name="activity_common_once")
        ]
        indexes = [models.Index(fields=["last_at"], name="activity_common_last")]

    def __str__(self) -> str:
        return f"{self.feature} {self.pk}"
