"""Authenticator apps."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django_otp.models import Device as OtpDevice

from accounts.enums import AuthenticatorKind
from accounts.models.authenticator import Authenticator
from vault.fields import EncryptedTextField

SEED_LABEL = "accounts.totp.seed"


class TotpDevice(Authenticator, OtpDevice):
    """An authenticator app (RFC 6238); the seed is encrypted, each time step counts once.

    A django-otp device for ``persistent_id`` and ``is_verified`` only: guessing is held by our own
    budgets, counted before the compare, so its throttling and ``verify_token`` are not used.
    """

    kind = AuthenticatorKind.TOTP

    seed = EncryptedTextField(label=SEED_LABEL, null=True)  # base 32, 160 bits
    last_step = models.BigIntegerField(default=-1)  # the last time step that was accepted
    # When its set-up began and under which epoch of the user: it must be finished soon, and not
    # after a change of the account, because whoever was signed in then has seen the seed.
    begun_at = models.DateTimeField(default=timezone.now)
    epoch = models.PositiveIntegerField(default=0)

    class Meta(Authenticator.Meta):
        verbose_name = "authenticator app"
        constraints = [
            *Authenticator.Meta.constraints,
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(confirmed=False, made_at__isnull=True, removed_at__isnull=True),
                name="accounts_totpdevice_one_being_set_up",
            ),
        ]
