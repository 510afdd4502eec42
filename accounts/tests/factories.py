"""Builders: valid by default, no surprises."""

import uuid
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from django.contrib.auth.hashers import make_password
from django.utils import timezone

from accounts import normalise, policy
from accounts.client import Client
from accounts.models import (
    CodeDevice,
    Contact,
    Device,
    Passkey,
    RecoveryCode,
    RecoveryCodeSet,
    TotpDevice,
    TrustedBrowser,
    User,
)
from accounts.services import networks, recovery_codes
from vault import digests

PASSWORD = "Copper-lantern-7-river"
LONG_AGO = timedelta(days=300)
SEED = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"

_numbers = count(1)


def make_user(
    *,
    email: str | None = "",
    password: str | None = PASSWORD,
    phone: str = "",
    created_at: datetime | None = None,
    **fields: Any,
) -> User:
    """Make an account that is LONG_AGO old.

    email: None for no contact at all. password: None for an unusable one.
    """
    created_at = created_at or timezone.now() - LONG_AGO
    if email == "":
        email = f"person{next(_numbers)}@example.org"
    user = User.objects.create(
        password=make_password(password),
        created_at=created_at,
        password_changed_at=created_at,
        **fields,
    )
    for value in filter(None, (email, phone)):
        make_contact(user, value, signs_in=True, verified_at=created_at)
    return user


def make_contact(
    user: User,
    value: str = "",
    *,
    signs_in: bool = False,
    verified_at: datetime | None = None,
    **fields: Any,
) -> Contact:
    """Make a contact that was verified when the account was made and counts since."""
    address = normalise.address(value or f"other{next(_numbers)}@example.net")
    verified_at = verified_at or user.created_at
    values = {
        "signs_in": signs_in,
        "added_at": verified_at,
        "verified_at": verified_at,
        "counts_from": verified_at,
    }
    contact = Contact.at(user, address, **(values | fields))
    contact.save()
    return contact


def make_totp(user: User, **fields: Any) -> TotpDevice:
    """Make a confirmed authenticator app that is LONG_AGO old, with a fixed seed."""
    values = {
        "name": "app",
        "confirmed": True,
        "seed": SEED,
        "made_at": timezone.now() - LONG_AGO,
    }
    device: TotpDevice = TotpDevice.objects.create(user=user, **(values | fields))
    return device


def make_passkey(user: User, **fields: Any) -> Passkey:
    """Make a passkey that is LONG_AGO old, with an id and a key that no authenticator has."""
    number = next(_numbers)
    values = {
        "name": "key",
        "confirmed": True,
        "credential_id": f"credential-{number}".encode(),
        "public_key": f"public-key-{number}".encode(),
        "aaguid": str(uuid.UUID(int=0)),
        "discoverable": True,
        "made_at": timezone.now() - LONG_AGO,
    }
    passkey: Passkey = Passkey.objects.create(user=user, **(values | fields))
    return passkey


def make_code_device(user: User, contact: Contact | None = None, **fields: Any) -> CodeDevice:
    """Make sent codes that are LONG_AGO old.

    contact: None for a phone that is put on file for it.
    """
    if contact is None:
        contact = make_contact(user, f"+4915112{next(_numbers):06}")
    values = {"name": "", "confirmed": True, "made_at": timezone.now() - LONG_AGO}
    device: CodeDevice = CodeDevice.objects.create(user=user, contact=contact, **(values | fields))
    return device


def make_recovery_codes(
    user: User, *, codes: int = policy.RECOVERY_CODES, is_kept: bool = True, **fields: Any
) -> tuple[RecoveryCodeSet, list[str]]:
    """Make a set of printed codes that is LONG_AGO old and was kept; gives it and the codes."""
    made_at = fields.pop("made_at", timezone.now() - LONG_AGO)
    values = {"confirmed": True, "made_at": made_at, "kept_at": made_at if is_kept else None}
    code_set: RecoveryCodeSet = RecoveryCodeSet.objects.create(user=user, **(values | fields))
    plain = [f"{next(_numbers):016}" for _ in range(codes)]
    RecoveryCode.objects.bulk_create(
        RecoveryCode(
            code_set=code_set,
            number=number,
            code_hmac=digests.keyed(code, purpose=recovery_codes.PURPOSE, subject=str(user.pk)),
        )
        for number, code in enumerate(plain, start=1)
    )
    return code_set, plain


def make_device(user: User, token: str = "device", **fields: Any) -> Device:
    """Make a browser that signed in LONG_AGO; ``token``: the value of its cookie."""
    seen_at = timezone.now() - LONG_AGO
    values = {"token_hash": digests.token_hash(token), "first_seen_at": seen_at}
    return Device.objects.create(user=user, **(values | {"last_seen_at": seen_at} | fields))


def make_trust(
    user: User, device: Device | None = None, token: str = "trust", **fields: Any
) -> TrustedBrowser:
    """Make a browser that is trusted since now; ``token``: the value of its trust cookie."""
    values = {
        "device": device or make_device(user),
        "token_hash": digests.token_hash(token),
        "epoch": user.epoch,
        "expires_at": timezone.now() + policy.TRUST_LIVES,
    }
    return TrustedBrowser.objects.create(user=user, **(values | fields))


def make_client(address: str = "203.0.113.9", *, device: str = "", **fields: Any) -> Client:
    """Make the asking browser; ``device``: the value of its cookie."""
    values = {
        "address": address,
        "network": networks.network_of(address),
        "wide_network": networks.wide_network_of(address),
        "agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
        "device": digests.token_hash(device) if device else "",
        "browser": f"browser-{next(_numbers)}",
    }
    return Client(**(values | fields))
