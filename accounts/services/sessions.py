"""Signed-in browsers: begun, listed and ended."""

from dataclasses import replace
from datetime import datetime
from typing import cast

import django_otp
from django.contrib.auth import SESSION_KEY, login, logout, update_session_auth_hash
from django.contrib.sessions.backends.base import SessionBase
from django.db import connection, transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django_otp.models import Device as OtpDevice

from accounts import errors, policy, signals
from accounts.client import Client
from accounts.hooks import Assessment
from accounts.models import Authenticator, Device, User, UserSession
from accounts.services import devices
from accounts.session_store import SessionStore

BACKEND = "accounts.backends.StagedBackend"
BROWSER = "browser"
SECOND_STEP_AT = "second_step_at"
# What User.mode is told by.
MODE_FIELDS = ("frozen_at", "contested_at", "restricted_until")
RAISE_EPOCH = "UPDATE accounts_user SET epoch = epoch + 1 WHERE id = %s RETURNING epoch"
DEVICE_TOKEN = "device_token"  # noqa: S105 - an attribute of the request


def name_browser(session: SessionBase) -> str:
    """Give the random name of this browser's session, made at first use.

    It survives new keys, so that what a browser began can be bound to it.
    """
    if BROWSER not in session:
        session[BROWSER] = cast("SessionStore", session).new_browser
    name: str = session[BROWSER]
    return name


def note_second_step(request: HttpRequest, device: Authenticator) -> None:
    """Let django-otp and the admin know of a second step that was right just now."""
    django_otp.login(request, cast("OtpDevice", device))
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
    second_step: Authenticator | None = None,
    assessment: Assessment | None = None,
) -> Device:
    """Sign ``user`` in on this browser, under a new session key; gives the browser's row.

    authenticators: kinds that were shown ("password", "totp"). second_step: the one that was
    used last, for django-otp. assessment: of this sign-in; None where nobody judges it, as at
    sign-up. It takes a request because Django's ``login`` does.
    """
    session = cast("SessionStore", request.session)
    with transaction.atomic():
        # First, because it locks the account: a report locks it before it ends sessions.
        device, token = devices.remember(user, client)
        if SESSION_KEY in session:
            session.cycle_key()  # Django keeps the key when the same person signs in again
        login(request, user, backend=BACKEND)
        now = timezone.now()
        if second_step is not None:
            note_second_step(request, second_step)
        setattr(request, DEVICE_TOKEN, token)  # for the middleware, which writes the cookie
        devices.remember_network(user, client)
        begin = {"signed_in_at": now, "is_kept": keep, "device": device}
        seen = {"agent": client.agent, "hints": client.hints, "address": client.address or None}
        session.begin(begin | seen)
        client = replace(client, session=session.key_hash, device=device.token_hash)
        signals.signed_in.send(
            sender=User,
            user=user,
            client=client,
            authenticators=authenticators,
            assessment=assessment or Assessment(),
            second_step=second_step,
        )
    return device


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


def keep(request: HttpRequest, *, client: Client) -> int:
    """Keep the acting session after its own change raised the epoch; gives how many others ended.

    Call it after the change, which was made with ``request.user``. A session that somebody else's
    change ended in the same moment is not brought back to life: it is signed out.
    """
    user, session = cast("User", request.user), cast("SessionStore", request.session)
    if user.was_overtaken:
        logout(request)
        return 0
    _drop_dead_second_step(session)
    with transaction.atomic():
        # Of an epoch that is over by now this session is dead itself, and may end no other.
        rows = UserSession.objects.filter(user=user, user__epoch=user.epoch)
        count, _ = rows.exclude(pk=session.key_hash).delete()
        update_session_auth_hash(request, user)
        if count:
            signals.sessions_ended.send(sender=User, user=user, client=client, count=count)
    return count


def lock_account(user: User) -> None:
    """Take the account's lock for a change that a session asks for, in the caller's transaction.

    ``user`` gets its mode as it is under the lock. Raises AccountChanged where the account is not
    as ``user`` was read: the change that came between has ended that session.
    """
    rows = User.objects.select_for_update(no_key=True).filter(pk=user.pk, epoch=user.epoch)
    found = list(rows.values(*MODE_FIELDS))
    if not found:
        raise errors.AccountChanged
    for name, value in found[0].items():
        setattr(user, name, value)


def raise_epoch(user: User) -> None:
    """End at once whatever was made under the present epoch; ``user`` gets the new one.

    Sessions, half-done sign-ins and codes carry the epoch they were made under.
    """
    expected = user.epoch + 1
    key = User._meta.pk.get_db_prep_value(user.pk, connection)
    with connection.cursor() as cursor:
        cursor.execute(RAISE_EPOCH, [key])
        (user.epoch,) = cursor.fetchone()
    user.was_overtaken = user.was_overtaken or user.epoch != expected


def list_of(user: User) -> QuerySet[UserSession]:
    """Give the live sessions of ``user`` with their devices, the last used first."""
    rows = UserSession.objects.filter(user=user, expire_date__gt=timezone.now())
    return rows.select_related("device").order_by("-last_seen_at")


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


def _drop_dead_second_step(session: SessionStore) -> None:
    """Forget the second step of a session where it was removed: it opens no admin any more."""
    if django_otp.DEVICE_ID_SESSION_KEY not in session:
        return
    device = OtpDevice.from_persistent_id(session[django_otp.DEVICE_ID_SESSION_KEY])
    if device is None or not device.confirmed:
        session.pop(django_otp.DEVICE_ID_SESSION_KEY)
        session.pop(SECOND_STEP_AT, None)
