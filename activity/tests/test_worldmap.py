import math
from datetime import UTC, datetime, timedelta
from itertools import combinations

import pytest
from django.utils import timezone

from accounts.tests.factories import make_user
from activity import places, policy, projection
from activity.enums import EventKind, OwnerVerdict
from activity.models import SecurityEvent
from activity.worldmap import Row, Visits, draw, map_of

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
MONTH = timedelta(days=30)


def visits(words, count=1, unusual=0, *, country="", point=None, days=0):
    latitude, longitude = point or (None, None)
    at = NOON - timedelta(days=days)
    return Visits(words, country, latitude, longitude, count, unusual, at)


BERLIN = visits("Berlin, Germany", 41, country="DE", point=(52.5, 13.4))
LISBON = visits("Lisbon, Portugal", 6, country="PT", point=(38.7, -9.1))
RECIFE = visits("Recife, Brazil", 1, 1, country="BR", point=(-8.1, -34.9))


def make_sign_in(user, country="DE", *, days=1.0, **fields):
    point = places.point_of(country)
    if point:
        fields = {"latitude": point.latitude, "longitude": point.longitude, **fields}
    return SecurityEvent.objects.create(
        user=user,
        kind=EventKind.SIGNED_IN,
        area=EventKind.SIGNED_IN.area,
        at=timezone.now() - timedelta(days=days),
        country=country,
        place=places.country_name(country),
        **fields,
    )


# What is drawn


def test_places_are_numbered_by_visits_and_the_unusual_one_is_marked():
    drawn = draw([RECIFE, LISBON, BERLIN])

    assert drawn.rows == [
        Row(1, "Berlin, Germany", 41, 0),
        Row(2, "Lisbon, Portugal", 6, 0),
        Row(3, "Recife, Brazil", 1, 1),
    ]
    assert [(mark.number, mark.is_unusual) for mark in drawn.marks] == [
        (1, False),
        (2, False),
        (3, True),
    ]
    assert (drawn.total, drawn.others, drawn.unknown, drawn.is_cut) == (48, 0, 0, False)


def test_lonely_mark_stands_on_its_place():
    mark = draw([RECIFE]).marks[0]

    assert (mark.x, mark.y) == projection.project(-8.1, -34.9)
    assert not mark.is_moved
    assert mark.diamond.count(",") == 4


@pytest.mark.parametrize(("count", "radius"), [(1, 6.5), (4, 6.5), (5, 7.5), (24, 7.5), (25, 8.5)])
def test_size_of_a_mark_is_one_of_three(count, radius):
    assert draw([visits("Oslo, Norway", count, point=(59.9, 10.7))]).marks[0].radius == radius


@pytest.mark.parametrize(
    "points",
    [
        [(52.5, 13.4), (52.4, 13.1)],
        [(52.5, 13.4)] * policy.PLACES_MAPPED,
        [(83.7, -40.0)] * 4,
        [(-50.0, -168.4), (-50.0, 191.3), (-50.1, -168.4)],
        [(50.8, 4.4), (52.4, 4.9), (49.6, 6.1), (48.9, 2.4), (51.5, -0.1), (50.1, 8.7)],
    ],
)
def test_marks_never_overlap_nor_leave_the_drawing(points):
    found = [
        visits(f"Town {number}", unusual=number % 2, point=point)
        for number, point in enumerate(points)
    ]

    marks = draw(found).marks

    assert len(marks) == len(points)
    for one, other in combinations(marks, 2):
        apart = math.dist((one.x, one.y), (other.x, other.y))
        assert apart >= one.radius + other.radius
    for mark in marks:
        assert mark.radius <= mark.x <= projection.WIDTH - mark.radius
        assert mark.radius <= mark.y <= projection.HEIGHT - mark.radius


def test_mark_that_had_to_move_far_knows_its_place():
    marks = draw([visits(f"Town {n}", point=(52.5, 13.4)) for n in range(4)]).marks

    assert all(mark.is_moved for mark in marks)
    assert {(mark.place_x, mark.place_y) for mark in marks} == {projection.project(52.5, 13.4)}


def test_same_picture_whatever_the_order():
    one = draw([BERLIN, LISBON, RECIFE])

    assert draw([RECIFE, BERLIN, LISBON]) == one


def test_only_the_most_visited_are_shown_and_the_rest_is_added_up():
    found = [visits(f"Town {n}", count=n, point=(n, n)) for n in range(1, policy.PLACES_MAPPED + 4)]

    drawn = draw(found)

    assert [row.count for row in drawn.rows] == [11, 10, 9, 8, 7, 6, 5, 4]
    assert (drawn.others, drawn.others_count, drawn.others_unusual) == (3, 6, 0)


def test_unusual_place_is_shown_however_rarely_it_was_visited():
    found = [visits(f"Town {n}", count=50, point=(n, n)) for n in range(policy.PLACES_MAPPED)]

    drawn = draw([*found, RECIFE])

    assert drawn.rows[-1] == Row(policy.PLACES_MAPPED, "Recife, Brazil", 1, 1)
    assert drawn.others == 1


def test_of_too_many_unusual_places_the_newest_are_shown_and_the_others_are_said():
    found = [visits(f"Town {n}", 1, 1, point=(n, n), days=n) for n in range(12)]

    drawn = draw(found)

    assert {row.words for row in drawn.rows} == {f"Town {n}" for n in range(8)}
    assert (drawn.others, drawn.others_count, drawn.others_unusual) == (4, 4, 4)


def test_town_whose_point_moved_with_a_new_database_is_one_place():
    older = visits("Berlin, Germany", 3, 1, country="DE", point=(52.0, 13.0), days=9)
    oldest = visits("Berlin, Germany", 2, country="DE", days=20)

    drawn = draw([older, BERLIN, oldest])

    assert drawn.rows == [Row(1, "Berlin, Germany", 46, 1)]
    assert (drawn.marks[0].x, drawn.marks[0].y) == projection.project(52.5, 13.4)


def test_newer_sign_ins_without_a_point_leave_the_one_that_is_known():
    drawn = draw([visits("Berlin, Germany", country="DE"), BERLIN])

    assert (drawn.marks[0].x, drawn.marks[0].y) == projection.project(52.5, 13.4)


def test_place_from_before_points_were_kept_stands_in_the_middle_of_its_country():
    germany = places.point_of("DE")

    mark = draw([visits("Germany", country="DE")]).marks[0]

    assert (mark.x, mark.y) == projection.project(germany.latitude, germany.longitude)


def test_place_without_any_point_is_listed_last_and_has_no_number():
    drawn = draw([visits("ZZ", 90, country="ZZ"), RECIFE])

    assert drawn.rows == [Row(1, "Recife, Brazil", 1, 1), Row(None, "ZZ", 90, 0)]
    assert len(drawn.marks) == 1


def test_sign_ins_from_nobody_knows_where_are_counted_and_not_drawn():
    drawn = draw([visits("", 7, 2), BERLIN])

    assert (drawn.unknown, drawn.unknown_unusual) == (7, 2)
    assert [row.words for row in drawn.rows] == ["Berlin, Germany"]


# What is read


@pytest.mark.django_db
@pytest.mark.parametrize("times", [1, 3])
def test_map_takes_one_statement(django_assert_num_queries, times):
    user = make_user()
    for country in ("DE", "PT", "BR") * times:
        make_sign_in(user, country)

    with django_assert_num_queries(1):
        found = map_of(user, since=timezone.now() - MONTH)

    assert [(row.words, row.count) for row in found.rows] == [
        ("Brazil", times),
        ("Germany", times),
        ("Portugal", times),
    ]


@pytest.mark.django_db
def test_map_shows_own_sign_ins_of_the_time_alone():
    user = make_user()
    make_sign_in(user, "DE")
    make_sign_in(user, "FR", days=31)
    make_sign_in(make_user(), "BR")
    refused = make_sign_in(user, "KP")
    SecurityEvent.objects.filter(pk=refused.pk).update(
        kind=EventKind.SIGN_IN_FAILED, area=EventKind.SIGN_IN_FAILED.area
    )

    found = map_of(user, since=timezone.now() - MONTH)

    assert found.rows == [Row(1, "Germany", 1, 0)]


@pytest.mark.django_db
def test_account_without_sign_ins_has_no_map():
    assert map_of(make_user(), since=timezone.now() - MONTH) is None


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("is_unusual", "verdict", "unusual"),
    [
        (False, "", 0),
        (True, "", 1),
        (True, OwnerVerdict.ME, 0),
        (True, OwnerVerdict.NOT_ME, 1),
        (False, OwnerVerdict.NOT_ME, 1),
        (False, OwnerVerdict.ME, 0),
    ],
)
def test_answer_of_the_owner_decides_what_stays_unusual(is_unusual, verdict, unusual):
    user = make_user()
    answered = timezone.now() if verdict else None
    make_sign_in(user, is_unusual=is_unusual, verdict=verdict, verdict_at=answered)

    found = map_of(user, since=timezone.now() - MONTH)

    assert found.rows == [Row(1, "Germany", 1, unusual)]


@pytest.mark.django_db
def test_only_the_newest_are_counted_and_the_page_says_so(monkeypatch):
    monkeypatch.setattr(policy, "SIGN_INS_MAPPED", 3)
    user = make_user()
    for days, country in ((1, "DE"), (2, "DE"), (3, "PT"), (4, "BR")):
        make_sign_in(user, country, days=days)

    found = map_of(user, since=timezone.now() - MONTH)

    assert [(row.words, row.count) for row in found.rows] == [("Germany", 2), ("Portugal", 1)]
    assert (found.total, found.is_cut) == (3, True)
