"""How unusual a sign-in is: arithmetic over counts, with nothing read and nothing changed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from activity.enums import Level, RiskReason

MODEL = "2026-11-a"  # version of formula and figures; frozen into every event that it judged
ADDRESS_FEATURES = ("address", "network", "country")
AGENT_FEATURES = ("browser", "system", "device")
FEATURES = (*ADDRESS_FEATURES, *AGENT_FEATURES)
ALL = "all"  # the feature whose value "" counts sign-ins
VOUCHED = "vouched"  # the feature whose values are patterns that the owner said were them
# A feature and its value.
Value = tuple[str, str]


@dataclass(frozen=True)
class Features:
    """What is compared; "" where unknown, which is never new.

    address: the IP address. network: around it, /24 or /48. country: ISO 3166-1 alpha-2. browser,
    system, device: families without versions (useragents), so that an update changes nothing.
    """

    address: str = ""
    network: str = ""
    country: str = ""
    browser: str = ""
    system: str = ""
    device: str = ""

    @property
    def pattern(self) -> str:
        """Give what one answer of the owner's stands for: country and what was signed in with."""
        return f"{self.country}|{self.browser}|{self.system}|{self.device}"


@dataclass(frozen=True)
class Counts:
    """How often the values of one sign-in were seen: on this account, and on all.

    own and common have the values of the sign-in alone, absent ones were never seen.
    own_known: of how many of the account's sign-ins each feature was known (not "").
    """

    own_total: int = 0
    common_total: int = 0
    own: Mapping[Value, int] = field(default_factory=dict)
    common: Mapping[Value, int] = field(default_factory=dict)
    own_known: Mapping[str, int] = field(default_factory=dict)
    is_vouched: bool = False


@dataclass(frozen=True)
class Point:
    """When and where somebody was. latitude, longitude: degrees; None where unknown."""

    at: datetime
    latitude: float | None = None
    longitude: float | None = None


@dataclass(frozen=True)
class Circumstances:
    """What else bears on it.

    last: the account's last trusted sign-in, None before the first. failures: wrong passwords on
    this account from this network lately. accounts_failed: accounts that this network failed to
    sign in to lately.
    """

    now: Point
    last: Point | None = None
    failures: int = 0
    accounts_failed: int = 0


@dataclass(frozen=True)
class Judgement:
    """score: 0 to 100, higher is worse. reasons: the weightiest first; [] for a low one."""

    score: int
    level: Level
    reasons: list[RiskReason]


def judge(features: Features, counts: Counts, circumstances: Circumstances) -> Judgement:
    """Judge one sign-in."""
    raise NotImplementedError


def speed(one: Point, other: Point) -> float | None:
    """Give the kilometres per hour between two points; None where either place is unknown."""
    raise NotImplementedError


LONGEST_SILENCE = timedelta(days=60)
