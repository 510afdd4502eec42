"""Printed recovery codes."""

from django.db import models
from django.db.models import Q
from django_otp.models import Device as OtpDevice

from accounts.enums import AuthenticatorKind
from accounts.models.authenticator import Authenticator


class RecoveryCodeSet(Authenticator, OtpDevice):
    """Ten codes that were shown once, together; an account has one set in use.

    A spare beside the other second steps: alone it does not turn two-step verification on.
    """

    kind = AuthenticatorKind.RECOVERY_CODES
    left_after_use = 0  # no column: what services.recovery_codes.accept counted with this row

    # When the person said that they have printed or saved them; they are a way back from then on.
    kept_at = models.DateTimeField(null=True, blank=True)

    class Meta(Authenticator.Meta):
        verbose_name = verbose_name_plural = "recovery codes"
        constraints = [
            *Authenticator.Meta.constraints,
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(confirmed=True),
                name="accounts_recoverycodeset_one_per_account",
            ),
        ]


class RecoveryCode(models.Model):
    """One code of a set, as its keyed HMAC; deleted with the set's removal."""

    code_set = models.ForeignKey(RecoveryCodeSet, models.CASCADE, related_name="codes")
    number = models.PositiveSmallIntegerField()  # its place on the sheet, from 1
    code_hmac = models.CharField(max_length=80)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["code_set", "number"], name="accounts_recoverycode_one_per_place"
            )
        ]

    def __str__(self) -> str:
        return f"recovery code {self.number}"
