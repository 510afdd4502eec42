"""What the tests of roll-backs do again and again."""

from datetime import datetime
from typing import Any

from django.core import serializers
from django.db import transaction
from django.utils import timezone

from accounts.models import (
    CodeDevice,
    Contact,
    Device,
    KnownNetwork,
    Passkey,
    RecoveryCode,
    RecoveryCodeSet,
    TotpDevice,
    User,
    UserSession,
)
from accounts.services import contact_changes, roll_back, sessions
from accounts.services.roll_back import RolledBack
from accounts.session_store import SessionStore
from accounts.tests.factories import (
    make_client,
    make_code_device,
    make_contact,
    make_device,
    make_passkey,
    make_recovery_codes,
    make_totp,
)

TABLES = (Contact, Passkey, TotpDevice, CodeDevice, RecoveryCodeSet, RecoveryCode, Device)


def since(user: User, at: datetime, **options: Any) -> RolledBack:
    """Roll back as a report does, under the account's lock."""
    with transaction.atomic():
        sessions.lock_account(user)
        return roll_back.since(user, at, client=make_client(), **options)


def take_back(user: User, done: RolledBack) -> None:
    """Take a roll-back back, under the account's lock."""
    with transaction.atomic():
        sessions.lock_account(user)
        roll_back.take_back(user, done, client=make_client())


def make_session(user: User) -> str:
    """Make a signed-in session; gives its key's SHA-256."""
    session = SessionStore()
    session["_auth_user_id"] = str(user.pk)
    session.create()
    UserSession.objects.filter(pk=session.key_hash).update(user=user)
    return session.key_hash


def rows_of(user: User) -> list[Any]:
    """Give every row that a roll-back may touch, in full; sessions and the epoch left out."""
    own = [row for table in TABLES for row in table.objects.order_by("pk")]
    networks = KnownNetwork.objects.values_list("network", "days", "first_day", "last_day")
    columns = ("password", "password_spent_at", "restricted_until")
    return [
        *serializers.serialize("python", own),
        *networks.order_by("network"),
        User.objects.values(*columns).get(pk=user.pk),
    ]


def change_everything(user: User) -> tuple[Contact, Contact]:
    """Do what a thief does in a session; gives the owner's address and the thief's."""
    now = timezone.now()
    own = user.contacts.get(signs_in=True)
    thief = make_contact(user, "thief@example.net", verified_at=now)
    client = make_client()
    contact_changes.make_primary(user, thief.pk, client=client, is_strong=False)
    contact_changes.remove(user, own.pk, client=client, is_strong=False)
    make_totp(user, made_at=now)
    make_passkey(user, made_at=now)
    make_code_device(user, thief, made_at=now)
    make_recovery_codes(user, made_at=now)
    make_device(user, "thief", first_seen_at=now)
    KnownNetwork.objects.create(
        user=user, network="198.51.100.7", days=2, first_day=now.date(), last_day=now.date()
    )
    return own, thief
