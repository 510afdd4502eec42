"""What all second steps have in common: their times, and which of them are in use."""

from datetime import datetime
from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django_otp.models import DeviceManager

from accounts import policy


class AuthenticatorQuerySet(models.QuerySet[Any]):
    """Authenticators by whether they count."""

    def in_use(self) -> Self:
        """Give those that answer a second step now."""
        return self.filter(confirmed=True)

    def as_of(self, at: datetime) -> Self:
        """Give those that were in use at that time, those removed since among them.

        Of those suspended since, what was made days before: a thief's of that week raises no bar,
        and by a report no thief lowers that of an owner's.
        """
        was_old = Q(made_at__lte=F("suspended_at") - policy.AUTHENTICATOR_COUNTS_AFTER) | Q(
            made_at__lt=F("user__created_at") + policy.MADE_AT_SIGN_UP
        )
        return self.filter(
            Q(removed_at__isnull=True) | Q(removed_at__gt=at),
            Q(suspended_at__isnull=True) | (Q(suspended_at__gt=at) & was_old),
            made_at__lte=at,
        )


AuthenticatorManager = DeviceManager.from_queryset(AuthenticatorQuerySet)


class Authenticator(models.Model):
    """The columns of every second step beside django-otp's ``user``, ``name`` and ``confirmed``.

    ``confirmed`` is true while it is in use. Removal is soft and empties what is secret: how the
    account was some days ago decides over a recovery (design.md section 2, Decisions).
    """

    # None while it is being set up; its age decides whether it is a strong proof.
    made_at = models.DateTimeField(null=True, blank=True, default=timezone.now)
    used_at = models.DateTimeField(null=True, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True)
    # Out of use because its adding is in doubt; what is secret stays until that cannot be taken
    # back any more (services.roll_back).
    suspended_at = models.DateTimeField(null=True, blank=True)
    # When its owner answered whether it still works, which is asked once.
    asked_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[Any] = AuthenticatorManager()

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(confirmed=False)
                | Q(made_at__isnull=False, removed_at__isnull=True, suspended_at__isnull=True),
                name="%(app_label)s_%(class)s_in_use_is_made",
            ),
        ]

    def __str__(self) -> str:
        # Not its name: the admin shows this, and its owner typed that for nobody else.
        return f"{self._meta.verbose_name} {self.pk}"

    def was_in_use(self, at: datetime, account_made_at: datetime) -> bool:
        """Tell of one row what ``as_of`` asks."""
        if self.made_at is None or self.made_at > at:
            return False
        if self.removed_at is not None and self.removed_at <= at:
            return False
        if self.suspended_at is None:
            return True
        counts_from = policy.authenticator_counts_from(self.made_at, account_made_at)
        return at < self.suspended_at and counts_from <= self.suspended_at

    def verify_token(self, token: str) -> bool:
        """Refuse: tokens are compared only by services.second_step, which counts first."""
        return False
