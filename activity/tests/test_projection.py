import re
from itertools import pairwise

import pytest
from django.conf import settings

from activity import places, projection

WORLD = settings.BASE_DIR / "static" / "img" / "world.svg"
# Latitude, longitude.
CITIES = {
    "Berlin": (52.5, 13.4),
    "Denver": (39.7, -105.0),
    "Brasilia": (-15.8, -47.9),
    "Nairobi": (-1.3, 36.8),
    "Delhi": (28.6, 77.2),
    "Alice Springs": (-23.7, 133.9),
    "Anadyr": (66.0, 172.0),
}


def is_land(x, y):
    """Tell whether the shape of the file covers a place; even and odd crossings, as it is drawn."""
    crossings = 0
    for ring in rings():
        for (x1, y1), (x2, y2) in zip(ring, ring[1:] + ring[:1], strict=True):
            if (y1 > y) != (y2 > y) and x < x1 + (y - y1) * (x2 - x1) / (y2 - y1):
                crossings += 1
    return crossings % 2 == 1


def rings():
    """Read the path of the file: M of each ring, then steps."""
    shape = re.search(r' d="([^"]+)"', WORLD.read_text())[1]
    for words in shape.strip("z").split("z"):
        numbers = [float(number) for number in re.findall(r"-?\d*\.?\d+", words)]
        x = y = 0.0
        ring = []
        for dx, dy in zip(numbers[::2], numbers[1::2], strict=True):
            x, y = x + dx, y + dy
            ring.append((x, y))
        yield ring


def test_drawing_has_the_size_of_the_projection():
    assert f'viewBox="0 0 {projection.WIDTH} {projection.HEIGHT}"' in WORLD.read_text()
    assert WORLD.stat().st_size < 20_000


@pytest.mark.parametrize("city", CITIES)
def test_city_lies_on_the_land_that_is_drawn(city):
    assert is_land(*projection.project(*CITIES[city]))


@pytest.mark.parametrize("point", [(0, -30), (0, 80), (40, -40), (30, -150), (-40, 100)])
def test_middle_of_an_ocean_is_empty(point):
    assert not is_land(*projection.project(*point))


def test_land_runs_from_edge_to_edge_and_not_across():
    widest = max(abs(x1 - x2) for ring in rings() for (x1, _), (x2, _) in pairwise(ring))

    assert widest < projection.WIDTH / 8


@pytest.mark.parametrize(
    ("latitude", "longitude", "spot"),
    [
        (0, 11.5, (158.0, 86.7)),
        (83.7, 11.5, (158.0, 0.0)),
        (-55.9, 11.5, (158.0, 148.2)),
        (0, -153.0, (0.8, 86.7)),
        # Beyond the edges: the South Pole, and both sides of the Pacific.
        (-90, 11.5, (158.0, 148.2)),
        (0, -168.5, (0.0, 86.7)),
        (0, 191.4, (322.0, 86.7)),
    ],
)
def test_known_points_lie_where_they_should(latitude, longitude, spot):
    assert projection.project(latitude, longitude) == pytest.approx(spot, abs=0.06)


# Patterson's table: length of the parallel, and its distance from the equator, of 1 each.
@pytest.mark.parametrize(
    ("latitude", "length", "distance"),
    [(30, 0.9570, 0.3720), (45, 0.9006, 0.5571), (60, 0.8196, 0.7346), (75, 0.7160, 0.8936)],
)
def test_projection_is_the_natural_earth_one(latitude, length, distance):
    x, y = projection.project(latitude, 11.5 + 90)
    height = 0.52 * projection.WHOLE / 2  # of the half of a world as wide as the drawing

    assert x - 158 == pytest.approx(length * 86, abs=0.2)
    assert 86.7 - y == pytest.approx(distance * height, abs=0.2)


def test_middle_of_every_country_is_in_the_drawing():
    spots = [
        projection.project(point.latitude, point.longitude)
        for code, _name in places.countries()
        if (point := places.point_of(code))
    ]

    assert len(spots) == 249
    assert all(0 <= x <= projection.WIDTH and 0 <= y <= projection.HEIGHT for x, y in spots)
