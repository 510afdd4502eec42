"""Codes that are sent as a second step."""

from django.db import models
from django.db.models import Q
from django_otp.models import Device as OtpDevice

from accounts.enums import AuthenticatorKind, ContactKind
from accounts.models.authenticator import Authenticator
from accounts.models.contact import Contact


class CodeDevice(Authenticator, OtpDevice):
    """A verified contact that second-step codes go to; the code itself is a Challenge."""

    contact = models.ForeignKey(Contact, models.CASCADE, related_name="+")

    class Meta(Authenticator.Meta):
        verbose_name = verbose_name_plural = "sent codes"
        constraints = [
            *Authenticator.Meta.constraints,
            models.UniqueConstraint(
                fields=["contact"],
                condition=Q(confirmed=True),
                name="accounts_codedevice_once_per_contact",
            ),
        ]

    @property
    def kind(self) -> AuthenticatorKind:
        """Tell whether codes go out by SMS or by mail."""
        is_phone = self.contact.kind == ContactKind.PHONE
        return AuthenticatorKind.SMS if is_phone else AuthenticatorKind.EMAIL
