"""Signed-in browsers: begun, listed and ended."""

from dataclasses import replace
from datetime import datetime
from typing import cast

import django_otp
from django.contrib.auth import SESSION_KEY, login, logout
from django.contrib.sessions.backends.base import SessionBase
from django.db import transaction
from django.db.models import F, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from accounts import hooks, policy, signals
from accounts.client import Client
from accounts.models import TotpDevice, User, UserSession
from accounts.services import devices
from accounts.session_store import SessionStore

BACKEND = "accounts.backends.StagedBackend"
BROWSER = "browser"
SECOND_STEP_AT = "second_step_at"
DEVICE_TOKEN = "device_token"  # noqa: S105 - an attribute of the request


def name_browser(session: SessionBase) -> str:
    """Give the random name of this browser's session, made at first use.

    It survives new keys, so that what a browser began can be bound to it.
    """
    if BROWSER not in session:
        session[BROWSER] = cast("SessionStore", session).new_browser
    name: str = session[BROWSER]
    return name


def note_second_step(request: HttpRequest, device: TotpDevice) -> None:
    """Let django-otp and the admin know of a second step that was right just now."""
    django_otp.login(request, device)
    request.session[SECOND_STEP_AT] = timezone.now().isoformat()


def sign_out(request: HttpRequest, *, client: Client) -> None:
    """End this browser's session; nothing for who is not signed in."""
    user = request.user
    if not isinstance(user, User):
        return
    with transaction.atomic():
        logout(request)
        signals.signed_out.send(sender=User, user=user, client=client)


def start(
    request: HttpRequest,
    user: User,
    *,
    client: Client,
    keep: bool = False,
    authenticators: list[str],
    second_step: TotpDevice | None = None,
) -> None:
    """Sign ``user`` in on this browser, under a new session key.

    authenticators: kinds that were shown ("password", "totp"). second_step: the app that was
    used, for django-otp. The one service that takes a request: Django's ``login`` needs it.
    """
    session = cast("SessionStore", request.session)
    assessment = hooks.assess(user, client)
    with transaction.atomic():
        if SESSION_KEY in session:
            session.cycle_key()  # Django keeps the key when the same person signs in again
        login(request, user, backend=BACKEND)
        now = timezone.now()
        if second_step is not None:
            note_second_step(request, second_step)
        device, token = devices.remember(user, client)
        setattr(request, DEVICE_TOKEN, token)  # for the middleware, which writes the cookie
        devices.remember_network(user, client)
        begin = {"signed_in_at": now, "is_kept": keep, "device": device, "agent": client.agent}
        session.begin(begin | {"address": client.address or None})
        client = replace(client, session=session.key_hash, device=device.token_hash)
        signals.signed_in.send(
            sender=User,
            user=user,
            client=client,
            authenticators=authenticators,
            assessment=assessment,
        )


def end(session_hash: str, user: User, *, client: Client) -> bool:
    """End one session of ``user``; False when there is none such, or no more."""
    with transaction.atomic():
        count, _ = UserSession.objects.filter(pk=session_hash, user=user).delete()
        if count:
            signals.sessions_ended.send(sender=User, user=user, client=client, count=count)
    return bool(count)


def end_all(user: User, *, client: Client, keep_session: str = "") -> int:
    """End the sessions of ``user`` but ``keep_session`` (a SHA-256); gives how many ended.

    The rows alone: who also wants half-done sign-ins and codes dead raises the epoch.
    """
    with transaction.atomic():
        rows = UserSession.objects.filter(user=user).exclude(pk=keep_session)
        count, _ = rows.delete()
        if count:
            signals.sessions_ended.send(sender=User, user=user, client=client, count=count)
    return count


def delete_all(user: User) -> int:
    """End every session of ``user`` and tell nobody: the caller records it with the rest."""
    count, _ = UserSession.objects.filter(user=user).delete()
    return count


def raise_epoch(user: User) -> None:
    """End at once whatever was made under the present epoch; ``user`` gets the new one.

    Sessions, half-done sign-ins and codes carry the epoch they were made under.
    """
    User.objects.filter(pk=user.pk).update(epoch=F("epoch") + 1)
    user.refresh_from_db(fields=["epoch"])


def list_of(user: User) -> QuerySet[UserSession]:
    """Give the live sessions of ``user``, the last used first."""
    return UserSession.objects.filter(user=user, expire_date__gt=timezone.now()).order_by(
        "-last_seen_at"
    )


def is_young(row: UserSession, user: User, now: datetime) -> bool:
    """Tell whether this browser is so new to the account that it sees addresses masked.

    The browser in which the account was made is old enough from the start.
    """
    device = row.device
    if device is None or device.forgotten_at:
        return True
    if device.first_seen_at - user.created_at < policy.MADE_AT_SIGN_UP:
        return False
    return now - device.first_seen_at < policy.YOUNG_DEVICE
