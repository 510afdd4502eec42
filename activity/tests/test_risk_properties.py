"""What always holds of the judgement of sign-ins."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from activity import policy, risk
from activity.enums import Level, RiskReason
from activity.risk import Circumstances, Counts, Features, Point

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
BERLIN = {"latitude": 52.5, "longitude": 13.4, "radius_km": 50.0}
SAO_PAULO = {"latitude": -23.5, "longitude": -46.6, "radius_km": 50.0}
VALUES = {name: st.sampled_from(["", "a", "b"]) for name in risk.FEATURES}
ANY_FEATURES = st.builds(Features, **VALUES)
ANY_COUNT = st.integers(0, 2000)


@st.composite
def any_counts(draw, now):
    total = draw(ANY_COUNT)
    own_known = {name: draw(st.integers(0, total)) for name in risk.FEATURES}
    own = {
        (name, getattr(now, name)): draw(st.integers(0, own_known[name]))
        for name in risk.FEATURES
        if getattr(now, name)
    }
    common_total = draw(st.integers(0, 10**7))
    common = {value: draw(st.integers(0, common_total)) for value in own}
    return Counts(
        own_total=total,
        common_total=common_total,
        own=own,
        common=common,
        own_known=own_known,
        is_vouched=draw(st.booleans()),
    )


@st.composite
def any_point(draw):
    at = NOW + timedelta(minutes=draw(st.integers(-200_000, 10)))
    if draw(st.booleans()):
        return Point(at)
    return Point(
        at,
        latitude=draw(st.floats(-90, 90)),
        longitude=draw(st.floats(-180, 180)),
        radius_km=draw(st.floats(0, 4000)),
    )


ANY_CIRCUMSTANCES = st.builds(
    Circumstances,
    now=any_point(),
    last=st.none() | any_point(),
    failures=st.integers(0, 30),
    accounts_failed=st.integers(0, 30),
)


@given(st.data())
def test_score_level_and_reasons_agree(data):
    now = data.draw(ANY_FEATURES)

    found = risk.judge(now, data.draw(any_counts(now)), data.draw(ANY_CIRCUMSTANCES))

    assert 0 <= found.score <= 100
    is_medium = policy.UNUSUAL_FROM <= found.score < policy.CONFIRM_FROM
    assert (found.level == Level.LOW) is (found.score < policy.UNUSUAL_FROM)
    assert (found.level == Level.MEDIUM) is is_medium
    assert bool(found.reasons) is (found.level != Level.LOW)
    assert len(set(found.reasons)) == len(found.reasons)


@given(st.data(), st.integers(1, 50))
def test_more_history_of_the_same_never_raises(data, more):
    now = data.draw(ANY_FEATURES)
    before, around = data.draw(any_counts(now)), data.draw(ANY_CIRCUMSTANCES)
    if before.own_total == 0:
        return  # the first ever raises nothing
    known = {name for name in risk.FEATURES if getattr(now, name)}
    after = Counts(
        own_total=before.own_total + more,
        common_total=before.common_total,
        own={value: count + more for value, count in before.own.items()},
        common=before.common,
        own_known={
            name: count + (more if name in known else 0) for name, count in before.own_known.items()
        },
        is_vouched=before.is_vouched,
    )

    assert risk.judge(now, after, around).score <= risk.judge(now, before, around).score


@given(st.data(), st.sampled_from(risk.FEATURES))
def test_making_a_feature_unknown_never_brings_its_sign(data, name):
    now = data.draw(ANY_FEATURES)
    unknown = Features(**{each: getattr(now, each) for each in risk.FEATURES} | {name: ""})

    found = risk.judge(unknown, data.draw(any_counts(now)), data.draw(ANY_CIRCUMSTANCES))

    sign = {
        "country": RiskReason.NEW_COUNTRY,
        "browser": RiskReason.NEW_BROWSER,
        "system": RiskReason.NEW_SYSTEM,
    }.get(name)
    assert sign not in found.reasons


@given(st.data())
def test_one_more_circumstance_never_lowers(data):
    now = data.draw(ANY_FEATURES)
    facts, around = data.draw(any_counts(now)), data.draw(ANY_CIRCUMSTANCES)
    last, here = around.last, around.now
    worse = Circumstances(
        now=Point(here.at, **SAO_PAULO),
        last=Point(min(last.at if last else here.at, here.at), **BERLIN),
        failures=around.failures + data.draw(st.integers(0, 30)),
        accounts_failed=around.accounts_failed + data.draw(st.integers(0, 30)),
    )
    nowhere = Circumstances(
        now=Point(here.at),
        last=Point(last.at) if last else None,
        failures=around.failures,
        accounts_failed=around.accounts_failed,
    )

    assert risk.judge(now, facts, worse).score >= risk.judge(now, facts, nowhere).score


@given(st.data())
def test_vouching_never_raises(data):
    now = data.draw(ANY_FEATURES)
    facts, around = data.draw(any_counts(now)), data.draw(ANY_CIRCUMSTANCES)
    plain, vouched = (replace(facts, is_vouched=is_vouched) for is_vouched in (False, True))

    assert risk.judge(now, vouched, around).score <= risk.judge(now, plain, around).score
