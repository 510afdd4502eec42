"""Make static/img/world.svg: the land of the world, as one shape in the projection of our map.

    npm pack world-atlas@2.0.2    (and unpack it)
    python tools/make_world_map.py <world-atlas>/package

The same file gives the same bytes. Source and licence: activity/data/README.txt.
"""

import sys
from pathlib import Path

from world_atlas import Ring, land

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from activity import projection  # noqa: E402 - our own, found from here

TARGET = ROOT / "static" / "img" / "world.svg"
# In units of the drawing, about a pixel each.
TOLERANCE = 0.2
SMALLEST = 0.8  # islands of less area are dust at this size
WHERE_ICE_BEGINS = -60  # degrees; Antarctica is not drawn
FRAME = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}">
<!-- Made by tools/make_world_map.py from Natural Earth 1:110m (public domain). -->
<path id="land" fill-rule="evenodd" d="{shape}"/>
</svg>
"""


def main() -> None:
    """Write the file; holes (the Caspian Sea) are rings as well."""
    rings = [
        ring
        for part in land(Path(sys.argv[1]) / "land-110m.json")
        if max(latitude for _longitude, latitude in part[0]) > WHERE_ICE_BEGINS
        for ring in part
    ]
    drawn = [simplified([projection.project(y, x) for x, y in ring]) for ring in rings]
    shape = "".join(_path(ring) for ring in drawn if abs(area(ring)) >= SMALLEST)
    text = FRAME.format(width=projection.WIDTH, height=projection.HEIGHT, shape=shape)
    TARGET.write_text(text, encoding="ascii")
    print(f"{len(text)} bytes")


def simplified(ring: Ring) -> Ring:
    """Leave out points that lie nearly on a line (Douglas and Peucker 1973)."""
    if len(ring) < 3:  # noqa: PLR2004 - a line
        return ring
    # A ring ends where it starts: its two halves are lines.
    farthest = max(range(len(ring)), key=lambda place: _apart(ring[0], ring[place]))
    return _line(ring[: farthest + 1])[:-1] + _line(ring[farthest:])


def _line(points: Ring) -> Ring:
    if len(points) < 3:  # noqa: PLR2004 - a line already
        return points
    inner = range(1, len(points) - 1)
    farthest = max(inner, key=lambda place: _off(points[place], points[0], points[-1]))
    if _off(points[farthest], points[0], points[-1]) <= TOLERANCE:
        return [points[0], points[-1]]
    return _line(points[: farthest + 1])[:-1] + _line(points[farthest:])


def _off(point: tuple[float, float], start: tuple[float, float], end: tuple[float, float]) -> float:
    """Give the distance of a point from the line between two others."""
    length = _apart(start, end)
    if not length:
        return _apart(point, start)
    (x, y), (x1, y1), (x2, y2) = point, start, end
    return abs((x2 - x1) * (y1 - y) - (x1 - x) * (y2 - y1)) / length


def _apart(one: tuple[float, float], other: tuple[float, float]) -> float:
    return float(((one[0] - other[0]) ** 2 + (one[1] - other[1]) ** 2) ** 0.5)


def area(ring: Ring) -> float:
    """Give the area that a ring encloses; negative where it runs the other way."""
    pairs = zip(ring, ring[1:] + ring[:1], strict=True)
    return sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairs) / 2


def _path(ring: Ring) -> str:
    """Write a ring in steps of tenths: each from the rounded place before, so none adds up."""
    tenths = [(round(x * 10), round(y * 10)) for x, y in ring[:-1]]
    (x, y), *rest = tenths
    words = f"M{_tenth(x)} {_tenth(y)}l"
    steps = []
    for next_x, next_y in rest:
        steps.append(f"{_tenth(next_x - x)} {_tenth(next_y - y)}")
        x, y = next_x, next_y
    return words + " ".join(steps).replace(" -", "-") + "z"


def _tenth(number: int) -> str:
    """Write tenths as short as SVG allows: 7, -.5, 12.3."""
    text = f"{number / 10:g}"
    return text.replace("0.", ".", 1) if text.startswith(("0.", "-0.")) else text


if __name__ == "__main__":
    main()
