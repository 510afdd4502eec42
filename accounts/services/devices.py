"""Browsers and networks that an account has signed in from."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from accounts import policy
from accounts.client import Client
from accounts.models import Device, KnownNetwork, User
from accounts.queries import NOBODY
from vault import digests


def is_known(user: User | None, client: Client) -> bool:
    """Tell whether this browser has signed in to this account; one query where it has a cookie."""
    if not client.device:
        return False
    return Device.objects.filter(
        user_id=user.pk if user else NOBODY, token_hash=client.device, forgotten_at=None
    ).exists()


def is_known_network(user: User | None, client: Client) -> bool:
    """Tell whether the account signed in from this network on two days or more; one query."""
    return KnownNetwork.objects.filter(
        user_id=user.pk if user else NOBODY,
        network=client.network,
        days__gte=policy.KNOWN_NETWORK_DAYS,
    ).exists()


def remember(user: User, client: Client) -> tuple[Device, str]:
    """Note a completed sign-in from this browser; give its row and the new cookie value or "".

    A value that no sign-in of ours ever set is not taken over: somebody else may have planted it.
    """
    now = timezone.now()
    rows = list(Device.objects.filter(token_hash=client.device)) if client.device else []
    token = "" if rows else digests.new_token()
    device = next((row for row in rows if row.user_id == user.pk), None)
    if device is None:
        token_hash = digests.token_hash(token) if token else client.device
        return _insert(user, token_hash, client.agent, now), token
    if device.forgotten_at:
        # Known again from today on: its age counts for objections.
        device.first_seen_at, device.forgotten_at = now, None
    device.agent, device.last_seen_at = client.agent, now
    device.save(update_fields=["agent", "first_seen_at", "last_seen_at", "forgotten_at"])
    return device, token


def remember_network(user: User, client: Client) -> None:
    """Count this day for the network of a completed sign-in."""
    if not client.network:
        return
    today = timezone.now().date()
    rows = KnownNetwork.objects.filter(user=user, network=client.network)
    last_day = rows.values_list("last_day", flat=True).first()
    if last_day is None:
        KnownNetwork.objects.bulk_create(
            [KnownNetwork(user=user, network=client.network, first_day=today, last_day=today)],
            ignore_conflicts=True,
        )
    elif last_day < today:
        rows.filter(last_day__lt=today).update(days=F("days") + 1, last_day=today)


def forget_all(user: User) -> int:
    """Make every browser and network of the account unknown; gives how many browsers.

    For recovery and freezes: a thief's browser must not stay a known one.
    """
    KnownNetwork.objects.filter(user=user).delete()
    return Device.objects.filter(user=user, forgotten_at=None).update(forgotten_at=timezone.now())


def _insert(user: User, token_hash: str, agent: str, now: datetime) -> Device:
    """Write a new row; of two sign-ins of one browser at once, the second gets the first's."""
    times = {"first_seen_at": now, "last_seen_at": now}
    try:
        with transaction.atomic():
            return Device.objects.create(user=user, token_hash=token_hash, agent=agent, **times)
    except IntegrityError:
        return Device.objects.get(user=user, token_hash=token_hash)
