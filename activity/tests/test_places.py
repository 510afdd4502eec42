import hashlib
import os

import pytest

from activity import places
from activity.places import Place
from activity.tests.mmdb import UINT16, write_mmdb

BERLIN = {
    "country": {"iso_code": "DE"},
    "city": {"names": {"de": "Berlin", "en": "Berlin"}},
    "location": {"latitude": 52.52, "longitude": 13.4, "accuracy_radius": (UINT16, 20)},
}
FLAT = {"country_code": "DE", "city": "Berlin", "latitude": 52.52, "longitude": 13.4}
IN_BERLIN = Place("DE", "Berlin", 52.52, 13.4, 100)
IN_GERMANY = (51.09, 10.37, 470)  # its row of points.tsv


@pytest.fixture
def own_database(settings, tmp_path):
    """Write a database of the operator's that knows one record for 8.8.0.0/16."""

    def write(record):
        path = tmp_path / "own.mmdb"
        write_mmdb(path, "8.8.0.0/16", record)
        settings.GEOIP_PATH = str(path)

    return write


@pytest.mark.parametrize(
    ("address", "country"),
    [
        ("193.99.144.80", "DE"),
        ("8.8.8.8", "US"),
        ("2a02:8108::1", "DE"),
        ("::ffff:8.8.8.8", "US"),
    ],
)
def test_bundled_database_names_the_country(address, country):
    assert places.country_of(address) == country


@pytest.mark.parametrize(
    "address",
    ["", "x", "10.0.0.1", "127.0.0.1", "::1", "fe80::1", "203.0.113.9", "1.2.3.4, 5.6.7.8"],
)
def test_private_reserved_and_odd_addresses_have_no_place(address):
    assert places.find(address) == Place()


@pytest.mark.parametrize("name", ["country.mmdb", "points.tsv", "../../static/img/world.svg"])
def test_bundled_file_is_the_one_that_the_notice_describes(name):
    notice = (places.DATA / "README.txt").read_text(encoding="utf-8")

    digest = hashlib.sha256((places.DATA / name).read_bytes()).hexdigest()

    assert digest in notice.partition(f"{name}\n")[2].partition("\n\n")[0]
    assert "nro.net" in notice


@pytest.mark.parametrize("record", [BERLIN, FLAT])
def test_database_of_the_operator_gives_country_town_and_point(own_database, record):
    own_database(record)

    place = places.find("8.8.8.8")

    assert place == IN_BERLIN
    assert place.words == "Berlin, Germany"


def test_country_alone_has_its_middle_and_its_reach():
    assert places.find("193.99.144.80") == Place("DE", "", *IN_GERMANY)


@pytest.mark.parametrize(
    "location",
    [
        {},
        {"latitude": 52.52},
        {"latitude": 90.1, "longitude": 13.4},
        {"latitude": 52.52, "longitude": -180.5},
        {"latitude": float("nan"), "longitude": 13.4},
        {"latitude": 52.52, "longitude": float("inf")},
        {"latitude": "52.52", "longitude": "13.4"},
        {"latitude": {"deg": "52"}, "longitude": ["13"]},
        {"latitude": 0.0, "longitude": 0.0},
        {"latitude": 52.52, "longitude": 13.4, "accuracy_radius": (UINT16, 500)},
    ],
)
def test_town_without_a_usable_point_stands_in_the_middle_of_its_country(own_database, location):
    own_database(BERLIN | {"location": location})

    assert places.find("8.8.8.8") == Place("DE", "Berlin", *IN_GERMANY)


def test_point_of_a_record_without_a_town_is_not_taken_for_one(own_database):
    own_database({"country_code": "DE", "latitude": 51.3, "longitude": 9.5})

    assert places.find("8.8.8.8") == Place("DE", "", *IN_GERMANY)


def test_country_that_nobody_knows_has_no_point(own_database):
    own_database({"country_code": "ZZ"})

    assert places.find("8.8.8.8") == Place("ZZ")


@pytest.mark.parametrize(
    ("country", "latitude", "longitude", "radius"),
    [
        ("DE", 51.09, 10.37, 470),
        ("DE", 52.52, 13.4, 100),
        ("FR", 51.09, 10.37, 100),
        ("", 10.0, 10.0, 100),
        ("DE", None, 13.4, None),
        ("", None, None, None),
    ],
)
def test_frozen_point_tells_how_far_off_it_may_be(country, latitude, longitude, radius):
    assert places.radius_around(country, latitude, longitude) == radius


def test_every_country_but_an_empty_island_has_a_point_on_the_globe():
    points = {code: places.point_of(code) for code, _name in places.countries()}

    assert [code for code, point in points.items() if point is None] == ["BV"]
    assert all(
        abs(point.latitude) <= 90 and abs(point.longitude) <= 180 and 50 <= point.radius_km <= 6000
        for point in points.values()
        if point
    )


def test_replaced_file_is_read_anew(settings, tmp_path):
    path, update = tmp_path / "city.mmdb", tmp_path / "update.mmdb"
    write_mmdb(path, "8.8.0.0/16", {"country_code": "DE"})
    settings.GEOIP_PATH = str(path)
    before = places.country_of("8.8.8.8")

    write_mmdb(update, "8.8.0.0/16", {"country_code": "FR"})
    update.replace(path)
    os.utime(path, (1, 1))

    assert (before, places.country_of("8.8.8.8")) == ("DE", "FR")


def test_database_of_ipv4_alone_says_nothing_of_ipv6(settings, tmp_path):
    path = tmp_path / "city.mmdb"
    write_mmdb(path, "8.8.0.0/16", BERLIN)
    settings.GEOIP_PATH = str(path)

    assert places.find("2a02:8108::1") == Place()


def test_missing_database_turns_the_feature_off(settings, tmp_path):
    settings.GEOIP_PATH = str(tmp_path / "nothing.mmdb")

    assert places.find("8.8.8.8") == Place()


def test_broken_database_turns_the_feature_off(settings, tmp_path):
    path = tmp_path / "broken.mmdb"
    path.write_bytes(b"not a database" * 100)
    settings.GEOIP_PATH = str(path)

    assert places.find("8.8.8.8") == Place()


@pytest.mark.parametrize(
    "record",
    [
        {"country_code": "germany"},
        {"country": "DE"},
        {"country": {"iso_code": "<b"}},
        {"city": {"names": "Berlin"}},
    ],
)
def test_record_of_an_unknown_shape_says_nothing(settings, tmp_path, record):
    path = tmp_path / "odd.mmdb"
    write_mmdb(path, "8.8.0.0/16", record)
    settings.GEOIP_PATH = str(path)

    assert places.find("8.8.8.8") == Place()


def test_country_without_a_name_shows_its_code():
    assert [places.country_name(code) for code in ("DE", "XK", "ZZ", "")] == [
        "Germany",
        "Kosovo",
        "ZZ",
        "",
    ]
