"""What a roll-back takes back, and what it leaves."""

from datetime import timedelta

import pytest
from django.core import serializers
from django.db import transaction
from django.utils import timezone

from accounts import policy, queries
from accounts.models import (
    CodeDevice,
    Contact,
    Device,
    KnownNetwork,
    Passkey,
    RecoveryCode,
    RecoveryCodeSet,
    RollBack,
    TotpDevice,
    User,
)
from accounts.services import (
    contact_changes,
    roll_back,
    sessions,
)
from accounts.session_store import SessionStore
from accounts.tests.factories import (
    make_client,
    make_code_device,
    make_contact,
    make_device,
    make_passkey,
    make_recovery_codes,
    make_totp,
    make_user,
)

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
TABLES = (Contact, Passkey, TotpDevice, CodeDevice, RecoveryCodeSet, RecoveryCode, Device)


@pytest.fixture
def maria():
    return make_user(email="maria@example.org", first_name="Maria")


@pytest.fixture
def at():
    """When somebody else may have come in."""
    return timezone.now() - HOUR


def since(user, at, **options):
    with transaction.atomic():
        sessions.lock_account(user)
        return roll_back.since(user, at, client=make_client(), **options)


def take_back(user, done):
    with transaction.atomic():
        sessions.lock_account(user)
        roll_back.take_back(user, done, client=make_client())


def make_session(user):
    session = SessionStore()
    session["_auth_user_id"] = str(user.pk)
    session.create()
    session.begin({"signed_in_at": timezone.now()})
    return session.key_hash


def rows_of(user):
    """Give every row that a roll-back may touch, in full; sessions and the epoch left out."""
    own = [row for table in TABLES for row in table.objects.order_by("pk")]
    plain = serializers.serialize("python", own)
    networks = KnownNetwork.objects.values_list("network", "days", "first_day", "last_day")
    columns = ("password", "password_spent_at", "restricted_until")
    return [*plain, *networks.order_by("network"), User.objects.values(*columns).get(pk=user.pk)]


def change_everything(user):
    """Do what a thief does in a session: other addresses, other second steps, a new browser."""
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


def test_thief_who_took_the_name_of_the_account_loses_it(maria, at):
    own, thief = change_everything(maria)

    done = since(maria, at)

    own.refresh_from_db()
    thief.refresh_from_db()
    assert queries.find_account("maria@example.org", timezone.now()) == maria
    assert queries.find_account("thief@example.net", timezone.now()) is None
    assert (own.signs_in, own.removed_at, own.demoted_at) == (True, None, None)
    assert (own.is_in_doubt, own.counts_from) == (True, policy.NEVER)
    assert thief.suspended_at is not None
    assert (done.suspended_contacts, done.restored_contacts) == ([thief.pk], [own.pk])
    assert list(Contact.objects.may_object(timezone.now())) == [own]


def test_roll_back_that_is_taken_back_leaves_the_account_as_it_was(maria, at):
    change_everything(maria)
    before = rows_of(maria)

    done = since(maria, at)
    between = rows_of(maria)
    take_back(maria, done)

    assert between != before
    assert rows_of(maria) == before
    assert not RollBack.objects.exists()
