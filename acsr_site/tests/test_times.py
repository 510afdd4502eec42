from datetime import UTC, datetime, timedelta
from datetime import timezone as fixed_zone

import pytest
from django.template import Context, Template
from django.utils import timezone

from acsr_site.templatetags import times

AUTUMN = datetime(2026, 11, 26, 13, 30, tzinfo=UTC)
SUMMER = datetime(2026, 7, 1, 21, 5, tzinfo=UTC)


@pytest.fixture
def berlin():
    with timezone.override("Europe/Berlin"):
        yield


def test_moment_names_day_time_and_zone(berlin):
    said = times.moment(AUTUMN)

    assert said == "Thursday 26 November 2026, 14:30 (Berlin time, UTC+1)"


def test_zone_follows_summer_time(berlin):
    said = times.moment(SUMMER)

    assert said == "Wednesday 1 July 2026, 23:05 (Berlin time, UTC+2)"


def test_short_forms_use_the_active_zone():
    with timezone.override("Pacific/Auckland"):
        said = (times.day(SUMMER), times.clock(SUMMER), times.long_day(SUMMER))

    assert said == ("Thu 2 Jul", "09:05", "Thursday 2 July 2026")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("UTC", "UTC"),
        ("America/St_Johns", "St Johns time, UTC-3:30"),
        ("America/Argentina/Buenos_Aires", "Buenos Aires time, UTC-3"),
        ("Asia/Kolkata", "Kolkata time, UTC+5:30"),
        ("Etc/GMT-2", "UTC+2"),
    ],
)
def test_zone_names_the_place_people_know(name, said):
    with timezone.override(name):
        assert times.zone(AUTUMN) == said


def test_zone_of_a_fixed_offset_is_the_offset():
    with timezone.override(fixed_zone(timedelta(hours=-7))):
        assert times.zone(AUTUMN) == "UTC-7"


@pytest.mark.parametrize(
    ("length", "said"),
    [
        (timedelta(days=2, hours=4, minutes=59), "2 days and 4 hours"),
        (timedelta(days=1), "1 day"),
        (timedelta(days=7, minutes=20), "7 days"),
        (timedelta(hours=1, minutes=1), "1 hour and 1 minute"),
        (timedelta(minutes=9, seconds=59), "9 minutes"),
        (timedelta(seconds=59), "less than a minute"),
        (timedelta(hours=-3), "less than a minute"),
    ],
)
def test_length_is_said_in_two_units(length, said):
    assert times.in_words(length) == said


def test_time_left_counts_from_now(time_machine):
    time_machine.move_to(AUTUMN, tick=False)

    assert times.time_left(AUTUMN + timedelta(minutes=10)) == "10 minutes"


@pytest.mark.parametrize("value", ["KTRW4827", "KTRW-4827"])
def test_reference_has_one_dash(value):
    assert times.pretty_reference(value) == "KTRW-4827"


@pytest.mark.parametrize("value", [None, ""])
def test_nothing_gives_nothing(value):
    functions = [times.clock, times.day, times.long_day, times.zone, times.moment]

    assert [give(value) for give in functions] == [""] * len(functions)
    assert times.time_left(None) == ""
    assert times.in_words(None) == ""
    assert times.pretty_reference(value) == ""


def test_filters_work_in_a_template(berlin):
    template = Template(
        "{% load times %}{{ at|clock }} {{ at|day }} {{ reference|pretty_reference }}"
    )

    page = template.render(Context({"at": AUTUMN, "reference": "KTRW4827"}))

    assert page == "14:30 Thu 26 Nov KTRW-4827"
