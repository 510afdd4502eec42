"""Made-up people with their lines, machines and journeys, and their sign-ins one after another."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from math import exp, log
from random import Random

from activity import places, useragents
from activity.risk import Features, Point
from activity.simulation import figures

START = datetime(2025, 1, 1, tzinfo=UTC)  # fixed, so that one seed gives one table
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Network:
    """One /24 of a /16 (pool). name: its first three numbers."""

    country: str
    provider: str
    region: int
    pool: int
    name: str

    def address(self, host: int) -> str:
        return f"{self.name}.{host}"

    @property
    def range(self) -> str:
        return f"{self.name.rpartition('.')[0]}.0.0/16"


@dataclass(frozen=True)
class SignIn:
    """One sign-in, with what the public RBA data set has of it and we use.

    There: IP address, country, region, ASN (provider), user agent string, device type, user,
    timestamp, whether it is a takeover. Browser and system are read from the header.
    """

    user: int
    at: datetime
    network: Network
    host: int
    machine: str
    version: int
    is_takeover: bool = False

    @property
    def agent(self) -> str:
        return figures.HEADERS[self.machine].format(v=self.version)

    @cached_property
    def features(self) -> Features:
        """Give what the portal compares, read as it reads real headers."""
        words = useragents.read(self.agent)
        return Features(
            address=self.network.address(self.host),
            network=f"{self.network.name}.0/24",
            range=self.network.range,
            country=self.network.country,
            browser=words.browser,
            system=words.system,
            device=words.device,
        )

    @property
    def point(self) -> Point:
        """Give the place as the database that comes with the portal has it: the country."""
        found = places.point_of(self.network.country)
        if found is None:
            return Point(self.at)
        return Point(self.at, found.latitude, found.longitude, found.radius_km)


class World:
    """Where networks are, and chance."""

    def __init__(self, dice: Random) -> None:
        self.dice = dice
        self._prefixes: dict[tuple[str, str, int, int], int] = {}

    def chance(self, share: float) -> bool:
        return self.dice.random() < share

    def pick(self, shares: Mapping[str, float]) -> str:
        return self.dice.choices(list(shares), list(shares.values()))[0]

    def at_home(self, country: str, region: int) -> Network:
        provider = f"home{self.dice.randrange(figures.HOME_PROVIDERS)}"
        return self._network(country, provider, region, self.dice.randrange(ranges_of(country)))

    def carrier(self, country: str, region: int, number: int) -> Network:
        return self._network(country, f"carrier{number}", region, 0)

    def hoster(self, country: str, number: int | None = None) -> Network:
        number = self.dice.randrange(figures.HOSTERS) if number is None else number
        return self._network(country, f"hoster{number}", 0, 0)

    def office(self, country: str, region: int) -> Network:
        return self._network(country, "offices", region, self.dice.randrange(ranges_of(country)))

    def near(self, network: Network) -> Network:
        """Give another network of the same provider in the same region."""
        pool = self.dice.randrange(ranges_of(network.country))
        return self._network(network.country, network.provider, network.region, pool)

    def beside(self, network: Network) -> Network:
        """Give a network of the same /16, maybe the same."""
        return self._network(network.country, network.provider, network.region, network.pool)

    def host(self) -> int:
        return self.dice.randrange(1, 255)

    def _network(self, country: str, provider: str, region: int, pool: int) -> Network:
        blocks = {"carrier": figures.CARRIER_BLOCKS, "hoster": figures.HOSTER_BLOCKS}
        many = blocks.get(provider.rstrip("0123456789"), figures.BLOCKS)
        # A /16 for each pool.
        place = (country, provider, region, pool)
        prefix = self._prefixes.setdefault(place, 256 + len(self._prefixes))
        name = f"{prefix // 256}.{prefix % 256}.{self.dice.randrange(many)}"
        return Network(country, provider, region, pool, name)


@dataclass
class Line:
    """A line at home: its address changes now and then."""

    network: Network
    host: int
    days: float  # mean time between two addresses


class Person:
    """Somebody with an account: where they live, work and travel, and what they use."""

    def __init__(self, world: World, number: int) -> None:
        dice = world.dice
        self.world, self.number = world, number
        self.country = world.pick(figures.COUNTRIES)
        self.region = dice.randrange(figures.REGIONS)
        days = figures.STABLE_DAYS if world.chance(figures.STABLE_LINE) else figures.CHANGING_DAYS
        self.line = Line(world.at_home(self.country, self.region), world.host(), days)
        self.carrier = dice.randrange(figures.CARRIERS)
        self.work: tuple[Network, int] | None = None
        if world.chance(figures.HAS_WORK):
            self.work = (world.office(self.country, self.region), world.host())
        self.vpn, self.vpn_provider = "", dice.randrange(figures.HOSTERS)
        if world.chance(figures.USES_VPN):
            is_abroad = world.chance(figures.VPN_ABROAD)
            self.vpn = world.pick(figures.COUNTRIES) if is_abroad else self.country
        self.trip: tuple[Network, int] | None = None
        self.machines = self._machines()
        self.has_second_browser = world.chance(figures.SECOND_BROWSER)
        # What is picked up first is picked up most.
        self.fondness = sorted((dice.random() ** 2 for _ in self.machines), reverse=True)
        self.days_between = dice.choice(figures.DAYS_BETWEEN)

    def sign_ins(self) -> Iterator[SignIn]:
        """Give sign-ins in order, of as many days as the published histories have."""
        at = START + self.world.dice.random() * 30 * DAY
        end = at + figures.LONGEST_DAYS * DAY
        while at < end:
            gap = self.world.dice.lognormvariate(log(self.days_between), figures.GAP_SPREAD)
            at += gap * DAY
            self._live(gap)
            machine = self._machine()
            network, host = self._place(is_phone=machine in figures.PHONES)
            yield SignIn(self.number, at, network, host, machine, version_at(at))

    def _machines(self) -> list[str]:
        owned = [
            self.world.pick(kind)
            for kind, share in zip(
                figures.KINDS,
                (figures.HAS_DESKTOP, figures.HAS_PHONE, figures.HAS_TABLET),
                strict=True,
            )
            if self.world.chance(share)
        ]
        self.world.dice.shuffle(owned)
        return owned or [self.world.pick(figures.PHONES)]

    def _live(self, days: float) -> None:
        """Let time pass: a new address at home, a new machine, a journey."""
        world = self.world
        if world.chance(1 - exp(-days / self.line.days)):
            if world.chance(figures.CHANGES_NETWORK):
                self.line.network = world.near(self.line.network)
            self.line.host = world.host()
        for spot, machine in enumerate(self.machines):
            if world.chance(1 - exp(-days / figures.MACHINE_DAYS)):
                self.machines[spot] = self._successor(machine)
        if self.trip and world.chance(figures.ENDS_A_TRIP):
            self.trip = None
        elif world.chance(figures.STARTS_A_TRIP):
            abroad = world.pick(figures.COUNTRIES | dict.fromkeys(figures.ELSEWHERE, 0.01))
            region = world.dice.randrange(figures.REGIONS)
            self.trip = (world.at_home(abroad, region), world.host())

    def _successor(self, machine: str) -> str:
        shares: Mapping[str, float] = next(kind for kind in figures.KINDS if machine in kind)
        system = machine.split("-", maxsplit=1)[0]
        if self.world.chance(figures.SAME_SYSTEM_AGAIN):
            shares = {each: share for each, share in shares.items() if each.startswith(system)}
        return self.world.pick(shares)

    def _machine(self) -> str:
        machine = self.world.dice.choices(self.machines, self.fondness)[0]
        has_another = self.has_second_browser and machine in figures.DESKTOPS
        if has_another and self.world.chance(figures.USES_SECOND):
            return second_browser(machine)
        return machine

    def _place(self, *, is_phone: bool) -> tuple[Network, int]:
        world = self.world
        if is_phone and world.chance(figures.ROAMS if self.trip else figures.OFF_WIFI):
            return world.carrier(self.country, self.region, self.carrier), world.host()
        if self.vpn and world.chance(figures.ON_VPN):
            return world.hoster(self.vpn, self.vpn_provider), world.host()
        if self.trip:
            return self.trip
        if self.work and world.chance(figures.AT_WORK):
            return self.work
        if world.chance(figures.AT_A_CAFE):
            return world.at_home(self.country, self.region), world.host()
        return self.line.network, self.line.host


def ranges_of(country: str) -> int:
    """Give how many /16 one provider has in one region for lines at home."""
    many = figures.RANGES.get(country, figures.RANGES_ELSEWHERE) * figures.AT_HOME
    return max(1, round(many / (figures.REGIONS * figures.HOME_PROVIDERS)))


def version_at(at: datetime) -> int:
    """Give the version of browsers at that time: one more each month."""
    return figures.FIRST_VERSION + (at - START) // (30 * DAY)


def second_browser(machine: str) -> str:
    """Give another browser of the same system."""
    system = machine.split("-", maxsplit=1)[0]
    return next(
        (each for each in figures.DESKTOPS if each.startswith(system) and each != machine), machine
    )


def first(people: Sequence[Person], many: int) -> Iterator[SignIn]:
    """Give so many sign-ins of each."""
    for person in people:
        for _, sign_in in zip(range(many), person.sign_ins(), strict=False):
            yield sign_in
