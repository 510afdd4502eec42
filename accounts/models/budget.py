"""What must not be overrun is counted here, in one atomic statement."""

from django.db import models


class Budget(models.Model):
    """Uses of one rule by one key in one window (services.budgets)."""

    rule = models.CharField(max_length=60)
    key = models.CharField(max_length=64)  # SHA-256 of the parts: no address in clear
    used = models.PositiveIntegerField(default=1)
    window_ends_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["rule", "key"], name="accounts_budget_one_per_key")
        ]
        # For services.retention.
        indexes = [models.Index(fields=["window_ends_at"], name="accounts_budget_end")]

    def __str__(self) -> str:
        return f"{self.rule} {self.pk}"
