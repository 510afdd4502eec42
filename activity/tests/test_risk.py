"""The judgement of sign-ins: every rule allowed, refused and at its edge."""

from datetime import timedelta

import pytest

from activity import policy, risk, weights
from activity.enums import Level, RiskReason
from activity.risk import Counts, Features, Point
from activity.tests.judging import (
    ABROAD,
    BERLIN,
    COMMON,
    ELSEWHERE,
    HOME,
    NOW,
    PHONE,
    SAO_PAULO,
    circumstances,
    counts,
    features,
    judged,
)


def test_first_sign_in_ever_raises_nothing():
    worst = circumstances(failures=100, accounts_failed=1000)

    found = risk.judge(features(**ABROAD, **PHONE), Counts(), worst)

    assert found == risk.Judgement(score=0, level=Level.LOW, reasons=[])


@pytest.mark.parametrize("sign_ins", [1, 4, 12, 39, 500])
@pytest.mark.parametrize(
    ("changed", "level", "reasons"),
    [
        ({}, Level.LOW, set()),
        (ELSEWHERE, Level.LOW, set()),
        ({"device": "Pixel 8"}, Level.LOW, set()),
        ({"browser": "Chrome"}, Level.MEDIUM, {RiskReason.NEW_BROWSER}),
        ({"system": "Linux"}, Level.MEDIUM, {RiskReason.NEW_SYSTEM}),
        (PHONE, Level.MEDIUM, {RiskReason.NEW_SYSTEM, RiskReason.NEW_BROWSER}),
        (ABROAD, Level.MEDIUM, {RiskReason.NEW_COUNTRY}),
        (
            ABROAD | {"browser": "Chrome"},
            Level.HIGH,
            {RiskReason.NEW_COUNTRY, RiskReason.NEW_BROWSER},
        ),
        (
            ABROAD | {"system": "Linux"},
            Level.HIGH,
            {RiskReason.NEW_COUNTRY, RiskReason.NEW_SYSTEM},
        ),
        (
            ABROAD | PHONE,
            Level.HIGH,
            {RiskReason.NEW_COUNTRY, RiskReason.NEW_SYSTEM, RiskReason.NEW_BROWSER},
        ),
    ],
    ids=[
        "home",
        "new network",
        "new model",
        "new browser",
        "new system",
        "new phone at home",
        "journey",
        "abroad and new browser",
        "abroad and new system",
        "abroad and all new",
    ],
)
def test_what_is_new_decides_the_level_at_any_history(changed, level, reasons, sign_ins):
    found = judged(features(**changed), sign_ins)

    assert found.level == level
    assert set(found.reasons) - {RiskReason.UNLIKELY} == reasons


def test_reasons_come_weightiest_first():
    found = judged(
        features(**ABROAD, **PHONE),
        now=Point(NOW, **SAO_PAULO),
        last=Point(NOW - timedelta(hours=1), **BERLIN),
        failures=weights.FAILURES,
        accounts_failed=weights.ACCOUNTS_FAILED,
    )

    assert found.reasons == [
        RiskReason.MANY_ACCOUNTS,
        RiskReason.IMPOSSIBLE_TRAVEL,
        RiskReason.NEW_COUNTRY,
        RiskReason.AFTER_FAILURES,
        RiskReason.NEW_SYSTEM,
        RiskReason.NEW_BROWSER,
        RiskReason.UNLIKELY,
    ]


@pytest.mark.parametrize("name", risk.FEATURES)
def test_unknown_value_is_never_new(name):
    now = features(**{name: ""})

    assert judged(now, 39).level == Level.LOW


def test_nothing_known_at_all_is_low():
    assert judged(Features(), 500) == judged(Features(), 1) == risk.Judgement(33, Level.LOW, [])


@pytest.mark.parametrize("name", ["country", "browser", "system"])
def test_history_without_the_feature_makes_nothing_new(name):
    now = features(**ELSEWHERE)
    facts = counts(now, of=features(**{name: ""}))

    assert risk.judge(now, facts, circumstances()).level == Level.LOW


@pytest.mark.parametrize("kept", ["address", "network"])
def test_known_network_in_another_country_is_a_replaced_database(kept):
    now = features(**{**ABROAD, kept: getattr(HOME, kept)})

    found = judged(now, now=Point(NOW, **SAO_PAULO), last=Point(NOW, **BERLIN))

    assert found.level == Level.LOW


def test_new_machine_in_a_shared_network_of_the_account_is_told_and_not_asked():
    for sign_ins in (1, 39, 10**6):
        assert judged(features(**PHONE), sign_ins).level == Level.MEDIUM


def test_new_machine_elsewhere_is_asked_about_once_there_is_much_history():
    now = features(**ELSEWHERE, **PHONE)

    assert [judged(now, sign_ins).level for sign_ins in (4, 12, 500)] == [
        Level.MEDIUM,
        Level.MEDIUM,
        Level.HIGH,
    ]


def test_journey_on_a_machine_seldom_used_is_not_asked_about():
    now = features(**ABROAD)
    facts = counts(now, 1000, own={("browser", "Firefox"): 1, ("system", "Windows"): 1})

    found = risk.judge(now, facts, circumstances())

    assert found.score == policy.CONFIRM_FROM - 1
    assert found.reasons == [RiskReason.NEW_COUNTRY, RiskReason.UNLIKELY]


def test_what_is_unlike_the_history_is_told_though_nothing_is_new():
    now = features(**ELSEWHERE, browser="Chrome")
    facts = counts(now, 400, own=dict.fromkeys(COMMON, 4))

    found = risk.judge(now, facts, circumstances())

    assert found.level == Level.MEDIUM
    assert found.reasons == [RiskReason.UNLIKELY]


@pytest.mark.parametrize("sign_ins", [4, 39, 1000])
def test_copied_header_helps_by_one_bit_at_most(sign_ins):
    usual, copied = features(**ELSEWHERE, browser=""), features(**ELSEWHERE, browser="Vivaldi")

    found = [
        risk.bits(now, counts(now, sign_ins, of=features(browser=now.browser)))
        for now in (usual, copied)
    ]

    assert 0 < found[0] - found[1] <= 1


@pytest.mark.parametrize("changed", [{}, PHONE, ABROAD, ABROAD | PHONE])
def test_no_group_says_more_than_its_bits(changed):
    now = features(**changed)

    found = risk.bits(now, counts(now, 10**6))

    assert -weights.MOST_BITS - 1 <= found <= 2 * weights.MOST_BITS
    if changed == PHONE:
        assert found == pytest.approx(0, abs=0.01)


def test_how_common_a_value_is_counts_where_it_was_known():
    now = features(**ELSEWHERE)
    rarely = {"common_known": {"country": 60_000}}  # all of them in this country

    assert risk.bits(now, counts(now, **rarely)) > risk.bits(now, counts(now))


def test_what_is_near_the_owner_counts_in_steps():
    """The address says more than its network, that more than the range, and that the country."""
    steps = [
        {},
        {"address": "203.0.113.99"},
        {"address": "203.0.9.9", "network": "203.0.9.0/24"},
        ELSEWHERE,
        {**ABROAD, "country": ""},
        ABROAD,
    ]

    scores = [judged(features(**step), 39).score for step in steps]

    assert scores == sorted(set(scores))


@pytest.mark.parametrize("changed", [ABROAD | PHONE, ABROAD, PHONE, ELSEWHERE])
def test_what_the_owner_vouched_for_stays_quiet(changed):
    far = {"now": Point(NOW, **SAO_PAULO), "last": Point(NOW, **BERLIN)}

    for more in ({}, far, {"failures": 50}, {"accounts_failed": 50}):
        assert judged(features(**changed), 39, vouched=True, **more).level == Level.LOW


@pytest.mark.parametrize(
    "second",
    [
        {"now": Point(NOW, **SAO_PAULO), "last": Point(NOW, **BERLIN)},
        {"failures": weights.FAILURES},
    ],
    ids=["travel", "failures"],
)
def test_vouching_does_not_hide_a_burst_with_a_second_sign(second):
    found = judged(
        features(**ABROAD), vouched=True, accounts_failed=weights.ACCOUNTS_FAILED, **second
    )

    assert found.level == Level.HIGH


def test_levels_begin_where_the_policy_says():
    assert weights.LEAST[RiskReason.NEW_BROWSER] == policy.UNUSUAL_FROM
    assert min(weights.TWO_KINDS, weights.LEAST[RiskReason.MANY_ACCOUNTS]) >= policy.CONFIRM_FROM
    assert sum(weights.ADDRESS.values()) == pytest.approx(1)
    assert sum(weights.AGENT.values()) == pytest.approx(1)
    assert set(weights.LEAST) == set(risk.PLACE | risk.MACHINE | risk.CONDUCT)


def test_portal_without_a_past_judges_without_error():
    now = features(**ABROAD, **PHONE)

    found = risk.judge(now, counts(now, 1, common={}, common_total=0), circumstances())

    assert found.level == Level.HIGH
