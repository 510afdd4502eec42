"""Authenticator apps: RFC 6238, six digits every 30 seconds; each time step counts once."""

import base64
import hmac
import secrets
import uuid
from collections.abc import Sequence
from datetime import datetime
from urllib.parse import quote, urlencode

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django_otp.oath import hotp

from accounts import errors, policy, signals
from accounts.client import Client
from accounts.enums import ContactKind, FailurePool
from accounts.models import TotpDevice, User
from accounts.policy import Rule
from accounts.services import budgets, sessions
from accounts.services.budgets import Use

SEED_BYTES = 20  # RFC 4226 4, R6: 160 bits
STEP_SECONDS = 30
DIGITS = 6
# Stands in where there is no app, so that the same is computed.
SEED_OF_NOBODY = base64.b32encode(bytes(SEED_BYTES)).decode()


def enrol(user: User, name: str, *, client: Client | None = None) -> tuple[TotpDevice, str]:
    """Add an app that counts at once; gives it and the otpauth:// address for its QR code.

    The address holds the seed: show it once, keep it nowhere. Ends the sessions of the account.
    """
    seed = base64.b32encode(secrets.token_bytes(SEED_BYTES)).decode()
    with transaction.atomic():
        sessions.raise_epoch(user)
        device = TotpDevice.objects.create(user=user, name=name, seed=seed)
        signals.authenticator_added.send(
            sender=TotpDevice, user=user, client=client or Client(), kind="totp"
        )
    return device, _set_up_url(user, seed)


def verify(
    user: User | None,
    token: str,
    *,
    client: Client,
    pool: FailurePool | str,
    rules: Sequence[Rule] = policy.SECOND_STEP_RULES,
    now: datetime | None = None,
) -> TotpDevice:
    """Accept a code of one of the person's apps; raises WrongToken, LimitReached.

    pool: whose tries these are; a recovery names its own, and its own ``rules``. Every try is
    counted before anything is compared, so call it outside transactions; a right one gives back
    its own count and no other. Without a user the same work is done for nothing.
    """
    now = now or timezone.now()
    uses = [Use(rule, _budget_parts(user, client, pool)) for rule in rules]
    budgets.consume_all(uses, now=now)
    # The nil UUID is nobody's: one query with and without a user.
    owner = user.pk if user else uuid.UUID(int=0)
    devices: list[TotpDevice] = list(TotpDevice.objects.filter(user_id=owner, confirmed=True))
    seeds = [device.seed for device in devices] or [SEED_OF_NOBODY]
    steps = [_matching_step(seed, token, now) for seed in seeds]
    for device, step in zip(devices, steps, strict=False):
        if step is not None and _use_up(device, step, now):
            budgets.give_back_all(uses)
            return device
    raise errors.WrongToken


def current_code(device: TotpDevice, *, now: datetime | None = None) -> str:
    """Give the code the app shows now; the demo shows it, nothing else may."""
    return _code(device.seed, _step(now or timezone.now()))


def _budget_parts(user: User | None, client: Client, pool: FailurePool | str) -> tuple[str, ...]:
    subject = str(user.pk) if user else client.browser
    network = client.network if pool == FailurePool.PAIR else ""
    return (str(pool), subject, network)


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
