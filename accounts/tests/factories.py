"""Builders: valid by default, no surprises."""

from datetime import datetime, timedelta
from itertools import count
from typing import Any

from django.contrib.auth.hashers import make_password
from django.utils import timezone

from accounts import normalise
from accounts.client import Client
from accounts.models import Contact, TotpDevice, User
from accounts.services import networks
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
