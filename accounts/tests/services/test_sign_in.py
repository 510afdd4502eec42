"""Sign-in below its pages: what is told, what is counted, and races."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import errors, policy, signals
from accounts.enums import FailurePool, SignInStage
from accounts.services import budgets, devices, first_step, passwords, restrictions
from accounts.tests.factories import PASSWORD, make_client, make_totp, make_user
from accounts.tests.threads import run_at_once


@pytest.fixture
def heard():
    """Collect what is told of failed sign-ins."""
    told = []

    def listen(sender, **facts):
        told.append((facts["user"], facts["reason"], facts["pool"]))

    signals.sign_in_failed.connect(listen)
    yield told
    signals.sign_in_failed.disconnect(listen)


@pytest.fixture
def maria():
    return make_user(email="maria@example.org")


def check(identifier="maria@example.org", password=PASSWORD, **fields):
    return first_step.check_password(identifier, password, client=make_client(**fields))


@pytest.mark.django_db
def test_right_password_without_more_is_enough(maria):
    right = check()

    assert (right.user, right.pool, right.stage) == (maria, FailurePool.PAIR, None)


@pytest.mark.django_db
def test_app_makes_a_second_step(maria):
    make_totp(maria)

    assert check().stage is SignInStage.SECOND_STEP


@pytest.mark.django_db
def test_wrong_password_is_told_with_account_and_pool(maria, heard):
    with pytest.raises(errors.WrongPassword):
        check(password="wrong")
    with pytest.raises(errors.WrongPassword):
        check("nobody@example.org")

    assert heard == [
        (maria, "wrong_password", FailurePool.PAIR),
        (None, "wrong_password", FailurePool.PAIR),
    ]


@pytest.mark.django_db
def test_failure_in_a_known_browser_is_of_its_own_pool(maria, heard):
    _device, token = devices.remember(maria, make_client())

    with pytest.raises(errors.WrongPassword):
        check(password="wrong", device=token)

    assert heard == [(maria, "wrong_password", FailurePool.KNOWN)]


@pytest.mark.django_db
def test_paused_account_is_told_to_who_knows_the_password(maria, heard):
    restrictions.freeze(maria, "report", make_client())

    with pytest.raises(errors.AccountPaused) as refusal:
        check()

    assert refusal.value.since == maria.frozen_at
    assert [reason for _user, reason, _pool in heard] == ["account_paused"]


@pytest.mark.django_db
def test_limit_refuses_before_any_hash(maria, monkeypatch):
    for _ in range(policy.PAIR_FAILURES.limit):
        with pytest.raises(errors.WrongPassword):
            check(password="wrong")
    hashed = []
    monkeypatch.setattr(passwords, "check", lambda *_args: hashed.append(1))

    with pytest.raises(errors.LimitReached):
        check()

    assert hashed == []


@pytest.mark.django_db
def test_server_under_load_uses_up_nobodys_tries(maria, monkeypatch):
    def refuse(*_args):
        raise errors.HashingBusy

    monkeypatch.setattr(passwords, "check", refuse)
    for name in ("maria@example.org", "nobody@example.org"):
        for _ in range(policy.PAIR_FAILURES.limit + 1):
            with pytest.raises(errors.HashingBusy):
                check(name)

    assert budgets.peek(policy.OUTSIDE_FAILURES, str(maria.pk)) == 0


@pytest.mark.django_db
def test_network_has_a_limit_over_all_accounts():
    for _ in range(policy.NETWORK_FAILURES.limit):
        budgets.consume(policy.NETWORK_FAILURES, "203.0.113.9")

    with pytest.raises(errors.LimitReached):
        check("somebody@example.org")
    with pytest.raises(errors.WrongPassword):
        check("somebody@example.org", address="198.51.100.7")


@pytest.mark.django_db
def test_refused_tries_do_not_feed_the_row_from_outside(maria):
    for _ in range(policy.PAIR_FAILURES.limit):
        with pytest.raises(errors.WrongPassword):
            check(password="wrong")
    for _ in range(5):
        with pytest.raises(errors.LimitReached):
            check(password="wrong")

    assert budgets.peek(policy.OUTSIDE_FAILURES, str(maria.pk)) == policy.PAIR_FAILURES.limit


@pytest.mark.django_db
def test_hundred_failures_from_many_networks_ask_for_a_mailed_code(maria):
    for number in range(policy.OUTSIDE_FAILURES.limit):
        with pytest.raises(errors.WrongPassword):
            check(password="wrong", address=f"198.51.{number}.1")

    assert check().stage is SignInStage.MAILED_CODE


@pytest.mark.django_db
def test_account_without_a_mailbox_is_not_locked_out_by_strangers():
    maria = make_user(email=None, external_id="m-4711")
    for _ in range(policy.OUTSIDE_FAILURES.limit):
        budgets.consume(policy.OUTSIDE_FAILURES, str(maria.pk))

    assert check("m-4711").stage is None


@pytest.mark.django_db
def test_equal_statements_for_accounts_that_do_not_open(maria):
    make_user(email="off@example.org", is_active=False)
    make_user(email=None, external_id="contactless")
    names = ["maria@example.org", "off@example.org", "contactless", "nobody@example.org"]
    counts = []
    for name in names:
        with CaptureQueriesContext(connection) as queries, pytest.raises(errors.WrongPassword):
            check(name, password="wrong")
        counts.append(len(queries))

    assert len(set(counts)) == 1


@pytest.mark.django_db(transaction=True)
def test_parallel_guesses_are_compared_ten_times_at_most():
    make_user(email="maria@example.org")

    results = run_at_once(16, lambda _number: check(password="wrong"))

    kinds = [type(result) for result in results]
    assert kinds.count(errors.WrongPassword) == policy.PAIR_FAILURES.limit
    assert kinds.count(errors.LimitReached) == 6
