"""Passkeys: what the ceremonies of WebAuthn ask for, and which answers are taken."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.sessions.backends.base import SessionBase
from django.core import signing
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils import timezone
from django_otp_webauthn.helpers import WebAuthnHelper
from django_otp_webauthn.models import WebAuthnUserHandle
from webauthn import (
    base64url_to_bytes,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.authentication.verify_authentication_response import VerifiedAuthentication
from webauthn.helpers import (
    parse_authentication_credential_json,
    parse_registration_credential_json,
)
from webauthn.helpers.structs import (
    AuthenticationCredential,
    AuthenticatorSelectionCriteria,
    RegistrationCredential,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)
from webauthn.registration.verify_registration_response import VerifiedRegistration

from accounts import errors, policy, queries
from accounts.client import Client
from accounts.models import Passkey, User
from accounts.services import authenticators, failures
from accounts.services.first_step import tell_failure
from accounts.services.passkey_names import name_of

STATE = "passkey:"
COUNTER_MOST = 2**31 - 1  # what the column holds; an honest counter never comes near
ID_LONGEST = 1023  # bytes; WebAuthn level 3, section 4, "credential ID"


@dataclass(frozen=True)
class Purpose:
    """What a ceremony is for: an answer given for one is worth nothing for another.

    is_verified: whether the authenticator must have made sure who holds it (finger, face, PIN).
    """

    name: str
    is_verified: bool = True


ADDING = Purpose("adding")
SIGN_IN = Purpose("sign_in")
# After the password possession is enough, as it is with an app; old security keys have no PIN.
SECOND_STEP = Purpose("second_step", is_verified=False)
STEP_UP = Purpose("step_up")
TRY_OUT = Purpose("try_out", is_verified=False)
RECOVERY = Purpose("recovery")


class PortalWebAuthnHelper(WebAuthnHelper):
    """The library's ceremonies with our names and our model, and no attestation kept.

    passkey: the one that is taken alone, None for any of the account's.
    """

    def __init__(
        self,
        request: HttpRequest,
        *,
        purpose: Purpose = SIGN_IN,
        passkey: Passkey | None = None,
    ) -> None:
        super().__init__(request)
        self.purpose = purpose
        self.passkey = passkey

    def get_credential_name(self, user: User) -> str:
        """Give the name under which the device lists the passkey."""
        return queries.account_name(user)

    def get_credential_display_name(self, user: User) -> str:
        return queries.account_name(user)

    def get_generate_registration_options_kwargs(self, *, user: User) -> dict[str, Any]:
        """Ask for a passkey that can stand alone: found without a name, and held by a person."""
        asked: dict[str, Any] = super().get_generate_registration_options_kwargs(user=user)
        asked["authenticator_selection"] = AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        )
        return asked

    def register_complete(self, user: User, state: dict[str, Any], data: dict[str, Any]) -> Passkey:
        """Give the new passkey, not saved; raises MalformedPasskey, PasskeyRefused."""
        answer, credential = self._check_registration(state, data)
        is_found = self._check_discoverable(data) is not False
        is_storable = answer.sign_count <= COUNTER_MOST and len(answer.credential_id) <= ID_LONGEST
        if not (is_found and is_storable):
            raise errors.PasskeyRefused(user)
        return self.create_credential(user, answer, credential, data)

    def create_credential(
        self,
        user: User,
        response: VerifiedRegistration,
        parsed_credential: RegistrationCredential,
        original_data: dict[str, Any],
    ) -> Passkey:
        """Fill in a passkey that is not in use yet.

        Nothing of the attestation is kept: we asked for none, and it could tell devices apart.
        """
        made: Passkey = super().create_credential(user, response, parsed_credential, original_data)
        made.confirmed = False
        made.made_at = None
        return made

    def _check_discoverable(self, original_data: dict[str, Any]) -> bool | None:
        """Read what the browser says of itself, of whatever shape it is; None: nothing."""
        found: Any = original_data
        for key in ("clientExtensionResults", "credProps", "rk"):
            found = found.get(key) if isinstance(found, dict) else None
        return found if isinstance(found, bool) else None

    def get_generate_authentication_options_kwargs(
        self, *, user: User | None = None, require_user_verification: bool
    ) -> dict[str, Any]:
        """Prefer that the device asks who holds it, also where that is not required."""
        asked: dict[str, Any] = super().get_generate_authentication_options_kwargs(
            user=user, require_user_verification=require_user_verification
        )
        if not require_user_verification:
            asked["user_verification"] = UserVerificationRequirement.PREFERRED
        if self.passkey is not None:
            own = bytes(self.passkey.credential_id)
            asked["allow_credentials"] = [
                allowed for allowed in asked["allow_credentials"] if allowed.id == own
            ]
        return asked

    def authenticate_complete(
        self, user: User | None, state: dict[str, Any], data: dict[str, Any]
    ) -> Passkey:
        """Give the passkey that signed, and note its use; raises MalformedPasskey, PasskeyRefused.

        user: whose it must be, None for anybody's.
        """
        credential = _parse_answer(data)
        passkey = self._find(credential, user)
        answer = self._check_answer(passkey, state, credential)
        if not passkey.user.is_active:
            raise errors.PasskeyRefused(passkey.user)
        _note_use(passkey, answer, asked_at=datetime.fromisoformat(state["at"]))
        return passkey

    def _find(self, credential: AuthenticationCredential, user: User | None) -> Passkey:
        try:
            passkey = Passkey.get_by_credential_id(credential.raw_id)
        except Passkey.DoesNotExist:
            raise errors.PasskeyRefused from None
        is_foreign = user is not None and passkey.user_id != user.pk
        is_another = self.passkey is not None and passkey.pk != self.passkey.pk
        handle = credential.response.user_handle
        # WebAuthn level 3, section 7.2, step 6: who was not named before is named by the handle.
        is_unnamed = user is None and not handle
        if is_foreign or is_another or is_unnamed:
            raise errors.PasskeyRefused
        if handle and not _is_handle_of(passkey.user_id, handle):
            raise errors.PasskeyRefused
        return passkey

    def _check_answer(
        self, passkey: Passkey, state: dict[str, Any], credential: AuthenticationCredential
    ) -> VerifiedAuthentication:
        try:
            return verify_authentication_response(
                credential=credential,
                credential_public_key=bytes(passkey.public_key),
                # The library would look at the counter before the signature, when nobody knows yet
                # whose answer it is; ``_note_use`` does it after.
                credential_current_sign_count=0,
                expected_challenge=base64url_to_bytes(state["challenge"]),
                expected_rp_id=self.get_relying_party_domain(),
                expected_origin=self.get_allowed_origins(),
                require_user_verification=self.purpose.is_verified,
            )
        except Exception as error:  # a stranger's bytes: whatever parsing them raises, it is a no
            raise errors.PasskeyRefused from error

    def _check_registration(
        self, state: dict[str, Any], data: dict[str, Any]
    ) -> tuple[VerifiedRegistration, RegistrationCredential]:
        try:
            credential = parse_registration_credential_json(data)
        except Exception as error:  # as in _check_answer
            raise errors.MalformedPasskey from error
        try:
            answer = verify_registration_response(
                credential=credential,
                expected_challenge=base64url_to_bytes(state["challenge"]),
                expected_rp_id=self.get_relying_party_domain(),
                expected_origin=self.get_allowed_origins(),
                require_user_verification=self.purpose.is_verified,
            )
        except Exception as error:  # as in _check_answer
            raise errors.PasskeyRefused from error
        return answer, credential


Helper = PortalWebAuthnHelper


def keep_state(
    session: SessionBase, purpose: Purpose, state: dict[str, Any], *, subject: str
) -> None:
    """Remember the question of a ceremony; a newer one of the same purpose takes its place.

    subject: what the answer is bound to beside the purpose, "" for nothing.
    """
    session[STATE + purpose.name] = _dated(state) | {"subject": subject}


def take_state(session: SessionBase, purpose: Purpose, *, subject: str) -> dict[str, Any]:
    """Give the question once; raises CeremonyLost where there is none, or another's, or too old."""
    state: dict[str, Any] | None = session.pop(STATE + purpose.name, None)
    if state is None:
        raise errors.CeremonyLost
    # At once, so that whatever happens next the question is not answered a second time.
    session.save()
    is_old = timezone.now() - datetime.fromisoformat(state["at"]) > policy.CEREMONY_LIVES
    if is_old or not secrets.compare_digest(state["subject"], subject):
        raise errors.CeremonyLost
    return state


def seal_state(purpose: Purpose, state: dict[str, Any]) -> str:
    """Give the question for a cookie of its own, signed: no row is made for who only looks.

    It may come back twice. That an answer counts once is then the word of ``_note_use`` alone.
    """
    return signing.dumps(_dated(state), salt=STATE + purpose.name)


def open_state(purpose: Purpose, sealed: str) -> dict[str, Any]:
    """Give the question back; raises CeremonyLost where it is too old or was not sealed here."""
    try:
        state: dict[str, Any] = signing.loads(
            sealed, salt=STATE + purpose.name, max_age=policy.CEREMONY_LIVES
        )
    except signing.BadSignature as error:
        raise errors.CeremonyLost from error
    return state


def _dated(state: dict[str, Any]) -> dict[str, Any]:
    return {"challenge": state["challenge"], "at": timezone.now().isoformat()}


def add(passkey: Passkey, *, client: Client, is_strong: bool = False) -> None:
    """Put a new passkey in use; raises what authenticators.activate raises.

    is_strong: the session has shown two strong proofs (step_up.is_strong). Raises PasskeyRefused
    where its id was here before, on whichever account.
    """
    try:
        with transaction.atomic():
            passkey.name = free_name(passkey)
            passkey.save(force_insert=True)
            authenticators.activate(passkey, client=client, is_strong=is_strong)
    except IntegrityError as error:
        raise errors.PasskeyRefused(passkey.user) from error


def tell_refusal(refused: errors.PasskeyRefused, *, client: Client) -> None:
    """Record that nobody was signed in by a passkey; whose it is only where its signature was."""
    pool = failures.pool_of(refused.user, client)
    tell_failure(refused.user, type(refused), pool, client)


def free_name(passkey: Passkey) -> str:
    """Name it after its maker, and count from the second of one name."""
    name = name_of(passkey.aaguid, passkey.transports)
    own = Passkey.objects.in_use().filter(user=passkey.user)
    taken = set(own.values_list("name", flat=True))
    numbered = (f"{name} {number}" for number in range(2, len(taken) + 3))
    return next(free for free in (name, *numbered) if free not in taken)


def _parse_answer(data: dict[str, Any]) -> AuthenticationCredential:
    try:
        return parse_authentication_credential_json(data)
    except Exception as error:  # as in _check_answer
        raise errors.MalformedPasskey from error


def _is_handle_of(user_id: Any, handle: bytes) -> bool:
    known = WebAuthnUserHandle.objects.filter(user=user_id, handle_hex=handle.hex())
    return bool(known.exists())


def _note_use(passkey: Passkey, answer: VerifiedAuthentication, *, asked_at: datetime) -> None:
    """Store counter and time, of two uses at once only one; raises PasskeyRefused, PasskeyCloned.

    WebAuthn level 3, section 7.2, step 22: a counter that does not rise means a copy.
    """
    # Many passkeys count nothing. An answer to a question from before the last use may be that use
    # again, sent by a second request that had read the session before the first one wrote it.
    if passkey.used_at is not None and passkey.used_at >= asked_at:
        raise errors.PasskeyRefused(passkey.user)
    count = answer.new_sign_count
    if (count or passkey.sign_count) and not passkey.sign_count < count <= COUNTER_MOST:
        raise errors.PasskeyCloned(passkey.user)
    now = timezone.now()
    as_read = Passkey.objects.in_use().filter(
        pk=passkey.pk, sign_count=passkey.sign_count, used_at=passkey.used_at
    )
    if not as_read.update(
        sign_count=count,
        used_at=now,
        last_used_at=now,
        backup_state=answer.credential_backed_up,
    ):
        raise errors.PasskeyRefused(passkey.user)
    passkey.sign_count, passkey.used_at = count, now
