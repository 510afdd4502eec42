"""Browsers that are trusted for a while: no second step, for who knows the password."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Case, Exists, F, QuerySet, When
from django.utils import timezone

from accounts import policy, signals
from accounts.client import Client
from accounts.models import Device, TrustedBrowser, User
from vault import digests

TOKEN = "trust_token"  # noqa: S105 - an attribute of the request, for the middleware


def is_possible(user: User) -> bool:
    """Tell whether a browser may be trusted with this account: staff are always asked."""
    return not user.is_staff


def renew(user: User, client: Client) -> str:
    """Give the new value of this browser's trust cookie, "" where it is not trusted.

    The value changes at every use, for all accounts that it stands for. Trust ends by time and with
    every change of the epoch. Ask only after a right password.
    """
    if not (client.trust and client.device):
        return ""
    now = timezone.now()
    # The browser's own cookie too: a trust cookie that was copied alone opens nothing.
    own = _alive(user, now).filter(
        token_hash=client.trust,
        device__token_hash=client.device,
        device__forgotten_at=None,
    )
    token = digests.new_token()
    # One statement: of two sign-ins with one value, the second finds it changed.
    renewed = TrustedBrowser.objects.filter(Exists(own), token_hash=client.trust).update(
        token_hash=digests.token_hash(token),
        used_at=Case(When(user=user, then=now), default=F("used_at")),
    )
    return token if renewed else ""


def grant(user: User, device: Device, *, client: Client) -> str:
    """Trust this browser for policy.TRUST_LIVES; gives the value of its cookie.

    Inside the caller's transaction. Sends ``browser_trusted``.
    """
    now = timezone.now()
    token = digests.new_token()
    token_hash = digests.token_hash(token)
    if client.trust:
        # The cookie is about to change: what it stands for with other accounts goes along.
        others = TrustedBrowser.objects.filter(token_hash=client.trust).exclude(user=user)
        others.update(token_hash=token_hash)
    row = TrustedBrowser(
        user=user,
        device=device,
        token_hash=token_hash,
        epoch=user.epoch,
        made_at=now,
        expires_at=now + policy.TRUST_LIVES,
    )
    TrustedBrowser.objects.bulk_create(
        [row],
        update_conflicts=True,
        unique_fields=["device", "user"],
        update_fields=["token_hash", "epoch", "made_at", "used_at", "expires_at"],
    )
    client = replace(client, device=device.token_hash)
    signals.browser_trusted.send(sender=TrustedBrowser, user=user, client=client)
    return token


def list_of(user: User) -> list[TrustedBrowser]:
    """Give the browsers that are trusted now, with their devices, the last used first."""
    alive = _alive(user, timezone.now()).filter(device__forgotten_at=None)
    return list(alive.select_related("device").order_by(F("used_at").desc(nulls_last=True), "pk"))


def forget(user: User, pk: UUID, *, client: Client) -> bool:
    """End the trust of one of the account's browsers; False where there is none such."""
    with transaction.atomic():
        count, _ = TrustedBrowser.objects.filter(pk=pk, user=user).delete()
        if count:
            signals.browser_distrusted.send(sender=TrustedBrowser, user=user, client=client)
    return bool(count)


def _alive(user: User, now: datetime) -> QuerySet[TrustedBrowser]:
    return TrustedBrowser.objects.filter(user=user, epoch=user.epoch, expires_at__gt=now)
