"""An account with one home and one browser, and sign-ins to it, for the tests of risk."""

from datetime import UTC, datetime, timedelta

from activity import risk
from activity.risk import Circumstances, Counts, Features, Point

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
HOME = Features(
    address="203.0.113.7",
    network="203.0.113.0/24",
    range="203.0.0.0/16",
    country="DE",
    browser="Firefox",
    system="Windows",
    device="",
)
ABROAD = {
    "address": "198.51.100.9",
    "network": "198.51.100.0/24",
    "range": "198.51.0.0/16",
    "country": "BR",
}
ELSEWHERE = {"address": "192.0.2.9", "network": "192.0.2.0/24", "range": "192.0.0.0/16"}
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
