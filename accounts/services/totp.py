"""Authenticator apps: RFC 6238, six digits every 30 seconds; each time step counts once."""

import base64
import hmac
import secrets
from datetime import datetime
from functools import lru_cache
from typing import Any
from urllib.parse import quote, urlencode

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django_otp.oath import hotp

from accounts import errors, policy, queries
from accounts.client import Client
from accounts.enums import ContactKind
from accounts.models import TotpDevice, User
from accounts.models.totp import SEED_LABEL
from accounts.services import authenticators, budgets, sessions
from accounts.services.budgets import Use
from vault import cipher, keyring

SEED_BYTES = 20  # RFC 4226 4, R6: 160 bits
STEP_SECONDS = 30
DIGITS = 6
SET_UP_POOL = "set_up"  # its tries are nobody else's
# Stands in where there is no app, so that the same is computed; nobody knows it.
SEED_OF_NOBODY = base64.b32encode(secrets.token_bytes(SEED_BYTES)).decode()


def begin(user: User, begun: int | None = None) -> tuple[TotpDevice, str, str]:
    """Give an app that is being set up, its seed and the otpauth:// address for its QR code.

    begun: the one that this session began; it is given again for policy.TOTP_SET_UP_LIVES, so that
    a page that is loaded twice shows what the app has read already. Another session gets a seed of
    its own, and so does any after a change of the account: a thief's has seen this one.
    """
    now = timezone.now()
    with transaction.atomic():
        epochs = User.objects.select_for_update(no_key=True).values_list("epoch", flat=True)
        epoch = epochs.get(pk=user.pk)
        pending = _being_set_up(user, epoch, now).filter(pk=begun).first()
        if pending is None:
            _waiting(user).delete()
            pending = TotpDevice.objects.create(
                user=user,
                seed=_new_seed(),
                confirmed=False,
                made_at=None,
                begun_at=now,
                epoch=epoch,
            )
    seed = _seed_of(pending)
    return pending, seed, _set_up_url(user, seed)


def confirm(
    user: User,
    token: str,
    name: str,
    *,
    client: Client,
    is_strong: bool = False,
    now: datetime | None = None,
) -> TotpDevice:
    """Put the app that is being set up in use once it shows the right code; ends all sessions.

    Raises WrongToken, LimitReached, and what ``authenticators.activate`` raises. Call it outside
    transactions. The code is used up: it does not sign in as well.
    """
    now = now or timezone.now()
    uses = [Use(rule, (SET_UP_POOL, str(user.pk), "")) for rule in policy.SECOND_STEP_RULES]
    budgets.consume_all(uses, now=now)
    pending: TotpDevice | None = _being_set_up(user, user.epoch, now).first()
    step = _matching_step(_seed_of(pending), token, now)
    if pending is None or step is None:
        raise errors.WrongToken
    budgets.give_back_all(uses)
    pending.user, pending.last_step = user, step
    pending.name = name.strip()[: policy.AUTHENTICATOR_NAME_LONGEST]
    with transaction.atomic():
        sessions.lock_account(user)
        TotpDevice.objects.filter(pk=pending.pk).update(name=pending.name, last_step=step)
        authenticators.activate(pending, client=client, is_strong=is_strong)
    return pending


def accept(user: User | None, token: str, now: datetime) -> TotpDevice | None:
    """Use up a code of one of the person's apps; None for a wrong or used one. Count before.

    Without a user the same work is done for nothing.
    """
    # The nil UUID is nobody's: one query with and without a user.
    owner = user.pk if user else queries.NOBODY
    devices: list[TotpDevice] = list(TotpDevice.objects.in_use().filter(user_id=owner))
    # Without an app as much is built and decrypted: the time must not tell that there is none.
    devices = devices or [_app_of_nobody()]
    steps = [_matching_step(_seed_of(device), token, now) for device in devices]
    for device, step in zip(devices, steps, strict=True):
        if device.pk and step is not None and _use_up(device, step, now):
            return device
    return None


def enrol(user: User, name: str, *, client: Client | None = None) -> tuple[TotpDevice, str]:
    """Add an app that counts at once, for staff; gives it and the address for its QR code.

    The address holds the seed: show it once, keep it nowhere. Ends the sessions of the account.
    """
    seed = _new_seed()
    with transaction.atomic():
        is_first = not queries.has_second_step(user)
        _waiting(user).delete()
        device = TotpDevice.objects.create(
            user=user, name=name, seed=seed, confirmed=False, made_at=None, epoch=user.epoch
        )
        authenticators.put_in_use(device, client=client or Client(), is_first=is_first)
    return device, _set_up_url(user, seed)


def current_code(device: TotpDevice, *, now: datetime | None = None) -> str:
    """Give the code the app shows now; the demo shows it, nothing else may."""
    return _code(_seed_of(device), _step(now or timezone.now()))


def _app_of_nobody() -> TotpDevice:
    at_rest = _seed_of_nobody_at_rest(keyring.current(SEED_LABEL).name)
    return TotpDevice(seed=cipher.decrypt(SEED_LABEL, at_rest))


@lru_cache(maxsize=1)
def _seed_of_nobody_at_rest(key_name: str) -> str:
    return cipher.encrypt(SEED_LABEL, SEED_OF_NOBODY)


def _new_seed() -> str:
    return base64.b32encode(secrets.token_bytes(SEED_BYTES)).decode()


def _seed_of(device: TotpDevice | None) -> str:
    return (device and device.seed) or SEED_OF_NOBODY


def _waiting(user: User) -> Any:
    """Give the apps of which a seed was shown, but never a code typed."""
    return TotpDevice.objects.filter(
        user=user, confirmed=False, made_at__isnull=True, removed_at__isnull=True
    )


def _being_set_up(user: User, epoch: int, now: datetime) -> Any:
    """Give the same, where they may still be finished."""
    since = now - policy.TOTP_SET_UP_LIVES
    return _waiting(user).filter(begun_at__gt=since, epoch=epoch)


def _matching_step(seed: str, token: str, now: datetime) -> int | None:
    """Give the time step whose code this is: the present one or a neighbour (RFC 6238 5.2)."""
    step = _step(now)
    # All are computed and compared: the time must not tell how near a guess was.
    matches = [
        nearby
        for nearby in (step - 1, step, step + 1)
        if hmac.compare_digest(_code(seed, nearby).encode(), token.encode())
    ]
    return matches[-1] if matches else None


def _use_up(device: TotpDevice, step: int, now: datetime) -> bool:
    """Mark a time step as used; of two posts of one code, one wins."""
    unused = TotpDevice.objects.filter(pk=device.pk, confirmed=True, last_step__lt=step)
    return bool(unused.update(last_step=step, used_at=now))


def _step(at: datetime) -> int:
    return int(at.timestamp()) // STEP_SECONDS


def _code(seed: str, step: int) -> str:
    return f"{hotp(base64.b32decode(seed), step, digits=DIGITS):0{DIGITS}d}"


def _set_up_url(user: User, seed: str) -> str:
    """Give the address that apps read (Key Uri Format of Google Authenticator)."""
    primary = user.contacts.filter(
        kind=ContactKind.EMAIL, signs_in=True, removed_at__isnull=True
    ).first()
    label = f"{settings.SITE_NAME}:{primary.value if primary else user}"
    query = urlencode(
        {
            "secret": seed,
            "issuer": settings.SITE_NAME,
            "algorithm": "SHA1",
            "digits": DIGITS,
            "period": STEP_SECONDS,
        },
        quote_via=quote,
    )
    return f"otpauth://totp/{quote(label)}?{query}"
