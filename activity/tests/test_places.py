import hashlib
import os

import pytest

from activity import places
from activity.places import Place
from activity.tests.mmdb import write_mmdb

BERLIN = {"country": {"iso_code": "DE"}, "city": {"names": {"de": "Berlin", "en": "Berlin"}}}


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


def test_bundled_file_is_the_one_that_the_notice_describes():
    notice = (places.DATA / "README.txt").read_text(encoding="utf-8")

    digest = hashlib.sha256((places.DATA / "country.mmdb").read_bytes()).hexdigest()

    assert f"SHA-256   {digest}" in notice
    assert "nro.net" in notice


def test_database_of_the_operator_gives_country_and_city(settings, tmp_path):
    path = tmp_path / "city.mmdb"
    write_mmdb(path, "8.8.0.0/16", BERLIN)
    settings.GEOIP_PATH = str(path)

    place = places.find("8.8.8.8")

    assert place == Place(country="DE", city="Berlin")
    assert place.words == "Berlin, Germany"


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
