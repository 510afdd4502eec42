"""Modes: what begins and ends them, and what they forbid."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import errors, policy, signals
from accounts.enums import Action, Mode
from accounts.models import User, UserSession
from accounts.services import restrictions
from accounts.tests.factories import make_client, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def heard():
    """Collect what is told of freezes."""
    told = []

    def listen(signal, sender, **facts):
        told.append((signal, facts["cause"]))

    signals.account_frozen.connect(listen)
    signals.account_unfrozen.connect(listen)
    yield told
    signals.account_frozen.disconnect(listen)
    signals.account_unfrozen.disconnect(listen)


def test_freeze_ends_sessions_and_forbids_everything(client, heard):
    maria = make_user()
    client.force_login(maria)

    is_new = restrictions.freeze(maria, "report", make_client())

    stored = User.objects.get()
    assert is_new
    assert (stored.mode, stored.frozen_cause, stored.epoch) == (Mode.FROZEN, "report", 2)
    assert UserSession.objects.count() == 0
    assert heard == [(signals.account_frozen, "report")]
    for action in Action:
        with pytest.raises(errors.Forbidden):
            restrictions.require(maria, action)


def test_second_freeze_keeps_the_first(heard):
    maria = make_user()
    restrictions.freeze(maria, "report", make_client())
    since = User.objects.get().frozen_at

    is_new = restrictions.freeze(User.objects.get(), "staff", make_client())

    stored = User.objects.get()
    assert (is_new, stored.frozen_at, stored.frozen_cause) == (False, since, "report")
    assert len(heard) == 1


def test_unfrozen_account_may_do_all_again(heard):
    maria = make_user()
    restrictions.freeze(maria, "report", make_client())

    is_done = restrictions.unfreeze(maria, "recovery", make_client())

    assert is_done
    assert User.objects.get().mode == Mode.NORMAL
    assert heard[-1] == (signals.account_unfrozen, "recovery")


def test_account_that_is_not_frozen_is_not_unfrozen(heard):
    assert not restrictions.unfreeze(make_user(), "recovery", make_client())
    assert heard == []


def test_longer_restriction_is_kept():
    maria = make_user()
    now = timezone.now()

    restrictions.restrict(maria, now + timedelta(days=30))
    restrictions.restrict(maria, now + timedelta(days=7))

    assert User.objects.get().restricted_until == now + timedelta(days=30)


def test_restriction_forbids_until_its_end():
    maria = make_user()
    restrictions.restrict(maria, timezone.now() + timedelta(days=7))

    restrictions.require(maria, Action.CHANGE_PASSWORD)
    with pytest.raises(errors.Forbidden):
        restrictions.require(maria, Action.EXPORT)

    User.objects.update(restricted_until=timezone.now())
    restrictions.require(maria, Action.EXPORT)


def test_contested_mark_keeps_its_first_time_and_can_be_taken_away():
    maria = make_user()
    restrictions.contest(maria)
    since = maria.contested_at

    restrictions.contest(maria)

    assert (maria.contested_at, maria.mode) == (since, Mode.CONTESTED)
    restrictions.uncontest(maria)
    assert User.objects.get().mode == Mode.NORMAL


def test_mode_is_read_as_stored_now():
    maria = make_user()
    stale = User.objects.get()
    restrictions.freeze(maria, "report", make_client())

    with pytest.raises(errors.Forbidden):
        restrictions.require(stale, Action.SIGN_IN)


HERE = "accounts.tests.services.test_restrictions"
asked = []


def disputed(user):
    asked.append(user.pk)
    return True


def undisputed(user):
    return False


@pytest.fixture
def dispute(settings):
    """Let a claim stand on every account; gives who was asked about."""
    settings.ACCOUNT_DISPUTES = [f"{HERE}.disputed"]
    asked.clear()
    return asked


@pytest.mark.parametrize("action", sorted(set(Action) - policy.MODES[Mode.CONTESTED]))
def test_standing_claim_forbids_what_contested_accounts_may_not(dispute, action):
    with pytest.raises(errors.Forbidden):
        restrictions.require(make_user(), action)


@pytest.mark.parametrize("action", sorted(policy.MODES[Mode.CONTESTED]))
def test_what_a_contested_account_may_costs_no_question(dispute, action):
    restrictions.require(make_user(), action)

    assert dispute == []


def test_two_strong_proofs_outweigh_a_standing_claim(dispute):
    restrictions.require(make_user(), Action.REMOVE_CONTACT, is_strong=True)


@pytest.mark.parametrize("action", Action)
def test_two_strong_proofs_do_not_outweigh_a_freeze(action):
    maria = make_user()
    restrictions.freeze(maria, "report", make_client())

    with pytest.raises(errors.Forbidden):
        restrictions.require(maria, action, is_strong=True)


def test_account_without_claim_may_do_all(settings):
    settings.ACCOUNT_DISPUTES = [f"{HERE}.undisputed"]
    maria = make_user()

    for action in Action:
        restrictions.require(maria, action)
