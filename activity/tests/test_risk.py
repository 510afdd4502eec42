"""The judgement of sign-ins: every rule allowed, refused and at its edge."""

from datetime import UTC, datetime, timedelta

import pytest

from activity import policy, risk, weights
from activity.enums import Level, RiskReason
from activity.risk import Circumstances, Counts, Features, Point

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
HOME = Features(
    address="203.0.113.7",
    network="203.0.113.0/24",
    country="DE",
    browser="Firefox",
    system="Windows",
    device="",
)
ABROAD = {"address": "198.51.100.9", "network": "198.51.100.0/24", "country": "BR"}
ELSEWHERE = {"address": "192.0.2.9", "network": "192.0.2.0/24"}
PHONE = {"browser": "Safari", "system": "iOS", "device": "iPhone"}
# Of 100,000 sign-ins of a portal; the rest was never seen there.
COMMON = {
    ("country", "DE"): 60_000,
    ("country", "BR"): 500,
    ("browser", "Firefox"): 15_000,
    ("browser", "Safari"): 20_000,
    ("browser", "Chrome"): 55_000,
    ("system", "Windows"): 40_000,
    ("system", "iOS"): 15_000,
    ("network", "203.0.113.0/24"): 30,
    ("address", "203.0.113.7"): 20,
}
BERLIN = {"latitude": 52.5, "longitude": 13.4, "radius_km": 50.0}
SAO_PAULO = {"latitude": -23.5, "longitude": -46.6, "radius_km": 50.0}


def features(**changed):
    return Features(**{**{name: getattr(HOME, name) for name in risk.FEATURES}, **changed})


def counts(now, sign_ins=12, *, of=HOME, **changed):
    """An account that signed in so often from one browser at one place."""
    own, known = {}, {}
    for name in risk.FEATURES:
        value = getattr(of, name)
        if value:
            known[name] = sign_ins
            if getattr(now, name) == value:
                own[name, value] = sign_ins
    facts = {"own_total": sign_ins, "common_total": 100_000, "own": own, "own_known": known}
    return Counts(**{**facts, "common": COMMON, **changed})


def circumstances(**changed):
    return Circumstances(
        now=changed.pop("now", Point(NOW)),
        last=changed.pop("last", Point(NOW - timedelta(days=3))),
        **changed,
    )


def judged(seen, sign_ins=12, *, vouched=False, **changed):
    facts = counts(seen, sign_ins, is_vouched=vouched)
    return risk.judge(seen, facts, circumstances(**changed))


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
    assert judged(Features(), 500) == risk.Judgement(20, Level.LOW, [])


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


def test_rare_machine_of_the_owner_counts_for_more_than_a_common_one():
    scores = []
    for browser in ("Vivaldi", "Chrome"):
        now = features(**ELSEWHERE, browser=browser)
        facts = counts(now, of=features(browser=browser))
        scores.append(risk.judge(now, facts, circumstances()).score)

    assert scores[0] < scores[1]


HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("hours", "fires"),
    [(10.0, True), (10.05, True), (10.15, False), (11, False), (24, False), (0, True), (-1, True)],
)
def test_travel_is_impossible_above_the_speed_of_airliners(hours, fires):
    """Berlin to Sao Paulo is 10,230 km; less 50 around each end at 1,000 km/h: 10.13 hours."""
    found = judged(
        features(**ELSEWHERE),
        now=Point(NOW, **SAO_PAULO),
        last=Point(NOW - hours * HOUR, **BERLIN),
    )

    assert (RiskReason.IMPOSSIBLE_TRAVEL in found.reasons) is fires
    assert found.level == (Level.MEDIUM if fires else Level.LOW)


@pytest.mark.parametrize("missing", ["now", "last", "both"])
def test_travel_to_or_from_an_unknown_place_never_fires(missing):
    now = Point(NOW) if missing in ("now", "both") else Point(NOW, **SAO_PAULO)
    last = Point(NOW) if missing in ("last", "both") else Point(NOW, **BERLIN)

    assert risk.speed(last, now) is None
    assert judged(features(**ELSEWHERE), now=now, last=last).level == Level.LOW


def test_travel_between_middles_of_neighbours_is_possible_at_once():
    germany = Point(NOW, latitude=51.0, longitude=9.0)
    poland = Point(NOW, latitude=52.0, longitude=20.0)

    assert risk.speed(germany, poland) == 0


def test_speed_is_the_same_both_ways_and_finite_at_once():
    berlin, sao_paulo = Point(NOW, **BERLIN), Point(NOW, **SAO_PAULO)

    assert risk.speed(berlin, sao_paulo) == risk.speed(sao_paulo, berlin)
    assert risk.speed(berlin, sao_paulo) == pytest.approx(10_130 * 60, rel=0.01)


def test_places_across_the_antimeridian_are_near():
    fiji = Point(NOW, latitude=-17.0, longitude=179.0, radius_km=0)
    samoa = Point(NOW + HOUR, latitude=-17.0, longitude=-179.0, radius_km=0)

    assert risk.speed(fiji, samoa) == pytest.approx(213, abs=5)


@pytest.mark.parametrize(
    ("failures", "changed", "level"),
    [
        (weights.FAILURES - 1, ELSEWHERE, Level.LOW),
        (weights.FAILURES, ELSEWHERE, Level.MEDIUM),
        (weights.FAILURES, {}, Level.LOW),
        (weights.FAILURES, {"browser": "Chrome"}, Level.HIGH),
        (weights.FAILURES, ABROAD, Level.HIGH),
    ],
    ids=["four", "five", "at home", "at home on a new browser", "abroad"],
)
def test_success_after_failures(failures, changed, level):
    found = judged(features(**changed), failures=failures)

    assert found.level == level
    assert (RiskReason.AFTER_FAILURES in found.reasons) is (level != Level.LOW)


@pytest.mark.parametrize(
    ("accounts", "changed", "level"),
    [
        (weights.ACCOUNTS_FAILED - 1, ELSEWHERE, Level.LOW),
        (weights.ACCOUNTS_FAILED, ELSEWHERE, Level.HIGH),
        (10_000, {}, Level.LOW),
        (10_000, {"browser": "Chrome"}, Level.MEDIUM),
    ],
    ids=["nine", "ten", "campus of the owner", "new browser at the campus"],
)
def test_burst_over_many_accounts(accounts, changed, level):
    found = judged(features(**changed), accounts_failed=accounts)

    assert found.level == level
    assert (RiskReason.MANY_ACCOUNTS in found.reasons) is (level == Level.HIGH)


@pytest.mark.parametrize(
    ("away", "changed", "fires"),
    [
        (weights.LONGEST_SILENCE, ABROAD, False),
        (weights.LONGEST_SILENCE + timedelta(seconds=1), ABROAD, True),
        (timedelta(days=400), ELSEWHERE, False),
        (timedelta(days=400), {}, False),
    ],
    ids=["sixty days", "a second more", "alone", "at home"],
)
def test_long_silence_adds_to_other_signs_and_is_none_by_itself(away, changed, fires):
    found = judged(features(**changed), last=Point(NOW - away))

    assert (RiskReason.LONG_SILENCE in found.reasons) is fires
    if fires:
        before = judged(features(**changed)).score
        assert found.score == before + weights.LONG_SILENCE_ADDS


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


def test_long_silence_can_tip_the_scale_in_a_new_network():
    now = features(**ELSEWHERE)
    facts = counts(
        now, 100, own={("country", "DE"): 100, ("browser", "Firefox"): 8, ("system", "Windows"): 15}
    )
    late = circumstances(last=Point(NOW - timedelta(days=61)))

    assert risk.judge(now, facts, circumstances()).level == Level.LOW
    assert risk.judge(now, facts, late).reasons == [RiskReason.LONG_SILENCE]
