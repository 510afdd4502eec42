"""How unusual a sign-in is: arithmetic over counts, with nothing read and nothing changed.

The model is that of Freeman and others ("Who Are You?", NDSS 2016) as Wiefling and others published
it (doi 10.1145/3546069), with rules beside it; docs/sign-in-risk.md has the formula, the figures
and what was changed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from math import asin, cos, log2, radians, sin, sqrt

from activity import policy, weights
from activity.enums import Level, RiskReason

MODEL = "2026-11-a"  # version of formula and figures; frozen into every event that it judged
ADDRESS_FEATURES = ("address", "network", "range", "country")
AGENT_FEATURES = ("browser", "system", "device")
FEATURES = (*ADDRESS_FEATURES, *AGENT_FEATURES)
ALL = "all"  # the feature whose value "" counts sign-ins
VOUCHED = "vouched"  # the feature whose values are patterns that the owner said were them
# A feature and its value.
Value = tuple[str, str]

PLACE = frozenset({RiskReason.NEW_COUNTRY, RiskReason.IMPOSSIBLE_TRAVEL})
MACHINE = frozenset({RiskReason.NEW_BROWSER, RiskReason.NEW_SYSTEM})
CONDUCT = frozenset({RiskReason.AFTER_FAILURES, RiskReason.MANY_ACCOUNTS})
KINDS = (PLACE, MACHINE, CONDUCT)


@dataclass(frozen=True)
class Features:
    """What is compared; "" where unknown, which is never new.

    address: the IP address. network: around it, /24 or /48. range: /16 or /32. country: ISO 3166-1
    alpha-2. browser, system, device: families without versions (useragents), so that an update
    changes nothing.
    """

    address: str = ""
    network: str = ""
    country: str = ""
    browser: str = ""
    system: str = ""
    device: str = ""
    range: str = ""

    @property
    def pattern(self) -> str:
        """Give what one answer of the owner's stands for: country and what was signed in with."""
        return f"{self.country}|{self.browser}|{self.system}|{self.device}"


@dataclass(frozen=True)
class Counts:
    """How often the values of one sign-in were seen: on this account, and on all.

    own and common have the values of the sign-in alone, absent ones were never seen.
    own_known, common_known: in how many of the sign-ins each feature was known (not ""); without
    common_known, in all.
    """

    own_total: int = 0
    common_total: int = 0
    own: Mapping[Value, int] = field(default_factory=dict)
    common: Mapping[Value, int] = field(default_factory=dict)
    own_known: Mapping[str, int] = field(default_factory=dict)
    is_vouched: bool = False
    common_known: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Point:
    """When and where somebody was.

    latitude, longitude: degrees; None where unknown. radius_km: how far from there they may be.
    """

    at: datetime
    latitude: float | None = None
    longitude: float | None = None
    radius_km: float = weights.UNSURE_KM


@dataclass(frozen=True)
class Circumstances:
    """What else bears on it.

    last: the account's last trusted sign-in, None before the first. failures: wrong passwords on
    this account from this network lately. accounts_failed: accounts that this network failed to
    sign in to lately. is_forgotten: the account was in use so long ago that nothing is kept of it.
    """

    now: Point
    last: Point | None = None
    failures: int = 0
    accounts_failed: int = 0
    is_forgotten: bool = False


@dataclass(frozen=True)
class Judgement:
    """score: 0 to 100, higher is worse. reasons: the weightiest first; [] for a low one."""

    score: int
    level: Level
    reasons: list[RiskReason]


def judge(features: Features, counts: Counts, circumstances: Circumstances) -> Judgement:
    """Judge one sign-in. The first of an account is never unusual: there is nothing to compare.

    The first after so long that nothing is kept is told, whoever it is: an account that nobody
    looks after is what stolen passwords are tried on.
    """
    if counts.own_total <= 0 and circumstances.is_forgotten:
        reasons = [RiskReason.LONG_SILENCE]
        return Judgement(score=policy.UNUSUAL_FROM, level=Level.MEDIUM, reasons=reasons)
    if counts.own_total <= 0:
        return Judgement(score=0, level=Level.LOW, reasons=[])
    likeness = _points(bits(features, counts))
    signs = _signs(features, counts, circumstances)
    is_late = _is_late(features, counts, circumstances)
    score = _score(likeness, signs, is_late=is_late, is_vouched=counts.is_vouched)
    if score < policy.UNUSUAL_FROM:
        return Judgement(score=score, level=Level.LOW, reasons=[])
    level = Level.HIGH if score >= policy.CONFIRM_FROM else Level.MEDIUM
    reasons = sorted(signs, key=lambda sign: -weights.LEAST[sign])
    if likeness >= policy.UNUSUAL_FROM:
        reasons.append(RiskReason.UNLIKELY)
    if is_late:
        reasons.append(RiskReason.LONG_SILENCE)
    return Judgement(score=score, level=level, reasons=reasons)


def bits(features: Features, counts: Counts) -> float:
    """Give how much likelier these values are of anybody than of this account's owner, as log2.

    log2 of the product of p(x) / p(x|user) over address and agent. Within each,
    p(x|user) / p(x) = sum over sub-features of share * p(s|user) / p(s): a value that the account
    never had is judged by the coarser ones around it.
    """
    return sum(_bits_of(group, features, counts) for group in (weights.ADDRESS, weights.AGENT))


def is_known_network(features: Features, counts: Counts) -> bool:
    """Tell whether the account signed in from this address or network before."""
    return any(_own(features, counts, name) > 0 for name in ("address", "network"))


def speed(one: Point, other: Point) -> float | None:
    """Give the least kilometres per hour between two points; None where either is unknown."""
    distance = _distance(one, other)
    if distance is None:
        return None
    trip = max(abs(other.at - one.at), weights.SHORTEST_TRIP)
    least = max(0.0, distance - one.radius_km - other.radius_km)
    return least / (trip.total_seconds() / 3600)


def _bits_of(shares: Mapping[str, float], features: Features, counts: Counts) -> float:
    likeness = sum(share * _familiarity(features, counts, name) for name, share in shares.items())
    return max(-weights.MOST_BITS, min(weights.MOST_BITS, -log2(likeness)))


def _familiarity(features: Features, counts: Counts, name: str) -> float:
    """Give p(s|user) / p(s); 1 where the value is unknown, now or in all of the history.

    p(s|user) is smoothed with p(s), so that the fewer sign-ins there are, the less they say.
    """
    value = getattr(features, name)
    seen = counts.own_known.get(name, 0)
    if not value or seen <= 0:
        return 1.0
    common = counts.common.get((name, value), 0) + weights.GUESS_COUNTS * weights.GUESS[name]
    everybody = counts.common_known.get(name, counts.common_total)
    share = min(1.0, common / (everybody + weights.GUESS_COUNTS))
    own = min(_own(features, counts, name), seen)
    found = (own / share + weights.SMOOTHING) / (seen + weights.SMOOTHING)
    return min(found, weights.LIKELIEST.get(name, found))


def _own(features: Features, counts: Counts, name: str) -> int:
    value = getattr(features, name)
    return counts.own.get((name, value), 0) if value else 0


def _points(amount: float) -> int:
    """Give the score for so many bits, on the straight lines between the points of weights."""
    for (before, low), (after, high) in pairwise(weights.SCORES):
        if amount <= after:
            return max(0, round(low + (amount - before) / (after - before) * (high - low)))
    return 100


def _signs(features: Features, counts: Counts, circumstances: Circumstances) -> list[RiskReason]:
    """Give the rules that fire, LONG_SILENCE apart."""
    is_known = is_known_network(features, counts)
    signs = [
        reason
        for reason, name in (
            (RiskReason.NEW_BROWSER, "browser"),
            (RiskReason.NEW_SYSTEM, "system"),
        )
        if _is_new(features, counts, name)
    ]
    if not is_known:
        # A known network in a new country is a new country database.
        if _is_new(features, counts, "country"):
            signs.append(RiskReason.NEW_COUNTRY)
        if _is_too_fast(circumstances):
            signs.append(RiskReason.IMPOSSIBLE_TRAVEL)
        if circumstances.accounts_failed >= weights.ACCOUNTS_FAILED:
            signs.append(RiskReason.MANY_ACCOUNTS)
    # Who mistypes at home with what they always use is the owner.
    if circumstances.failures >= weights.FAILURES and (signs or not is_known):
        signs.append(RiskReason.AFTER_FAILURES)
    return signs


def _is_new(features: Features, counts: Counts, name: str) -> bool:
    is_comparable = bool(getattr(features, name)) and counts.own_known.get(name, 0) > 0
    return is_comparable and _own(features, counts, name) <= 0


def _is_too_fast(circumstances: Circumstances) -> bool:
    if circumstances.last is None:
        return False
    found = speed(circumstances.last, circumstances.now)
    return found is not None and found > weights.FASTEST


def _is_late(features: Features, counts: Counts, circumstances: Circumstances) -> bool:
    if circumstances.last is None or is_known_network(features, counts):
        return False
    return circumstances.now.at - circumstances.last.at > weights.LONGEST_SILENCE


def _score(likeness: int, signs: list[RiskReason], *, is_late: bool, is_vouched: bool) -> int:
    kinds = sum(not kind.isdisjoint(signs) for kind in KINDS)
    score = max([likeness, *(weights.LEAST[sign] for sign in signs)])
    if kinds > 1:
        score = max(score, weights.TWO_KINDS)
    score += weights.LONG_SILENCE_ADDS if is_late else 0
    may_ask = kinds > 1 or not (MACHINE | {RiskReason.MANY_ACCOUNTS}).isdisjoint(signs)
    if not may_ask:
        # On a machine of the owner's kind one more step is asked for with a second sign alone.
        score = min(score, policy.CONFIRM_FROM - 1)
    if is_vouched and not _outweighs_vouching(signs):
        score = min(score, policy.UNUSUAL_FROM - 1)
    return min(100, score)


def _outweighs_vouching(signs: list[RiskReason]) -> bool:
    """Tell whether an attack is likelier than that the owner does again what they vouched for.

    The owner answered for country and machine, not for what else their network does; but one sign
    alone is what a shared VPN looks like.
    """
    beside = {RiskReason.IMPOSSIBLE_TRAVEL, RiskReason.AFTER_FAILURES}
    return RiskReason.MANY_ACCOUNTS in signs and not beside.isdisjoint(signs)


def _distance(one: Point, other: Point) -> float | None:
    """Give the kilometres between two points along the surface (haversine formula)."""
    places = (one.latitude, one.longitude, other.latitude, other.longitude)
    if None in places:
        return None
    latitude, longitude, latitude2, longitude2 = (radians(each or 0.0) for each in places)
    half = (
        sin((latitude2 - latitude) / 2) ** 2
        + cos(latitude) * cos(latitude2) * sin((longitude2 - longitude) / 2) ** 2
    )
    return 2 * weights.EARTH_RADIUS_KM * asin(sqrt(min(1.0, half)))
