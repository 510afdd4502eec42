"""An authenticator in software: honest unless told to lie, so that attacks need no browser."""

import base64
import hashlib
import json
import secrets
import struct
from dataclasses import dataclass, field

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings
from django.test import Client as Browser

PRESENT, VERIFIED, ELIGIBLE, BACKED_UP, ATTESTED = 0x01, 0x04, 0x08, 0x10, 0x40
SYNCED = ELIGIBLE | BACKED_UP
ZEROS = bytes(16)


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class SoftAuthenticator:
    """One passkey on P-256. counter: None where it counts nothing, as synced ones do."""

    aaguid: bytes = ZEROS
    transports: tuple[str, ...] = ("internal", "hybrid")
    counter: int | None = None
    credential_id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    user_handle: bytes = b""
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )

    def make(self, options: dict, *, rk: object = True, **lies) -> dict:
        """Answer what navigator.credentials.create() was asked; see ``_client_data`` for lies."""
        self.user_handle = unb64(options["user"]["id"])
        numbers = self.key.public_key().public_numbers()
        public_key = cbor2.dumps(
            {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32), -3: numbers.y.to_bytes(32)}
        )
        attested = self.aaguid + struct.pack(">H", len(self.credential_id)) + self.credential_id
        data = self._authenticator_data(lies, ATTESTED) + attested + public_key
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        return self._answer(
            {
                "clientDataJSON": b64(self._client_data("webauthn.create", options, lies)),
                "attestationObject": b64(attestation),
                "transports": list(self.transports),
            }
        ) | {"clientExtensionResults": {"credProps": {"rk": rk}}}

    def sign(self, options: dict, **lies) -> dict:
        """Answer what navigator.credentials.get() was asked; lies also: counter, handle."""
        client_data = self._client_data("webauthn.get", options, lies)
        data = self._authenticator_data(lies)
        signed = data + hashlib.sha256(client_data).digest()
        handle = lies.get("handle", self.user_handle)
        return self._answer(
            {
                "clientDataJSON": b64(client_data),
                "authenticatorData": b64(data),
                "signature": b64(self.key.sign(signed, ec.ECDSA(hashes.SHA256()))),
                "userHandle": b64(handle) if handle else None,
            }
        )

    def _answer(self, response: dict) -> dict:
        own = b64(self.credential_id)
        return {"id": own, "rawId": own, "type": "public-key", "response": response}

    def _client_data(self, kind: str, options: dict, lies: dict) -> bytes:
        """Say what was signed where; lies: type, challenge, origin."""
        return json.dumps(
            {
                "type": lies.get("type", kind),
                "challenge": lies.get("challenge", options["challenge"]),
                "origin": lies.get("origin", settings.PASSKEY_ORIGIN),
            }
        ).encode()

    def _authenticator_data(self, lies: dict, more: int = 0) -> bytes:
        """Say for which site, with what seen; lies: rp_id, flags, counter."""
        site = hashlib.sha256(lies.get("rp_id", settings.PASSKEY_HOST).encode()).digest()
        flags = lies.get("flags", PRESENT | VERIFIED | SYNCED) | more
        if self.counter is not None:
            self.counter += 1
        return site + struct.pack(">BI", flags, lies.get("counter", self.counter or 0))


def begin(browser: Browser, path: str) -> dict:
    """Ask for the question of a ceremony, as the page's script does."""
    response = browser.post(path + "begin/", HTTP_ACCEPT="application/json")
    assert response.status_code == 200, response.content
    return response.json()


def complete(browser: Browser, path: str, answer: object):
    """Post the answer of a ceremony, as the page's script does."""
    return browser.post(path + "complete/", json.dumps(answer), content_type="application/json")
