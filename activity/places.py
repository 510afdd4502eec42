"""Where an IP address probably is; a hint for people, never the sole ground of a refusal."""

import ipaddress
import logging
import math
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any

import maxminddb
from django.conf import settings

logger = logging.getLogger(__name__)

DATA = Path(__file__).parent / "data"  # sources and licences: data/README.txt
COUNTRY_CODE = re.compile(r"[A-Z]{2}")
LONGEST_WORDS = 120  # characters; SecurityEvent.place
# Towns are this far off at least: databases know the network's town, seldom the person's.
TOWN_RADIUS_KM = 100


@dataclass(frozen=True)
class Point:
    """Degrees, and how far around them the place reaches."""

    latitude: float
    longitude: float
    radius_km: int


@dataclass(frozen=True)
class Place:
    """``country``: ISO 3166-1 alpha-2 or ""; ``city``: English name or "".

    latitude, longitude: degrees of the town, or the middle of the country; None where unknown.
    radius_km: the place is somewhere in this circle; the whole country where no town is known.
    """

    country: str = ""
    city: str = ""
    latitude: float | None = None
    longitude: float | None = None
    radius_km: int | None = None

    @property
    def words(self) -> str:
        """Give the words for a person: "Berlin, Germany", "Germany" or ""."""
        names = (self.city, country_name(self.country))
        return ", ".join(name for name in names if name)[:LONGEST_WORDS]


class Database:
    """The file that is open now; opened again when it was replaced.

    A file that is missing or broken turns the feature off until it changes, without an error.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._version: tuple[str, int, int] | None = None
        self._reader: maxminddb.Reader | None = None

    def look_up(self, address: str) -> dict[str, Any]:
        """Give the record of an address, {} where there is none."""
        reader = self._current()
        if reader is None:
            return {}
        try:
            record = reader.get(address)
        except (ValueError, OSError, maxminddb.InvalidDatabaseError):
            # A file for IPv4 alone was asked for IPv6, or its data is damaged.
            return {}
        return record if isinstance(record, dict) else {}

    def _current(self) -> maxminddb.Reader | None:
        path = Path(settings.GEOIP_PATH) if settings.GEOIP_PATH else DATA / "country.mmdb"
        try:
            stat = path.stat()
            version = (str(path), stat.st_mtime_ns, stat.st_size)
        except OSError:
            version = (str(path), 0, 0)
        if version != self._version:
            with self._lock:
                if version != self._version:
                    # The former reader is not closed: another thread may be reading from it.
                    self._reader = _open(path)
                    self._version = version
        return self._reader


def _open(path: Path) -> maxminddb.Reader | None:
    try:
        return maxminddb.open_database(path)
    except (OSError, ValueError, maxminddb.InvalidDatabaseError) as error:
        logger.warning("geoip_unavailable", extra={"error": type(error).__name__})
        return None


database = Database()


def find(address: str) -> Place:
    """Give the place of an address; an empty Place for private, odd and unknown ones."""
    public = _public(address)
    if not public:
        return Place()
    record = database.look_up(public)
    country, city = _country_in(record), _city_in(record)
    # Without a town the point of a record is some middle of the country too: ours has a radius.
    point = (_town_in(record) if city else None) or point_of(country)
    if point is None:
        return Place(country=country, city=city)
    return Place(country, city, point.latitude, point.longitude, point.radius_km)


def radius_around(country: str, latitude: float | None, longitude: float | None) -> int | None:
    """Give how far off an event's frozen point may be, in km; None where it has no point.

    The point of a country stands for all of it, every other one for a town. For the shortest way
    between two places, take both radii off their distance.
    """
    if latitude is None or longitude is None:
        return None
    point = point_of(country)
    if point and (point.latitude, point.longitude) == (latitude, longitude):
        return point.radius_km
    return TOWN_RADIUS_KM


def country_of(address: str) -> str:
    """Give the country of an address as ISO 3166-1 alpha-2, "" where unknown."""
    return find(address).country


def point_of(country: str) -> Point | None:
    """Give the middle of a country and how far it reaches; None where unknown."""
    return _points().get(country)


def country_name(code: str) -> str:
    """Give the English name of a country code; the code itself where it has no name."""
    return _names().get(code, code)


def countries() -> list[tuple[str, str]]:
    """Give all countries as code and English name, by name."""
    return sorted(_names().items(), key=lambda country: country[1])


def _public(address: str) -> str:
    """Give the address as the database wants it; "" unless it is reachable on the Internet.

    The database also names countries for documentation and reserved blocks.
    """
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return ""
    mapped = getattr(parsed, "ipv4_mapped", None)
    parsed = mapped or parsed
    return str(parsed) if parsed.is_global else ""


def _country_in(record: dict[str, Any]) -> str:
    """Read both schemas: flat ``country_code``, and ``country.iso_code`` of MaxMind and DB-IP."""
    code = record.get("country_code")
    if not code and isinstance(record.get("country"), dict):
        code = record["country"].get("iso_code")
    return code if isinstance(code, str) and COUNTRY_CODE.fullmatch(code) else ""


def _city_in(record: dict[str, Any]) -> str:
    city = record.get("city")
    if isinstance(city, dict):
        names = city.get("names")
        city = names.get("en") if isinstance(names, dict) else ""
    return city if isinstance(city, str) else ""


def _town_in(record: dict[str, Any]) -> Point | None:
    """Read ``location`` of MaxMind and DB-IP, and the flat names; None where it says too little."""
    location = record.get("location")
    source = location if isinstance(location, dict) else record
    latitude = _degrees(source.get("latitude"), 90)
    longitude = _degrees(source.get("longitude"), 180)
    if latitude is None or longitude is None or (latitude, longitude) == (0, 0):
        return None
    if _kilometres(source.get("accuracy_radius")) > TOWN_RADIUS_KM:
        return None
    return Point(latitude, longitude, TOWN_RADIUS_KM)


def _degrees(value: object, limit: int) -> float | None:
    """Read a number of -limit to limit; None for everything else that a file may hold."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if math.isfinite(value) and abs(value) <= limit else None


def _kilometres(value: object) -> float:
    return value if isinstance(value, int | float) else 0


@lru_cache(maxsize=1)
def _points() -> dict[str, Point]:
    """Give the point of each country; one of 250 has none (data/README.txt)."""
    rows = (DATA / "points.tsv").read_text(encoding="utf-8").splitlines()
    cells = (row.split("\t") for row in rows)
    return {
        code: Point(float(latitude), float(longitude), int(radius))
        for code, latitude, longitude, radius in cells
    }


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    lines = (DATA / "countries.tsv").read_text(encoding="utf-8").splitlines()
    return dict(line.split("\t") for line in lines)
