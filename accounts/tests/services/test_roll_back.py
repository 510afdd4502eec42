"""What a roll-back takes back and what it leaves: sessions, browsers, second steps, password."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import errors, normalise, policy, queries, signals
from accounts.models import (
    CodeDevice,
    Device,
    KnownNetwork,
    Passkey,
    RecoveryCode,
    RecoveryCodeSet,
    RollBack,
    TotpDevice,
    User,
    UserSession,
)
from accounts.services import (
    authenticators,
    passwords,
    recovered_contacts,
    recovery_codes,
    roll_back,
    second_step,
    step_up,
    totp,
    trust,
)
from accounts.services.roll_back import RolledBack
from accounts.tests.factories import (
    PASSWORD,
    make_client,
    make_code_device,
    make_contact,
    make_device,
    make_passkey,
    make_recovery_codes,
    make_totp,
    make_trust,
    make_user,
)
from accounts.tests.heard import heard
from accounts.tests.rolling_back import (
    change_everything,
    make_session,
    rows_of,
    since,
    take_back,
)
from accounts.tests.second_steps import KINDS, MAKERS, in_use

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


@pytest.fixture
def maria():
    return make_user(email="maria@example.org")


@pytest.fixture
def at():
    """When somebody else may have come in."""
    return timezone.now() - HOUR


def test_account_on_which_nothing_changed_loses_sessions_and_password_alone(maria, at):
    make_totp(maria)
    make_recovery_codes(maria)
    make_device(maria)
    before = rows_of(maria)

    done = since(maria, at)

    after = rows_of(maria)
    assert done == RolledBack(key=done.key, has_spent_password=True)
    assert after[:-1] == before[:-1]
    assert after[-1]["password_spent_at"] == maria.password_spent_at is not None


def test_every_session_ends_but_the_one_that_asks(maria, at):
    own, other = make_session(maria), make_session(maria)

    done = since(maria, at, keep_session=own)

    assert (done.sessions, list(UserSession.objects.values_list("pk", flat=True))) == (1, [own])
    assert other != own


def test_what_the_others_kept_is_worth_nothing(maria, at):
    make_trust(maria)
    former = maria.get_session_auth_hash()

    since(maria, at)

    maria = User.objects.get()
    assert maria.get_session_auth_hash() != former
    assert trust.list_of(maria) == []


def test_browsers_and_networks_that_came_since_are_unknown(maria, at):
    old = make_device(maria, "old")
    new = make_device(maria, "new", first_seen_at=timezone.now())
    change = {"user": maria, "days": 3, "last_day": timezone.now().date()}
    KnownNetwork.objects.create(network="192.0.2.1", first_day=at.date() - timedelta(9), **change)
    KnownNetwork.objects.create(network="192.0.2.2", first_day=timezone.now().date(), **change)

    done = since(maria, at)

    assert done.browsers == 1
    assert list(Device.objects.filter(forgotten_at=None)) == [old]
    assert Device.objects.get(pk=new.pk).forgotten_at is not None
    assert list(KnownNetwork.objects.values_list("network", flat=True)) == ["192.0.2.1"]


@pytest.mark.parametrize("kind", list(KINDS))
def test_second_step_made_since_is_out_of_use_and_an_older_one_stays(maria, at, kind):
    beside = make_totp(maria)  # e-mail codes stand only beside another step
    young = MAKERS[kind](maria, made_at=timezone.now())

    with heard(signals.authenticator_suspended) as told:
        done = since(maria, at)

    assert in_use(maria) == [beside]
    assert done.suspended_authenticators == [f"{kind}:{young.pk}"]
    assert [(each["kind"], each["is_quiet"]) for each in told] == [(kind, True)]


def test_mailed_step_that_would_stand_alone_goes_with_its_companion(maria, at):
    old = make_code_device(maria, maria.contacts.get())
    young = make_totp(maria, made_at=timezone.now())

    done = since(maria, at)

    assert in_use(maria) == []
    assert done.suspended_authenticators == [f"email:{old.pk}", f"totp:{young.pk}"]


def test_suspended_ones_open_nothing_and_keep_what_is_secret(maria, at):
    app = make_totp(maria, made_at=timezone.now())
    key = make_passkey(maria, made_at=timezone.now())
    _set, codes = make_recovery_codes(maria, made_at=timezone.now())
    client = make_client()

    since(maria, at)

    for typed in (totp.current_code(app), codes[0]):
        with pytest.raises(errors.WrongToken):
            second_step.verify(maria, typed, client=client, uses=())
    with pytest.raises(Passkey.DoesNotExist):
        Passkey.get_by_credential_id(bytes(key.credential_id))
    asked = step_up.ask(maria)
    assert (asked.has_app, asked.has_sent, asked.has_printed) == (False, False, False)
    assert not queries.has_second_step(maria)
    assert TotpDevice.objects.get().seed == app.seed
    assert RecoveryCode.objects.count() == policy.RECOVERY_CODES


def test_password_is_spent_once_and_told_once(maria, at):
    with heard(signals.password_spent) as told:
        first, second = since(maria, at), since(maria, at)

    assert (first.has_spent_password, second.has_spent_password) == (True, False)
    assert [each["user"] for each in told] == [maria]


def test_account_without_a_password_has_none_to_spend(at):
    maria = make_user(password=None)

    assert not since(maria, at).has_spent_password
    assert User.objects.get().password_spent_at is None


# Taken back


def test_roll_back_that_is_taken_back_leaves_the_account_as_it_was(maria, at):
    change_everything(maria)
    before = rows_of(maria)

    done = since(maria, at)
    between = rows_of(maria)
    take_back(maria, done)

    assert between != before
    assert rows_of(maria) == before
    assert not RollBack.objects.exists()


def test_what_is_back_works_again_and_is_told_quietly(maria, at):
    app = make_totp(maria, made_at=timezone.now())
    done = since(maria, at)

    with heard(signals.authenticator_restored) as told:
        take_back(maria, done)

    shown = second_step.verify(maria, totp.current_code(app), client=make_client(), uses=())
    assert shown == app
    assert maria.password_spent_at is None
    assert [(each["kind"], each["is_quiet"]) for each in told] == [("totp", True)]


def test_sessions_that_ended_stay_ended(maria, at):
    make_session(maria)
    done = since(maria, at)
    epoch = maria.epoch

    take_back(maria, done)

    assert not UserSession.objects.exists()
    assert maria.epoch == User.objects.get().epoch > epoch


def test_it_is_taken_back_once(maria, at):
    done = since(maria, at)
    take_back(maria, done)

    with pytest.raises(errors.NotRolledBack):
        take_back(maria, done)


def test_of_two_the_later_alone_is_taken_back(maria, at):
    make_totp(maria, made_at=timezone.now())
    first = since(maria, at)
    between = rows_of(maria)
    second = since(maria, at - HOUR)

    with pytest.raises(errors.NotRolledBack):
        take_back(maria, first)
    take_back(maria, second)

    assert rows_of(maria) == between


def test_roll_back_of_another_account_is_not_taken_back(maria, at):
    done = since(maria, at)
    jonas = make_user()
    since(jonas, at)

    with pytest.raises(errors.NotRolledBack):
        take_back(jonas, done)


@pytest.mark.parametrize("change", ["password", "codes", "contact"])
def test_account_that_was_changed_since_stays_as_it_is(maria, at, change):
    thief = make_totp(maria, made_at=timezone.now())
    done = since(maria, at)
    client = make_client()
    if change == "password":
        passwords.change(maria, PASSWORD, "Silver-kettle-4-meadow", client=client)
    elif change == "codes":
        recovery_codes.make(maria, replaces=None, client=client)
    else:
        recovered_contacts.join(maria, normalise.address("new@example.net"), client=client)
    before = rows_of(maria)

    with pytest.raises(errors.NotRolledBack):
        take_back(maria, done)

    assert rows_of(maria) == before
    assert not TotpDevice.objects.get(pk=thief.pk).confirmed


# When it stands


def test_after_its_minutes_what_is_suspended_is_emptied_like_what_is_removed(maria, at):
    phone = make_contact(maria, "+4915123456789", verified_at=maria.created_at)
    make_totp(maria, made_at=timezone.now())
    make_passkey(maria, made_at=timezone.now())
    make_code_device(maria, phone, made_at=timezone.now())
    make_recovery_codes(maria, made_at=timezone.now())
    done = since(maria, at)
    RollBack.objects.update(made_at=timezone.now() - policy.ROLL_BACK_STANDS_AFTER)

    assert (roll_back.settle_due(), roll_back.settle_due()) == (1, 0)

    rows = [kind.objects.get() for kind in (TotpDevice, Passkey, CodeDevice, RecoveryCodeSet)]
    app, key, *_others = rows
    assert all(row.removed_at and row.suspended_at and not row.confirmed for row in rows)
    assert (app.seed, bytes(key.credential_id), bytes(key.public_key)) == (None, b"", b"")
    assert not RecoveryCode.objects.exists()
    with pytest.raises(errors.NotRolledBack):
        take_back(maria, done)


def test_before_that_it_keeps_everything(maria, at):
    app = make_totp(maria, made_at=timezone.now())
    since(maria, at)
    RollBack.objects.update(
        made_at=timezone.now() - policy.ROLL_BACK_STANDS_AFTER + timedelta(seconds=5)
    )

    assert roll_back.settle_due() == 0
    assert TotpDevice.objects.get().seed == app.seed


def test_newest_of_an_account_decides_when_all_stand(maria, at):
    app = make_totp(maria, made_at=timezone.now())
    first, _second = since(maria, at), since(maria, at)
    RollBack.objects.filter(pk=first.key).update(made_at=timezone.now() - HOUR)

    early = roll_back.settle_due()
    RollBack.objects.update(made_at=timezone.now() - HOUR)

    assert (early, roll_back.settle_due()) == (0, 1)
    assert TotpDevice.objects.get(pk=app.pk).seed is None


def test_suspended_one_is_not_put_in_use_by_hand(maria, at):
    app = make_totp(maria, made_at=timezone.now())
    since(maria, at)

    with pytest.raises(errors.NoSuchAuthenticator):
        authenticators.find(maria, KINDS.TOTP, app.pk)
    with pytest.raises(errors.AccountChanged):
        authenticators.put_in_use(app, client=make_client(), is_first=True)
