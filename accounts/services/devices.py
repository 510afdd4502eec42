"""Browsers and networks that an account has signed in from."""

from django.db.models import F
from django.utils import timezone

from accounts import policy
from accounts.client import Client
from accounts.models import Device, KnownNetwork, User
from accounts.queries import NOBODY
from vault import digests


def is_known(user: User | None, client: Client) -> bool:
    """Tell whether this browser has signed in to this account; always one query."""
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
    token = ""
    token_hash = client.device
    if not (token_hash and Device.objects.filter(token_hash=token_hash).exists()):
        token = digests.new_token()
        token_hash = digests.token_hash(token)
    device, is_new = Device.objects.get_or_create(
        user=user,
        token_hash=token_hash,
        defaults={"agent": client.agent, "first_seen_at": now, "last_seen_at": now},
    )
    if not is_new:
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
    if rows.filter(last_day__lt=today).update(days=F("days") + 1, last_day=today):
        return
    KnownNetwork.objects.bulk_create(
        [KnownNetwork(user=user, network=client.network, first_day=today, last_day=today)],
        ignore_conflicts=True,
    )


def forget_all(user: User) -> int:
    """Make every browser and network of the account unknown; gives how many browsers.

    For recovery and freezes: a thief's browser must not stay a known one.
    """
    KnownNetwork.objects.filter(user=user).delete()
    return Device.objects.filter(user=user, forgotten_at=None).update(forgotten_at=timezone.now())
