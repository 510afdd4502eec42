"""Make activity/data/points.tsv: a point for each country and how far its land reaches from it.

    npm pack world-atlas@2.0.2 i18n-iso-countries@7.14.0    (and unpack both)
    python tools/make_points.py <world-atlas>/package <i18n-iso-countries>/package

The same files give the same bytes. Sources and licences: activity/data/README.txt.
"""

import json
import math
import sys
from importlib.resources import files
from itertools import pairwise
from pathlib import Path

from world_atlas import Degrees, Part, Ring, countries, distance

DATA = Path(__file__).parents[1] / "activity" / "data"
# Without a number in ISO 3166-1; databases of addresses say XK.
BY_NAME = {"Kosovo": "XK"}
# Has its own code, but Natural Earth draws it as parts of another country.
DRAWN_WITH = {
    "BQ": "NL",
    "GF": "FR",
    "GP": "FR",
    "MQ": "FR",
    "RE": "FR",
    "SJ": "NO",
    "YT": "FR",
}
REACH_KM = 500  # so far from its principal town lie the parts of such a one
# Islands further off do not count: with Hawaii the United States would reach to Europe's edge.
ISLANDS_KM = 1500
SMALLEST_KM = 50  # databases know an address of a very small country no better
TOWN_ONLY_KM = 100  # of places that are not drawn at all
POLAR = ("AQ",)  # a ring around a pole has no middle in degrees; its stations stand for it


def main() -> None:
    atlas, codes = map(Path, sys.argv[1:3])
    parts = _parts_by_code(atlas, codes)
    towns = _towns()
    names = (DATA / "countries.tsv").read_text(encoding="utf-8").splitlines()
    for child, mother in DRAWN_WITH.items():
        own = [part for part in parts[mother] if _reaches(part, towns[child][0])]
        parts[child] = own
        parts[mother] = [part for part in parts[mother] if part not in own]
    lines = []
    for code in (name.split("\t")[0] for name in names):
        found = None if code in POLAR else _of_land(parts.get(code, []), towns.get(code, []))
        found = found or _of_towns(towns.get(code, []))
        if found:
            (longitude, latitude), radius = found
            lines.append(f"{code}\t{latitude:.2f}\t{longitude:.2f}\t{math.ceil(radius / 10) * 10}")
    (DATA / "points.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{len(lines)} of {len(names)} countries")


def _parts_by_code(atlas: Path, codes: Path) -> dict[str, list[Part]]:
    rows = json.loads((codes / "codes.json").read_text(encoding="utf-8"))
    alpha = {number: alpha_2 for alpha_2, _alpha_3, number, *_rest in rows}
    parts: dict[str, list[Part]] = {}
    for country in countries(atlas / "countries-50m.json"):
        code = alpha.get(country["id"]) or BY_NAME.get(country["name"])
        if code:
            # Some have two entries: Australia, and the Ashmore and Cartier Islands.
            parts.setdefault(code, []).extend(country["parts"])
    return parts


def _towns() -> dict[str, list[Degrees]]:
    """Give the principal towns of each country, from the table of time zones."""
    towns: dict[str, list[Degrees]] = {}
    table = (files("tzdata") / "zoneinfo" / "zone.tab").read_text(encoding="utf-8")
    for line in table.splitlines():
        if not line.startswith("#"):
            code, place, *_rest = line.split("\t")
            middle = max(place.rfind("+"), place.rfind("-"))
            town = (_degrees(place[middle:], 3), _degrees(place[:middle], 2))
            towns.setdefault(code, []).append(town)
    return towns


def _degrees(text: str, digits: int) -> float:
    """Read ISO 6709: sign, degrees, minutes and maybe seconds, "-0023" or "+0131530"."""
    sign, whole, rest = text[0], text[1 : 1 + digits], text[1 + digits :]
    value = int(whole) + int(rest[:2]) / 60 + int(rest[2:] or 0) / 3600
    return -value if sign == "-" else value


def _of_land(parts: list[Part], towns: list[Degrees]) -> tuple[Degrees, float] | None:
    """Give the middle of the largest part, and how far the parts near it reach.

    And the principal town, which in Kiribati is far from the largest island.
    """
    if not parts:
        return None
    main = max(parts, key=lambda part: abs(_area(part[0])))
    middle = _middle(main)
    near = [
        part
        for part in parts
        if min(distance(a, b) for a in part[0][::3] for b in main[0][::3]) <= ISLANDS_KM
    ]
    reach = max(distance(middle, point) for part in near for point in part[0])
    capital = distance(middle, towns[0]) if towns else 0.0
    return middle, max(SMALLEST_KM, reach, capital)


def _of_towns(towns: list[Degrees]) -> tuple[Degrees, float] | None:
    if not towns:
        return None
    return towns[0], TOWN_ONLY_KM + max(distance(towns[0], town) for town in towns)


def _reaches(part: Part, town: Degrees) -> bool:
    return min(distance(town, point) for point in part[0]) <= REACH_KM


def _middle(part: Part) -> Degrees:
    """Give the centre of gravity, or the most inland point where that lies outside."""
    ring = _unrolled(part[0])
    area = _area(ring)
    x = y = 0.0
    for (x1, y1), (x2, y2) in pairwise(ring):
        cross = x1 * y2 - x2 * y1
        x, y = x + (x1 + x2) * cross, y + (y1 + y2) * cross
    middle = (x / (6 * area), y / (6 * area))
    if not _is_inside(middle, ring):
        middle = _most_inland(ring)
    return ((middle[0] + 180) % 360 - 180, middle[1])


def _most_inland(ring: Ring) -> Degrees:
    xs, ys = [x for x, _y in ring], [y for _x, y in ring]
    steps = [(i / 40, j / 40) for i in range(1, 40) for j in range(1, 40)]
    grid = [
        (min(xs) + a * (max(xs) - min(xs)), min(ys) + b * (max(ys) - min(ys))) for a, b in steps
    ]
    inside = [point for point in grid if _is_inside(point, ring)]
    return max(inside, key=lambda point: min(distance(point, edge) for edge in ring))


def _unrolled(ring: Ring) -> Ring:
    """Let longitudes run on past 180, so that a ring across the date line stays whole."""
    unrolled = [ring[0]]
    for x, y in ring[1:]:
        unrolled.append((x + 360 * round((unrolled[-1][0] - x) / 360), y))
    return unrolled


def _area(ring: Ring) -> float:
    ring = _unrolled(ring)
    pairs = pairwise(ring)
    return sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairs) / 2


def _is_inside(point: Degrees, ring: Ring) -> bool:
    x, y = point
    crossings = 0
    for (x1, y1), (x2, y2) in pairwise(ring):
        if (y1 > y) != (y2 > y) and x < x1 + (y - y1) * (x2 - x1) / (y2 - y1):
            crossings += 1
    return crossings % 2 == 1


if __name__ == "__main__":
    main()
