"""Guessing at the second step, whatever is guessed (attacks.md 9, 10, 11)."""

from itertools import cycle

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import errors, policy, signals
from accounts.enums import FailurePool, SignInStage
from accounts.models import KnownNetwork
from accounts.services import budgets, code_devices, failures, sign_in, totp
from accounts.services.budgets import Use
from accounts.services.stages import Stage
from accounts.tests.factories import (
    make_client,
    make_code_device,
    make_recovery_codes,
    make_totp,
    make_user,
)
from accounts.tests.threads import run_at_once
from outbox.models import Message

pytestmark = pytest.mark.django_db
WRONG = {"app": "000000", "sent": "00000000", "printed": "AAAA-AAAA-AAAA-AAAA"}
MINUTES, HOUR, DAY = policy.SECOND_STEP_RULES


@pytest.fixture
def maria():
    user = make_user(email="maria@example.org")
    make_totp(user)
    make_recovery_codes(user)
    return user


@pytest.fixture
def heard():
    """Collect what is told of failed sign-ins."""
    told = []

    def listen(sender, **facts):
        told.append((facts["user"], facts["reason"], facts["pool"]))

    signals.sign_in_failed.connect(listen)
    yield told
    signals.sign_in_failed.disconnect(listen)


def stage_of(user, pool=FailurePool.PAIR, name="browser", **fields):
    return Stage(user=user, kind=SignInStage.SECOND_STEP, name=name, pool=pool, **fields)


def type_in(user, typed, *, address="203.0.113.9", stage=None):
    stage = stage or stage_of(user)
    return sign_in.verify_second_step(stage, typed, client=make_client(address))


def guess(user, times, kinds=("app",), **fields):
    """Type wrong codes; gives the kinds of what they were answered with."""
    answers = []
    for _time, kind in zip(range(times), cycle(kinds), strict=False):
        try:
            type_in(user, WRONG[kind], **fields)
        except (errors.WrongToken, errors.LimitReached, errors.ChallengeExhausted) as error:
            answers.append(type(error))
    return answers


def right_code(user):
    return totp.current_code(user.totpdevice_set.get())


def know(user, address):
    KnownNetwork.objects.create(
        user=user, network=address, days=2, first_day="2026-01-01", last_day="2026-01-02"
    )


@pytest.mark.parametrize("kinds", [["app"], ["sent"], ["printed"], list(WRONG)], ids=str)
def test_guesses_at_every_kind_share_one_limit_from_one_network(maria, heard, kinds):
    phone = make_code_device(maria)
    code_devices.send(maria, phone.contact, stage_of(maria).subject, client=make_client())

    answers = guess(maria, MINUTES.limit + 1, kinds)

    assert answers == [errors.WrongToken] * MINUTES.limit + [errors.LimitReached]
    assert heard == [(maria, "wrong_token", FailurePool.PAIR)] * MINUTES.limit
    with pytest.raises(errors.LimitReached):
        type_in(maria, right_code(maria))


@pytest.mark.parametrize("kind", list(WRONG))
def test_guesses_from_many_networks_share_one_limit(maria, kind):
    answers = [
        guess(maria, 1, [kind], address=f"198.51.100.{number}")[0]
        for number in range(MINUTES.limit + 1)
    ]

    assert answers == [errors.WrongToken] * MINUTES.limit + [errors.LimitReached]


def test_right_sent_code_is_refused_past_the_limit(maria):
    phone = make_code_device(maria)
    code_devices.send(maria, phone.contact, stage_of(maria).subject, client=make_client())
    guess(maria, MINUTES.limit)

    with pytest.raises(errors.LimitReached):
        type_in(maria, Message.objects.get().secrets["code"].replace("-", ""))


def test_guesses_from_outside_leave_known_browsers_and_networks_their_tries(maria):
    know(maria, "203.0.113.9")
    for number in range(MINUTES.limit + 1):
        guess(maria, 1, address=f"198.51.100.{number}")

    known_network = guess(maria, 1, stage=stage_of(maria, is_at_home=True))
    known_browser = guess(maria, 1, stage=stage_of(maria, FailurePool.KNOWN))

    assert [known_network, known_browser] == [[errors.WrongToken]] * 2
    with pytest.raises(errors.LimitReached):
        type_in(maria, right_code(maria), address="192.0.2.200")


def test_guesses_in_a_known_browser_leave_the_others_theirs(maria):
    guess(maria, MINUTES.limit + 1, stage=stage_of(maria, FailurePool.KNOWN))

    assert guess(maria, 1) == [errors.WrongToken]


def test_known_network_of_another_time_is_no_known_one(maria):
    """A stage that was begun at home does not carry that along: it is asked at each step."""
    know(maria, "203.0.113.9")
    away, home = make_client("198.51.100.7"), make_client("203.0.113.9")

    counted = {
        client.address: {
            use.parts for use in failures.second_step_uses(maria, FailurePool.PAIR, client)
        }
        for client in (away, home)
    }

    pk = str(maria.pk)
    assert counted == {
        "198.51.100.7": {("pair", pk, "198.51.100.7"), ("outside", pk, "")},
        "203.0.113.9": {("pair", pk, "203.0.113.9")},
    }


def test_right_code_gives_back_its_own_count_and_no_other(maria):
    guess(maria, 3)

    type_in(maria, right_code(maria))

    pair = (FailurePool.PAIR, str(maria.pk), "203.0.113.9")
    outside = (FailurePool.OUTSIDE, str(maria.pk), "")
    counted = [budgets.peek(rule, *key) for rule in (MINUTES, HOUR, DAY) for key in (pair, outside)]
    assert counted == [3] * 6


def test_signing_in_to_an_own_account_resets_no_count(maria):
    jonas = make_user()
    make_totp(jonas)
    guess(maria, MINUTES.limit)

    type_in(jonas, right_code(jonas))

    assert guess(maria, 1) == [errors.LimitReached]


@pytest.mark.parametrize(
    ("rule", "shorter"), [(HOUR, [MINUTES]), (DAY, [MINUTES, HOUR])], ids=["hour", "day"]
)
def test_longer_windows_have_limits_of_their_own(maria, rule, shorter):
    key = (str(FailurePool.PAIR), str(maria.pk), "203.0.113.9")
    for _ in range(rule.limit):
        budgets.consume(rule, *key)

    assert guess(maria, 1) == [errors.LimitReached]
    assert [budgets.peek(each, *key) for each in shorter] == [0] * len(shorter)


def test_one_statement_counts_a_try_of_an_unknown_browser(maria):
    stage = stage_of(maria, is_at_home=False)

    with CaptureQueriesContext(connection) as queries, pytest.raises(errors.WrongToken):
        type_in(maria, WRONG["app"], stage=stage)

    counting = [query for query in queries if "accounts_budget" in query["sql"]]
    assert len(counting) == 1
    assert not [query for query in queries if "accounts_knownnetwork" in query["sql"]]


@pytest.mark.django_db(transaction=True)
def test_limit_holds_in_a_race_over_networks_and_kinds():
    maria = make_user()
    make_totp(maria)
    make_recovery_codes(maria)
    typed = list(WRONG.values())

    results = run_at_once(
        16,
        lambda number: type_in(maria, typed[number % 3], address=f"198.51.100.{number}"),
    )

    kinds = [type(result) for result in results]
    assert kinds.count(errors.WrongToken) == MINUTES.limit
    assert kinds.count(errors.LimitReached) == 16 - MINUTES.limit
    outside = Use(MINUTES, (str(FailurePool.OUTSIDE), str(maria.pk), ""))
    assert budgets.peek(outside.rule, *outside.parts) == MINUTES.limit


@pytest.mark.parametrize(("is_attacked", "left"), [(False, 0), (True, 3)])
def test_the_step_that_completes_a_sign_in_ends_the_row_of_wrong_passwords(
    maria, is_attacked, left
):
    for _ in range(3):
        budgets.consume(policy.OUTSIDE_FAILURES, str(maria.pk))
    stage = stage_of(maria, ends_row=True, is_attacked=is_attacked)
    guess(maria, 1, stage=stage)
    before = budgets.peek(policy.OUTSIDE_FAILURES, str(maria.pk))

    type_in(maria, right_code(maria), stage=stage)

    assert (before, budgets.peek(policy.OUTSIDE_FAILURES, str(maria.pk))) == (3, left)


def test_a_known_browser_ends_no_row(maria):
    budgets.consume(policy.OUTSIDE_FAILURES, str(maria.pk))
    type_in(maria, right_code(maria), stage=stage_of(maria, FailurePool.KNOWN))

    assert budgets.peek(policy.OUTSIDE_FAILURES, str(maria.pk)) == 1
