"""What all second steps have in common: their times, and which of them are in use."""

from datetime import datetime
from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django_otp.models import DeviceManager


class AuthenticatorQuerySet(models.QuerySet[Any]):
    """Authenticators by whether they count."""

    def in_use(self) -> Self:
        """Give those that answer a second step now."""
        return self.filter(confirmed=True)

    def as_of(self, at: datetime) -> Self:
        """Give those that were in use at that time, those removed since among them."""
        return self.filter(Q(removed_at__isnull=True) | Q(removed_at__gt=at), made_at__lte=at)


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

    def verify_token(self, token: str) -> bool:
        """Refuse: tokens are compared only by services.second_step, which counts first."""
        return False
