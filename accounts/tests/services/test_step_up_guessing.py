"""Guessing in a session: counted before it is compared, apart from the tries of sign-in."""

from contextlib import ExitStack, contextmanager
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts import errors, hashers, policy
from accounts.enums import FailurePool
from accounts.models import TotpDevice
from accounts.services import budgets, failures, totp
from accounts.tests.factories import make_client, make_code_device, make_totp, make_user
from accounts.tests.services.stepping_up import confirm, is_fresh, send_code, sent_code, session_of
from accounts.tests.threads import run_at_once

pytestmark = pytest.mark.django_db

WRONG = "000000"


@pytest.fixture
def maria():
    return make_user(email="maria@example.org")


@contextmanager
def all_slots_taken():
    """Leave no core to hash on."""
    with ExitStack() as slots:
        while hashers._slots.acquire(blocking=False):
            slots.callback(hashers._slots.release)
        yield


def test_passwords_are_limited_over_all_sessions_of_a_thief(maria):
    for _ in range(policy.PASSWORD_CONFIRMATIONS.limit):
        with pytest.raises(errors.WrongPassword):
            confirm(session_of(maria), maria, "wrong")

    session = session_of(maria)
    with pytest.raises(errors.LimitReached):
        confirm(session, maria)
    assert not is_fresh(session)


def test_right_passwords_use_up_no_tries(maria):
    session = session_of(maria)

    for _ in range(policy.PASSWORD_CONFIRMATIONS.limit + 1):
        confirm(session, maria)

    assert budgets.peek(policy.PASSWORD_CONFIRMATIONS, str(maria.pk)) == 0


def test_right_password_gives_back_its_own_try_and_no_other(maria):
    with pytest.raises(errors.WrongPassword):
        confirm(session_of(maria), maria, "wrong")

    confirm(session_of(maria), maria)

    assert budgets.peek(policy.PASSWORD_CONFIRMATIONS, str(maria.pk)) == 1


def test_codes_are_limited_over_all_sessions_of_a_thief(maria):
    device = make_totp(maria)
    for _ in range(policy.SECOND_STEP_RULES[0].limit):
        with pytest.raises(errors.WrongToken):
            confirm(session_of(maria), maria, typed=WRONG)

    with pytest.raises(errors.LimitReached):
        confirm(session_of(maria), maria, typed=totp.current_code(device))


def test_guessing_in_a_session_does_not_keep_the_owner_from_signing_in(maria):
    make_totp(maria)
    owner = make_client("198.51.100.7")
    for _ in range(policy.SECOND_STEP_RULES[0].limit):
        with pytest.raises(errors.WrongToken):
            confirm(session_of(maria), maria, typed=WRONG)
    with pytest.raises(errors.LimitReached):
        confirm(session_of(maria), maria, typed=WRONG)

    for pool, client in ((FailurePool.KNOWN, owner), (FailurePool.PAIR, make_client())):
        uses = failures.second_step_uses(maria, pool, client)
        assert [budgets.peek(use.rule, *use.parts) for use in uses] == [0] * len(uses)


def test_wrong_password_uses_up_no_tries_of_the_code(maria):
    device = make_totp(maria)
    for _ in range(policy.SECOND_STEP_RULES[0].limit + 1):
        with pytest.raises(errors.WrongPassword):
            confirm(session_of(maria), maria, "wrong", WRONG)

    confirm(session_of(maria), maria, typed=totp.current_code(device))


def test_wrong_code_uses_up_no_tries_of_the_password(maria):
    make_totp(maria)

    with pytest.raises(errors.WrongToken):
        confirm(session_of(maria), maria, typed=WRONG)

    assert budgets.peek(policy.PASSWORD_CONFIRMATIONS, str(maria.pk)) == 0


def test_limit_of_one_account_is_not_that_of_another(maria):
    for _ in range(policy.PASSWORD_CONFIRMATIONS.limit):
        with pytest.raises(errors.WrongPassword):
            confirm(session_of(maria), maria, "wrong")
    other = make_user()

    session = session_of(other)
    confirm(session, other)

    assert is_fresh(session)


def test_no_password_is_hashed_past_the_limit(maria, monkeypatch):
    for _ in range(policy.PASSWORD_CONFIRMATIONS.limit):
        budgets.consume(policy.PASSWORD_CONFIRMATIONS, str(maria.pk))
    # No slot is free: whatever hashes would be refused for that.
    monkeypatch.setattr(policy, "HASHING_WAIT", timedelta(0))

    with all_slots_taken(), pytest.raises(errors.LimitReached):
        confirm(session_of(maria), maria)


def test_server_under_load_uses_up_no_tries(maria, monkeypatch):
    monkeypatch.setattr(policy, "HASHING_WAIT", timedelta(0))

    with all_slots_taken(), pytest.raises(errors.HashingBusy):
        confirm(session_of(maria), maria)

    assert budgets.peek(policy.PASSWORD_CONFIRMATIONS, str(maria.pk)) == 0


def test_sent_code_is_compared_five_times_a_session(maria):
    device = make_code_device(maria)
    session = session_of(maria)
    send_code(session, maria, device)
    code = sent_code()
    wrong = "1" * 8 if code != "1111-1111" else "2" * 8
    for _ in range(policy.SECOND_STEP_CODE.attempts):
        with pytest.raises(errors.WrongToken):
            confirm(session, maria, typed=wrong)

    later = timezone.now() + timedelta(minutes=6)  # past the shortest limit of the account
    with time_machine.travel(later), pytest.raises(errors.ChallengeExhausted):
        confirm(session, maria, typed=code)

    assert not is_fresh(session)


@pytest.mark.django_db(transaction=True)
def test_race_of_guesses_compares_no_more_than_the_limit():
    maria = make_user()
    make_totp(maria)
    told = []
    limit = policy.SECOND_STEP_RULES[0].limit

    def guess(_number):
        try:
            confirm(session_of(maria), maria, typed=WRONG)
        except errors.AccountsError as error:
            told.append(error.code)

    run_at_once(limit * 3, guess)

    # Nothing was let in, and only so many were looked at.
    assert sorted(set(told)) == ["limit_reached", "wrong_token"]
    assert (told.count("wrong_token"), len(told)) == (limit, limit * 3)


@pytest.mark.django_db(transaction=True)
def test_app_code_confirms_one_of_two_sessions_at_once():
    maria = make_user()
    device = make_totp(maria)
    code = totp.current_code(device)

    answers = run_at_once(2, lambda _number: confirm(session_of(maria), maria, typed=code))

    assert sorted(type(answer).__name__ for answer in answers) == ["NoneType", "WrongToken"]
    assert TotpDevice.objects.get().last_step > 0
