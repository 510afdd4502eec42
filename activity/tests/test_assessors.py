"""What the judgement of a sign-in rests on, and what it costs to read."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.hooks import Assessment
from activity import policy, risk, weights
from activity.assessors import assess_sign_in, features_of, values_of
from activity.enums import EventKind, RiskReason
from activity.models import FeatureCount
from activity.risk import Features
from activity.services import learning
from activity.tests.factories import make_event, make_user
from activity.tests.mmdb import write_mmdb
from activity.tests.sign_ins import (
    AMERICA,
    CHROME_ON_WINDOWS,
    ELSEWHERE_IN_GERMANY,
    FIREFOX_ON_LINUX,
    FRANCE,
    JAPAN,
    NEWER_FIREFOX,
    browser_at,
    sign_in,
)

pytestmark = pytest.mark.django_db
HOME = browser_at()


@pytest.fixture
def user():
    return make_user()


@pytest.fixture
def settled(user, time_machine):
    """Somebody who signed in five times at home, the last time yesterday."""
    now = timezone.now()
    for days in range(5, 0, -1):
        time_machine.move_to(now - timedelta(days=days), tick=False)
        sign_in(user, HOME)
    time_machine.move_to(now, tick=False)
    return user


def fail(user, client, times=1, **ago):
    for _ in range(times):
        at = timezone.now() - timedelta(**ago)
        make_event(user, EventKind.SIGN_IN_FAILED, client=client, at=at)


def test_features_are_families_and_networks_without_versions():
    assert features_of(HOME) == Features(
        address="193.99.144.80",
        network="193.99.144.0/24",
        range="193.99.0.0/16",
        country="DE",
        browser="Firefox",
        system="Windows",
        device="",
    )


@pytest.mark.parametrize("agent", ["", "x" * 65536, "\x00\xff<script>", "\ud800", "((((("])
def test_what_nobody_can_read_is_unknown(agent):
    found = features_of(browser_at("203.0.113.9", agent))

    assert (found.country, found.browser, found.system, found.device) == ("", "", "", "")


def test_values_are_cut_to_their_column_and_unknown_ones_left_out():
    long = Features(address="a" * 500)

    assert values_of(long) == [("address", "a" * 120), ("all", ""), ("known:address", "")]


def test_first_sign_in_after_all_was_forgotten_is_told(user):
    user.last_login = timezone.now() - policy.COUNTS_KEPT - timedelta(days=1)

    found = assess_sign_in(user, HOME)

    assert (found.reasons, found.is_unusual, found.needs_confirmation) == (
        [RiskReason.LONG_SILENCE],
        True,
        False,
    )


def test_first_sign_in_that_is_counted_is_none_after_a_long_time(user):
    user.last_login = timezone.now() - policy.COUNTS_KEPT + timedelta(days=1)

    assert not assess_sign_in(user, HOME).is_unusual


def test_first_sign_in_ever_raises_nothing(user):
    fail(user, HOME, times=9)

    assert assess_sign_in(user, browser_at(AMERICA)) == Assessment(model=risk.MODEL)


def test_same_browser_at_home_raises_nothing_after_an_update(settled):
    found = assess_sign_in(settled, browser_at(agent=NEWER_FIREFOX))

    assert (found.is_unusual, found.reasons) == (False, [])


@pytest.mark.parametrize(
    ("client", "reason"),
    [
        (browser_at(FRANCE), RiskReason.NEW_COUNTRY),
        (browser_at(ELSEWHERE_IN_GERMANY, CHROME_ON_WINDOWS), RiskReason.NEW_BROWSER),
        (browser_at(ELSEWHERE_IN_GERMANY, FIREFOX_ON_LINUX), RiskReason.NEW_SYSTEM),
    ],
)
def test_what_is_new_is_told(settled, client, reason):
    found = assess_sign_in(settled, client)

    assert found.is_unusual
    assert reason in found.reasons


def test_unusual_and_to_be_confirmed_are_two_bars(settled):
    abroad = assess_sign_in(settled, browser_at(FRANCE))
    thief = assess_sign_in(settled, browser_at(AMERICA, CHROME_ON_WINDOWS))

    assert policy.UNUSUAL_FROM <= abroad.score < policy.CONFIRM_FROM <= thief.score
    assert (abroad.is_unusual, abroad.needs_confirmation) == (True, False)
    assert (thief.is_unusual, thief.needs_confirmation) == (True, True)


def test_travel_is_measured_from_the_last_trusted_sign_in(settled, time_machine):
    sign_in(settled, browser_at(FRANCE), "totp")
    time_machine.shift(timedelta(hours=1))
    thief = sign_in(settled, browser_at(JAPAN))
    time_machine.shift(timedelta(hours=1))
    back = assess_sign_in(settled, browser_at(ELSEWHERE_IN_GERMANY))

    assert RiskReason.IMPOSSIBLE_TRAVEL in thief.reasons
    assert (back.is_unusual, back.reasons) == (False, [])


def test_failures_of_this_network_on_this_account_raise_the_score(settled):
    thief = browser_at(ELSEWHERE_IN_GERMANY)
    calm = assess_sign_in(settled, thief)

    fail(settled, thief, times=weights.FAILURES)

    assert not calm.is_unusual
    found = assess_sign_in(settled, thief)
    assert (found.is_unusual, found.reasons) == (True, [RiskReason.AFTER_FAILURES])


def test_failures_of_strangers_elsewhere_raise_nothing(settled):
    owner = browser_at(ELSEWHERE_IN_GERMANY)
    before = assess_sign_in(settled, owner)

    for number in range(1, 60):
        fail(settled, browser_at(f"8.8.8.{number}"), times=3)

    assert assess_sign_in(settled, owner) == before


def test_failures_of_this_network_on_others_are_not_this_accounts(settled):
    owner = browser_at(ELSEWHERE_IN_GERMANY)
    fail(make_user(), owner, times=weights.FAILURES)

    assert not assess_sign_in(settled, owner).is_unusual


def test_old_failures_are_over(settled):
    thief = browser_at(ELSEWHERE_IN_GERMANY)
    fail(settled, thief, times=weights.FAILURES, minutes=61)

    assert not assess_sign_in(settled, thief).is_unusual


def test_network_that_tries_many_accounts_is_noticed(settled):
    thief = browser_at(ELSEWHERE_IN_GERMANY)
    for _ in range(weights.ACCOUNTS_FAILED):
        fail(make_user(), thief)

    assert assess_sign_in(settled, thief).reasons == [RiskReason.MANY_ACCOUNTS]


def test_network_that_tries_many_names_of_nobody_is_noticed(settled):
    thief = browser_at(ELSEWHERE_IN_GERMANY)
    names = weights.ACCOUNTS_FAILED * policy.TYPOS_OF_A_NAME
    fail(None, thief, times=names - 1)
    before = assess_sign_in(settled, thief)
    fail(None, thief)

    assert not before.is_unusual
    assert assess_sign_in(settled, thief).reasons == [RiskReason.MANY_ACCOUNTS]


def test_many_people_behind_one_address_are_no_burst(settled, settings):
    settings.SHARED_NETWORKS = ["194.25.0.0/16=20"]
    campus = browser_at(ELSEWHERE_IN_GERMANY)
    for _ in range(weights.ACCOUNTS_FAILED + 5):
        fail(make_user(), campus)

    assert not assess_sign_in(settled, campus).is_unusual


def test_unknown_network_is_compared_with_no_other_unknown_one(settled):
    nowhere = browser_at("")
    fail(settled, nowhere, times=weights.FAILURES)

    assert not assess_sign_in(settled, nowhere).is_unusual


def test_one_account_is_not_compared_with_another(settled):
    sign_in(make_user(), browser_at(FRANCE))

    assert RiskReason.NEW_COUNTRY in assess_sign_in(settled, browser_at(FRANCE)).reasons


def test_what_the_owner_vouched_for_raises_nothing(settled):
    event = sign_in(settled, browser_at(FRANCE))
    learning.vouch(event)

    assert not assess_sign_in(settled, browser_at("212.27.60.1")).is_unusual


def test_without_a_database_nothing_is_new_and_later_everything_as_before(
    settled, settings, tmp_path
):
    bundled = settings.GEOIP_PATH
    settings.GEOIP_PATH = str(tmp_path / "missing.mmdb")
    away = sign_in(settled, browser_at(AMERICA))
    settings.GEOIP_PATH = bundled

    assert (away.country, away.is_unusual) == ("", False)
    assert not assess_sign_in(settled, HOME).is_unusual
    assert RiskReason.NEW_COUNTRY in assess_sign_in(settled, browser_at(FRANCE)).reasons


def test_account_that_never_had_a_country_gets_one_without_alarm(user, settings, tmp_path):
    bundled = settings.GEOIP_PATH
    settings.GEOIP_PATH = str(tmp_path / "missing.mmdb")
    for _ in range(5):
        sign_in(user, HOME)
    settings.GEOIP_PATH = bundled

    assert not assess_sign_in(user, HOME).is_unusual
    assert RiskReason.NEW_COUNTRY not in assess_sign_in(user, browser_at(FRANCE)).reasons


def test_database_that_names_another_country_moves_nobody(settled, settings, tmp_path):
    path = tmp_path / "other.mmdb"
    write_mmdb(path, "193.99.0.0/16", {"country_code": "BR"})
    settings.GEOIP_PATH = str(path)

    found = assess_sign_in(settled, HOME)

    assert features_of(HOME).country == "BR"
    assert (found.is_unusual, found.reasons) == (False, [])


@pytest.mark.parametrize("history", [0, 1, 40])
def test_a_judgement_is_one_statement_at_any_history(user, history, django_assert_num_queries):
    for number in range(history):
        sign_in(user, browser_at(f"193.99.144.{number}"))
        fail(user, HOME)

    with django_assert_num_queries(1):
        assess_sign_in(user, HOME)


def test_a_judgement_changes_nothing(settled):
    before = sorted(FeatureCount.objects.values_list())
    assess_sign_in(settled, browser_at(FRANCE))

    assert sorted(FeatureCount.objects.values_list()) == before
