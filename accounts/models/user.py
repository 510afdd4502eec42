"""The account."""

import uuid
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from accounts.enums import Mode


class UserManager(BaseUserManager["User"]):
    """Accounts; made by services (sign-up, import, create_staff) and by nothing else."""


class User(AbstractBaseUser, PermissionsMixin):  # type: ignore[django-manager-missing]  # django-otp's
    """One account. Its addresses are rows of Contact; ``epoch`` ends everything at once.

    ``epoch`` grows with every change of password, contact, authenticator, freeze and recovery;
    sessions, half-done sign-ins, challenges and tickets carry the value they were made under.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # Wider than Django's: an imported hash stands inside another (hashers.WrappedPasswordHasher).
    password = models.CharField(_("password"), max_length=255)
    # A user name or member number of the organisation, as normalise.external_id gives it.
    external_id = models.CharField(max_length=254, null=True, blank=True, unique=True)
    first_name = models.CharField(max_length=150, blank=True)
    last_name = models.CharField(max_length=150, blank=True)
    birth_date = models.DateField(null=True, blank=True)
    country = models.CharField(max_length=2, blank=True)  # ISO 3166-1 alpha-2
    postal_code = models.CharField(max_length=20, blank=True)
    language = models.CharField(max_length=10, default="en")
    time_zone = models.CharField(max_length=64, default="UTC")
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    # Recovered only by two strong proofs or two superusers.
    is_protected = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)
    password_changed_at = models.DateTimeField(null=True, blank=True)
    # Since when the password opens nothing: a report said that somebody else knows it. A new one,
    # set in the session that reported or by a recovery, ends that.
    password_spent_at = models.DateTimeField(null=True, blank=True)
    epoch = models.PositiveIntegerField(default=1)
    restricted_until = models.DateTimeField(null=True, blank=True)
    contested_at = models.DateTimeField(null=True, blank=True)
    frozen_at = models.DateTimeField(null=True, blank=True)
    frozen_cause = models.CharField(max_length=40, blank=True)

    USERNAME_FIELD = "id"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    # In memory: another change of the account came between reading and raising the epoch.
    was_overtaken = False

    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        verbose_name = _("account")
        constraints = [
            models.CheckConstraint(
                condition=Q(frozen_at__isnull=True, frozen_cause="")
                | (Q(frozen_at__isnull=False) & ~Q(frozen_cause="")),
                name="accounts_user_frozen_has_a_cause",
            ),
        ]
        # For the admin's newest first.
        indexes = [models.Index(fields=["-created_at"], name="accounts_user_newest")]

    def __str__(self) -> str:
        return f"{self.first_name} {self.last_name}".strip() or str(self.pk)[:8]

    def get_short_name(self) -> str:
        """Give what the admin greets a person by."""
        return str(self)

    @property
    def mode(self) -> Mode:
        """What the account may do now; the strictest reason wins."""
        if self.frozen_at:
            return Mode.FROZEN
        if self.contested_at:
            return Mode.CONTESTED
        if self.restricted_until and self.restricted_until > timezone.now():
            return Mode.RESTRICTED
        return Mode.NORMAL

    @property
    def is_specially_protected(self) -> bool:
        """Tell whether the decision table's first rows apply: staff, superuser or marked."""
        return self.is_protected or self.is_staff or self.is_superuser

    def get_session_auth_hash(self) -> str:
        """Bind sessions to the epoch, not to the password hash.

        A hash upgraded at sign-in then ends nothing, and one UPDATE of the epoch ends all.
        """
        return self._session_hash()

    def get_session_auth_fallback_hash(self) -> Any:
        """Accept sessions made under an older secret key."""
        for secret in settings.SECRET_KEY_FALLBACKS:
            yield self._session_hash(secret)

    def _session_hash(self, secret: str | None = None) -> str:
        return salted_hmac(
            "accounts.user.epoch", f"{self.pk}:{self.epoch}", secret=secret, algorithm="sha256"
        ).hexdigest()
