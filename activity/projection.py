"""Where a point of the globe lies on our map.

The Natural Earth projection (Savric, Jenny, Patterson, Petrovic and Hurni 2011, "A polynomial
equation for the Natural Earth projection", CaGIS 38 no. 4): a world as people know it, with more
room for Europe than an equal-area one leaves. Cut at 168.5 degrees west, in the Bering Strait,
where no land is, and without Antarctica.
"""

import math

MIDDLE = 11.5  # degrees east
NORTH, SOUTH = 83.7, -55.9  # the tips of Greenland and of Chile
# Units of the drawing: about as many as it has pixels on a phone and in the side column. Of the
# whole width the edges are left out, where there is nothing but the Pacific.
WHOLE, LEFT, RIGHT = 344, 14, 336
WIDTH = RIGHT - LEFT


def _length(latitude: float) -> float:
    """Give the length of a parallel, 2 pi being the one of the globe's equator."""
    p = math.radians(latitude)
    tail = p**10 * (0.003971 - 0.001529 * p**2)
    return 0.870700 - 0.131979 * p**2 - 0.013791 * p**4 + tail


def _distance(latitude: float) -> float:
    """Give the distance of a parallel from the equator."""
    p = math.radians(latitude)
    tail = p**6 * (-0.044475 + 0.028874 * p**2 - 0.005916 * p**4)
    return p * (1.007226 + 0.015085 * p**2 + tail)


SCALE = WHOLE / (2 * math.pi * _length(0))
HEIGHT = math.ceil((_distance(NORTH) - _distance(SOUTH)) * SCALE)


def project(latitude: float, longitude: float) -> tuple[float, float]:
    """Give the place in the drawing: units from its left and from its top, to a tenth.

    What lies further out than the map goes lies on its edge.
    """
    latitude = min(max(latitude, SOUTH), NORTH)
    degrees = (longitude - MIDDLE + 180) % 360 - 180
    x = WHOLE / 2 - LEFT + _length(latitude) * math.radians(degrees) * SCALE
    y = (_distance(NORTH) - _distance(latitude)) * SCALE
    return round(min(max(x, 0.0), WIDTH), 1), round(y, 1)
