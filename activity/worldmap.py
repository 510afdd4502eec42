"""The map of where an account was signed in to: what is counted, and where it is drawn."""

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import combinations

from accounts.models import User
from activity import places, policy, projection
from activity.enums import EventKind, OwnerVerdict
from activity.models import SecurityEvent

# Radii in units of the drawing, by the number of sign-ins from which on they are taken.
SIZES = ((25, 8.5), (5, 7.5), (1, 6.5))
DIAMOND = 2.0  # a diamond reaches so much further, else it looks smaller than the circle
GAP = 1.0  # between two marks
ROUNDS = 100  # of pushing apart; as many marks as are shown rest after fewer
STRAYED = 3.0  # a mark further off than this is tied to its place by a line
Key = tuple[str, str, float | None, float | None]  # words, country, degrees
Spot = tuple[float, float]  # in units of the drawing


@dataclass(frozen=True)
class Visits:
    """Sign-ins from one place.

    words: as the events have them, "" unknown. latitude, longitude: None where unknown. unusual:
    how many of the sign-ins were, unless their owner said "me".
    """

    words: str
    country: str
    latitude: float | None
    longitude: float | None
    count: int
    unusual: int
    last_at: datetime


@dataclass(frozen=True)
class Mark:
    """One place as it is drawn. number: as in the list. x, y: its middle.

    place_x, place_y: where the place itself is, from which the mark may have moved to make room.
    """

    number: int
    x: float
    y: float
    place_x: float
    place_y: float
    radius: float
    is_unusual: bool

    @property
    def is_moved(self) -> bool:
        return math.dist((self.x, self.y), (self.place_x, self.place_y)) > STRAYED

    @property
    def diamond(self) -> str:
        """Give the corners of the shape that unusual ones have, for ``points``."""
        reach = self.radius + DIAMOND
        corners = ((0, -reach), (reach, 0), (0, reach), (-reach, 0))
        return " ".join(f"{self.x + dx:.1f},{self.y + dy:.1f}" for dx, dy in corners)


@dataclass(frozen=True)
class Row:
    """One line of the list; number: of its mark, None where nobody knows where that is."""

    number: int | None
    words: str
    count: int
    unusual: int


@dataclass(frozen=True)
class WorldMap:
    """What the page shows. rows: those with marks first, the most visited first.

    others, others_count, others_unusual: places that are in no row, their sign-ins, and how many
    of these were unusual. unknown, unknown_unusual: the same of sign-ins without a place. total:
    all that was counted; is_cut: there may be older ones in the time that was asked for.
    """

    marks: list[Mark]
    rows: list[Row]
    others: int
    others_count: int
    others_unusual: int
    unknown: int
    unknown_unusual: int
    total: int
    is_cut: bool
    width: int = projection.WIDTH
    height: int = projection.HEIGHT


def map_of(user: User, *, since: datetime) -> WorldMap | None:
    """Give the map of an account's sign-ins since then; None where there were none.

    One statement. Only the newest are counted, so that an account with a million of them costs
    what one with some thousand does. They are counted here: a database asked to count the rows of
    a limited search may read the whole table for it (PostgreSQL does).
    """
    kind = EventKind.SIGNED_IN
    sign_ins = SecurityEvent.objects.filter(user=user, area=kind.area, kind=kind, at__gte=since)
    newest = sign_ins.order_by("-at", "-id").values_list(
        "place", "country", "latitude", "longitude", "is_unusual", "verdict", "at"
    )[: policy.SIGN_INS_MAPPED]
    counted: Counter[Key] = Counter()
    unusual: Counter[Key] = Counter()
    last_at: dict[Key, datetime] = {}
    for words, country, latitude, longitude, is_unusual, verdict, at in newest:
        key = (words, country, latitude, longitude)
        counted[key] += 1
        unusual[key] += _is_still_unusual(is_unusual, verdict)
        last_at.setdefault(key, at)  # the newest come first
    visits = [Visits(*key, count, unusual[key], last_at[key]) for key, count in counted.items()]
    return draw(visits) if visits else None


def _is_still_unusual(is_unusual: bool, verdict: str) -> bool:
    """Tell what stays marked: "this wasn't me" is a warning, "this was me" takes one back."""
    return verdict == OwnerVerdict.NOT_ME or (is_unusual and not verdict)


def draw(visits: Iterable[Visits]) -> WorldMap:
    """Choose, number and place what is shown, with nothing read from the database."""
    merged = _merged(visits)
    known = [place for place in merged if place.words]
    # An unusual one that is not shown would be missed; of those, the newest.
    known.sort(key=lambda place: (place.words, place.country))
    known.sort(key=lambda place: (place.unusual > 0, _weight(place)), reverse=True)
    shown, others = known[: policy.PLACES_MAPPED], known[policy.PLACES_MAPPED :]
    shown.sort(key=lambda place: (_point(place) is None, -place.count))
    unknown = [place for place in merged if not place.words]
    total = sum(place.count for place in merged)
    marks = _marks(shown)
    return WorldMap(
        marks=marks,
        rows=[
            Row(number if number <= len(marks) else None, place.words, place.count, place.unusual)
            for number, place in enumerate(shown, start=1)
        ],
        others=len(others),
        others_count=sum(place.count for place in others),
        others_unusual=sum(place.unusual for place in others),
        unknown=sum(place.count for place in unknown),
        unknown_unusual=sum(place.unusual for place in unknown),
        total=total,
        is_cut=total >= policy.SIGN_INS_MAPPED,
    )


def _weight(place: Visits) -> float:
    return place.last_at.timestamp() if place.unusual else place.count


def _merged(visits: Iterable[Visits]) -> list[Visits]:
    """Add up what has the same words: a new database may have moved their point a little."""
    found: dict[tuple[str, str], Visits] = {}
    for visit in sorted(visits, key=lambda visit: visit.last_at):
        former = found.get((visit.words, visit.country))
        if former:
            # The newer point, unless it has none.
            point = visit if visit.latitude is not None else former
            visit = replace(  # noqa: PLW2901 - the sum takes its place
                visit,
                latitude=point.latitude,
                longitude=point.longitude,
                count=former.count + visit.count,
                unusual=former.unusual + visit.unusual,
            )
        found[visit.words, visit.country] = visit
    return list(found.values())


def _point(place: Visits) -> tuple[float, float] | None:
    """Give the degrees of a place; those of its country for events from before they were kept."""
    if place.latitude is not None and place.longitude is not None:
        return place.latitude, place.longitude
    country = places.point_of(place.country)
    return (country.latitude, country.longitude) if country else None


def _marks(shown: list[Visits]) -> list[Mark]:
    """Give the marks of the places that have a point, which come first, apart from each other."""
    points = [(place, point) for place in shown if (point := _point(place))]
    spots = [projection.project(*point) for _place, point in points]
    radii = [_radius(place) for place, _point in points]
    reaches = [
        radius + (DIAMOND if place.unusual else 0)
        for (place, _point), radius in zip(points, radii, strict=True)
    ]
    return [
        Mark(number, round(x, 1), round(y, 1), *spot, radius, place.unusual > 0)
        for number, ((place, _point), spot, (x, y), radius) in enumerate(
            zip(points, spots, _apart(spots, reaches), radii, strict=True), start=1
        )
    ]


def _radius(place: Visits) -> float:
    return next(radius for least, radius in SIZES if place.count >= least)


def _apart(spots: list[Spot], reaches: list[float]) -> list[Spot]:
    """Push marks that overlap apart, both by as much, and keep them in the drawing."""
    moved = list(spots)
    for _round in range(ROUNDS):
        is_calm = True
        for one, other in combinations(range(len(moved)), 2):
            missing = reaches[one] + reaches[other] + GAP - math.dist(moved[one], moved[other])
            if missing > 0:
                is_calm = False
                dx, dy = _direction(moved[one], moved[other], one + other)
                (x1, y1), (x2, y2) = moved[one], moved[other]
                moved[one] = (x1 - dx * missing / 2, y1 - dy * missing / 2)
                moved[other] = (x2 + dx * missing / 2, y2 + dy * missing / 2)
        moved = [_inside(spot, reach) for spot, reach in zip(moved, reaches, strict=True)]
        if is_calm:
            break
    return moved


def _direction(one: Spot, other: Spot, turn: int) -> Spot:
    """Give the way from one to the other, of length 1; some way where they are the same."""
    (x1, y1), (x2, y2) = one, other
    length = math.dist(one, other)
    if not length:
        return math.cos(turn), math.sin(turn)
    return (x2 - x1) / length, (y2 - y1) / length


def _inside(spot: Spot, reach: float) -> Spot:
    x, y = spot
    return (
        min(max(x, reach), projection.WIDTH - reach),
        min(max(y, reach), projection.HEIGHT - reach),
    )
