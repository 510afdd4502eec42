"""Read Natural Earth's outlines as the npm package world-atlas has them (TopoJSON)."""

import json
import math
from pathlib import Path
from typing import Any

Degrees = tuple[float, float]  # longitude, latitude
Ring = list[Degrees]
Part = list[Ring]  # the outer ring, and holes
EARTH_KM = 6371.0


def countries(path: Path) -> list[dict[str, Any]]:
    """Give {id, name, parts} of each country; id: ISO 3166-1 numeric, "" where it has none."""
    topology = json.loads(path.read_text(encoding="utf-8"))
    arcs = _arcs(topology)
    return [
        {
            "id": shape.get("id", ""),
            "name": shape["properties"]["name"],
            "parts": _parts(shape, arcs),
        }
        for shape in topology["objects"]["countries"]["geometries"]
    ]


def land(path: Path) -> list[Part]:
    """Give all land, without borders between countries."""
    topology = json.loads(path.read_text(encoding="utf-8"))
    arcs = _arcs(topology)
    shapes = topology["objects"]["land"]["geometries"]
    return [part for shape in shapes for part in _parts(shape, arcs)]


def distance(one: Degrees, other: Degrees) -> float:
    """Give the kilometres between two points on a sphere (haversine)."""
    x1, y1, x2, y2 = map(math.radians, (*one, *other))
    a = math.sin((y2 - y1) / 2) ** 2
    a += math.cos(y1) * math.cos(y2) * math.sin((x2 - x1) / 2) ** 2
    return 2 * EARTH_KM * math.asin(math.sqrt(min(1.0, a)))


def _arcs(topology: dict[str, Any]) -> list[Ring]:
    """Undo the quantization: every arc is a start and steps from it."""
    step_x, step_y = topology["transform"]["scale"]
    start_x, start_y = topology["transform"]["translate"]
    arcs = []
    for steps in topology["arcs"]:
        x = y = 0
        arc = []
        for dx, dy in steps:
            x, y = x + dx, y + dy
            arc.append((x * step_x + start_x, y * step_y + start_y))
        arcs.append(arc)
    return arcs


def _parts(shape: dict[str, Any], arcs: list[Ring]) -> list[Part]:
    found = shape.get("arcs", [])
    if shape["type"] == "Polygon":
        found = [found]
    return [[_ring(numbers, arcs) for numbers in part] for part in found]


def _ring(numbers: list[int], arcs: list[Ring]) -> Ring:
    """Join arcs; ~n means the n-th arc backwards. Neighbours share their end points."""
    ring: Ring = []
    for number in numbers:
        arc = arcs[number] if number >= 0 else arcs[~number][::-1]
        ring += arc[1:] if ring else arc
    return ring
