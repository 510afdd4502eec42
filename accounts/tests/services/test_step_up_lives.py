"""Step-up with a passkey; and how long, for whom and how often any step-up counts."""

from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth import SESSION_KEY
from django.utils import timezone

from accounts import errors, policy, signals
from accounts.services import step_up
from accounts.session_store import SessionStore
from accounts.tests.factories import make_client, make_passkey, make_recovery_codes, make_user
from accounts.tests.services.stepping_up import confirm, is_fresh, session_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def maria():
    return make_user(email="maria@example.org")


@pytest.fixture
def heard():
    """Collect what is told of refused confirmations."""
    told = []

    def listen(sender, **facts):
        told.append((facts["user"], facts["reason"]))

    signals.step_up_failed.connect(listen)
    yield told
    signals.step_up_failed.disconnect(listen)


# Passkeys.


@pytest.mark.parametrize(
    ("age", "is_strong"),
    [
        (policy.STRONG_STEP_UP_AFTER, True),
        (policy.STRONG_STEP_UP_AFTER - timedelta(minutes=1), False),
    ],
)
def test_passkey_confirms_and_an_old_one_is_strong(maria, age, is_strong):
    passkey = make_passkey(maria, made_at=timezone.now() - age)
    session = session_of(maria)

    step_up.confirm_with_passkey(session, maria, passkey, client=make_client())

    assert is_fresh(session)
    assert step_up.is_strong(session) is is_strong


def test_strength_is_over_with_the_confirmation(maria):
    session = session_of(maria)
    step_up.confirm_with_passkey(session, maria, make_passkey(maria), client=make_client())

    with time_machine.travel(timezone.now() + policy.STEP_UP_LIVES + timedelta(seconds=1)):
        assert not step_up.is_strong(session)
    step_up.spend(session)
    assert not step_up.is_strong(session)


def test_weaker_confirmation_takes_the_place_of_a_strong_one(maria):
    passkey = make_passkey(maria)
    _, (code, *_) = make_recovery_codes(maria)
    session = session_of(maria)
    step_up.confirm_with_passkey(session, maria, passkey, client=make_client())

    confirm(session, maria, typed=code)

    assert not step_up.is_strong(session)


def test_passkey_of_somebody_else_is_refused(maria, heard):
    session = session_of(maria)

    with pytest.raises(errors.WrongToken):
        step_up.confirm_with_passkey(
            session, maria, make_passkey(make_user()), client=make_client()
        )

    assert not is_fresh(session)
    assert heard == [(maria, "wrong_token")]


def test_passkey_that_was_removed_is_refused(maria):
    passkey = make_passkey(maria, confirmed=False, removed_at=timezone.now())
    session = session_of(maria)

    with pytest.raises(errors.WrongToken):
        step_up.confirm_with_passkey(session, maria, passkey, client=make_client())

    assert not is_fresh(session)


# How long, for whom, and how often it counts.


def test_it_counts_for_five_minutes(maria):
    session = session_of(maria)
    confirm(session, maria)
    now = timezone.now()

    assert step_up.is_fresh(session, now + policy.STEP_UP_LIVES - timedelta(seconds=5))
    assert not step_up.is_fresh(session, now + policy.STEP_UP_LIVES + timedelta(seconds=1))


def test_it_is_over_when_it_is_spent(maria):
    session = session_of(maria)
    confirm(session, maria)

    step_up.spend(session)

    assert not is_fresh(session)


def test_it_does_not_count_for_another_account_in_the_same_session(maria):
    session = session_of(maria)
    confirm(session, maria)

    session[SESSION_KEY] = str(make_user().pk)

    assert not is_fresh(session)


def test_it_does_not_count_for_who_is_signed_out(maria):
    session = session_of(maria)
    confirm(session, maria)

    del session[SESSION_KEY]

    assert not is_fresh(session)


@pytest.mark.parametrize("with_passkey", [True, False])
def test_session_gets_a_new_key(maria, with_passkey):
    passkey = make_passkey(maria) if with_passkey else None
    session = session_of(maria)
    before = session.session_key

    if passkey:
        step_up.confirm_with_passkey(session, maria, passkey, client=make_client())
    else:
        confirm(session, maria)
    session.save()

    assert session.session_key != before
    assert not SessionStore(before).load()


def test_refused_confirmation_leaves_the_session_as_it_was(maria):
    session = session_of(maria)
    before = session.session_key

    with pytest.raises(errors.WrongPassword):
        confirm(session, maria, "wrong")

    assert (session.session_key, session.get(step_up.STEP_UP)) == (before, None)
