"""Passkeys that a software authenticator can answer with."""

from django_otp_webauthn.models import WebAuthnUserHandle
from webauthn.helpers import parse_attestation_object

from accounts.models import Passkey, User
from accounts.tests.factories import make_passkey
from accounts.tests.soft_authenticator import SoftAuthenticator, b64, unb64


def make_working_passkey(user: User, **fields) -> tuple[Passkey, SoftAuthenticator]:
    """Make a passkey in use that is LONG_AGO old, and what answers for it.

    counter: of the authenticator and as it was last seen; without one it counts nothing.
    """
    device = SoftAuthenticator(counter=fields.pop("counter", None))
    handle = WebAuthnUserHandle.get_handle_for_user(user)
    made = device.make({"challenge": b64(b"once"), "user": {"id": b64(handle)}})
    attestation = parse_attestation_object(unb64(made["response"]["attestationObject"]))
    credential = attestation.auth_data.attested_credential_data
    assert credential is not None
    values = {
        "credential_id": device.credential_id,
        "public_key": credential.credential_public_key,
        "sign_count": device.counter or 0,
        "transports": list(device.transports),
    }
    return make_passkey(user, **(values | fields)), device
