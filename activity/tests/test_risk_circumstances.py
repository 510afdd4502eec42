"""What bears on a judgement beside the features: travel, failures, bursts, silence."""

from datetime import timedelta

import pytest

from activity import risk, weights
from activity.enums import Level, RiskReason
from activity.risk import Point
from activity.tests.judging import (
    ABROAD,
    BERLIN,
    ELSEWHERE,
    NOW,
    PHONE,
    SAO_PAULO,
    circumstances,
    counts,
    features,
    judged,
)

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


def test_a_clock_that_was_set_back_makes_nobody_fast():
    later = Point(NOW + timedelta(days=2), **BERLIN)

    found = judged(features(**ELSEWHERE), now=Point(NOW, **SAO_PAULO), last=later)

    assert found.level == Level.LOW


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


def test_long_silence_adds_nothing_in_a_known_network():
    late = Point(NOW - timedelta(days=400))

    assert judged(features(**PHONE), last=late) == judged(features(**PHONE))


def test_long_silence_can_tip_the_scale_in_a_new_network():
    now = features(**ELSEWHERE)
    facts = counts(
        now, 100, own={("country", "DE"): 100, ("browser", "Firefox"): 8, ("system", "Windows"): 30}
    )
    late = circumstances(last=Point(NOW - timedelta(days=61)))

    assert risk.judge(now, facts, circumstances()).level == Level.LOW
    assert risk.judge(now, facts, late).reasons == [RiskReason.LONG_SILENCE]
