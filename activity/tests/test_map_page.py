"""The map as the page shows it, with each kind of file that may name places."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.template.loader import render_to_string
from django.utils import timezone

from accounts.client import Client
from accounts.tests.factories import make_user
from activity import places
from activity.enums import EventKind
from activity.services.events import record_event
from activity.tests.mmdb import write_mmdb
from activity.tests.test_worldmap import BERLIN, LISBON, RECIFE, make_sign_in, visits
from activity.worldmap import draw, map_of

MONTH = timedelta(days=30)


# The page


def shown(drawn):
    return " ".join(render_to_string("activity/_map.html", {"map": drawn}).split())


def test_list_says_what_the_drawing_shows():
    page = shown(draw([BERLIN, LISBON, RECIFE, visits("", 2)]))

    assert (
        'aria-label="Map of the world: 1 Berlin, Germany; 2 Lisbon, Portugal; '
        '3 Recife, Brazil (unusual)"'
    ) in page
    assert '<li value="1">Berlin, Germany: 41 sign-ins</li>' in page
    assert '<li value="3">Recife, Brazil: 1 sign-in, <span class="map-odd">' in page
    assert "2 sign-ins from places that we cannot tell" in page
    assert page.count("<polygon") == 1
    assert page.count("<circle") == 2
    assert "style=" not in page


def test_mixed_place_says_how_many_were_unusual():
    page = shown(draw([visits("Berlin, Germany", 40, 2, country="DE")]))

    assert "Berlin, Germany: 40 sign-ins" in page
    assert "2 of them unusual" in page


def test_places_that_nobody_knows_draw_no_map():
    page = shown(draw([visits("", 3)]))

    assert "<use class" not in page
    assert "3 sign-ins from places that we cannot tell" in page


def test_counts_that_were_cut_are_said_to_be_the_newest():
    assert "Only the newest 48 sign-ins are counted here." in shown(
        replace(draw([BERLIN, LISBON, RECIFE]), is_cut=True)
    )


def test_no_map_no_figure():
    assert shown(None) == ""


def test_words_of_a_database_cannot_leave_the_attribute():
    page = shown(draw([visits('"><script>alert(1)</script>', point=(1, 1))]))

    assert "<script" not in page
    assert '""' not in page


# The three kinds of files


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("record", "words", "is_drawn"),
    [
        (None, "", False),
        ({"country_code": "DE"}, "Germany", True),
        (
            {
                "country": {"iso_code": "DE"},
                "city": {"names": {"en": "Berlin"}},
                "location": {"latitude": 52.5, "longitude": 13.4},
            },
            "Berlin, Germany",
            True,
        ),
    ],
)
def test_map_follows_what_the_file_knows(settings, tmp_path, record, words, is_drawn):
    path = tmp_path / "own.mmdb"
    settings.GEOIP_PATH = str(path)
    if record:
        write_mmdb(path, "8.8.0.0/16", record)
    user = make_user()
    record_event(user, EventKind.SIGNED_IN, client=Client(address="8.8.8.8"))

    found = map_of(user, since=timezone.now() - MONTH)

    assert [row.words for row in found.rows] == ([words] if words else [])
    assert bool(found.marks) == is_drawn
    assert found.unknown == (0 if words else 1)


@pytest.mark.django_db
def test_town_of_an_event_stands_where_the_file_says(settings, tmp_path):
    path = tmp_path / "own.mmdb"
    record = {"country_code": "DE", "city": "Berlin", "latitude": 52.5, "longitude": 13.4}
    write_mmdb(path, "8.8.0.0/16", record)
    settings.GEOIP_PATH = str(path)

    event = record_event(make_user(), EventKind.SIGNED_IN, client=Client(address="8.8.8.8"))
    event.refresh_from_db()

    assert (event.latitude, event.longitude) == (52.5, 13.4)
    assert places.radius_around(event.country, event.latitude, event.longitude) == 100


@pytest.mark.django_db
def test_point_of_a_country_is_known_again_after_the_database_kept_it():
    for code, _name in places.countries()[::10]:
        point = places.point_of(code)
        if not point:
            continue
        event = make_sign_in(make_user(), code)
        event.refresh_from_db()

        assert places.radius_around(code, event.latitude, event.longitude) == point.radius_km
