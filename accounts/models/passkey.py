"""Passkeys and security keys."""

from typing import Any, ClassVar, Self

from django.db import models
from django_otp_webauthn.models import AbstractWebAuthnCredential, as_credential_descriptors
from webauthn.helpers.structs import PublicKeyCredentialDescriptor

from accounts.enums import AuthenticatorKind
from accounts.models.authenticator import Authenticator, AuthenticatorManager
from accounts.models.user import User


class Passkey(Authenticator, AbstractWebAuthnCredential):
    """A WebAuthn credential; only its public key is known here.

    Removed, it keeps its row and the digest of its id, so that it cannot be added again unseen.
    """

    kind = AuthenticatorKind.PASSKEY

    objects: ClassVar[Any] = AuthenticatorManager()

    class Meta(Authenticator.Meta):
        verbose_name = "passkey"
        constraints = [*Authenticator.Meta.constraints]
        indexes: ClassVar[
            list[models.Index]
        ] = []  # the digest of the id is unique, which is an index too

    @classmethod
    def get_by_credential_id(cls, credential_id: bytes) -> Self:
        """Give the passkey in use with this id; raises DoesNotExist for removed ones too."""
        digest = cls.get_credential_id_sha256(credential_id)
        found: Self = cls.objects.in_use().select_related("user").get(credential_id_sha256=digest)
        return found

    @classmethod
    def get_credential_descriptors_for_user(cls, user: User) -> list[PublicKeyCredentialDescriptor]:
        """Give the ids of the passkeys in use, the last used first.

        The library would name those being set up and the emptied ids of removed ones too.
        """
        in_use = cls.objects.in_use().filter(user=user)
        described: list[PublicKeyCredentialDescriptor] = as_credential_descriptors(
            in_use.order_by(models.F("used_at").desc(nulls_last=True), "pk")
        )
        return described
