from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from recovery import policy, promises
from recovery.tests.staff import APPROVER, REVIEWER, make_staff

MONDAY = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


@pytest.fixture
def office(settings):
    """Open eight hours a day, five days a week, by the clock of Berlin."""
    settings.REVIEW_HOURS = "Mon-Fri 09:00-17:00"
    settings.TIME_ZONE = "Europe/Berlin"
    return ZoneInfo("Europe/Berlin")


def test_an_answer_comes_between_twelve_and_24_hours():
    drawn = {promises.answer_time(MONDAY) - MONDAY for _draw in range(500)}

    assert timedelta(hours=12) <= min(drawn) < timedelta(hours=13)
    assert timedelta(hours=23) < max(drawn) < timedelta(hours=24)
    assert len(drawn) > 400


def test_a_decision_is_due_after_24_open_hours(office):
    asked = datetime(2026, 11, 23, 9, 0, tzinfo=office)

    assert promises.first_decision_due(asked) == datetime(2026, 11, 25, 17, 0, tzinfo=office)


def test_closed_hours_do_not_count(office):
    asked = datetime(2026, 11, 27, 16, 0, tzinfo=office)  # a Friday

    # One hour on Friday, eight each on Monday and Tuesday, seven on Wednesday.
    assert promises.first_decision_due(asked) == datetime(2026, 12, 2, 16, 0, tzinfo=office)


def test_what_comes_at_night_is_counted_from_the_morning(office):
    at_night = datetime(2026, 11, 24, 2, 0, tzinfo=office)
    at_nine = datetime(2026, 11, 24, 9, 0, tzinfo=office)

    assert promises.first_decision_due(at_night) == promises.first_decision_due(at_nine)


def test_an_office_that_never_closes_decides_within_a_day(settings):
    settings.REVIEW_HOURS = "Mon-Sun 00:00-24:00"

    assert promises.first_decision_due(MONDAY) == MONDAY + timedelta(hours=24)


def test_hours_stay_hours_when_the_clocks_change(settings, office):
    settings.REVIEW_HOURS = "Mon-Sun 00:00-24:00"
    before_summer_time = datetime(2026, 3, 28, 12, 0, tzinfo=office)

    due = promises.first_decision_due(before_summer_time)

    assert due.astimezone(UTC) - before_summer_time.astimezone(UTC) == policy.FIRST_DECISION_WITHIN


def test_a_day_may_have_two_spans_and_a_span_may_pass_the_weekend():
    hours = promises.read_hours("Sat-Mon 10:00-12:00, Mon 14:00-15:30")

    ten, noon = timedelta(hours=10), timedelta(hours=12)
    afternoon = (timedelta(hours=14), timedelta(hours=15, minutes=30))
    assert hours == (((ten, noon), afternoon), (), (), (), (), ((ten, noon),), ((ten, noon),))


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "always",
        "Mon-Fri",
        "Mo-Fr 09:00-17:00",
        "Mon-Fri 9-17",
        "Mon-Fri 17:00-09:00",
        "Mon-Fri 09:00-09:00",
        "Mon-Fri 09:00-25:00",
        "Mon 09:00-12:00, Mon 11:00-13:00",
        "Mon-Fri 09:00-17:00,",
    ],
)
def test_hours_that_cannot_be_kept_are_refused(wrong):
    with pytest.raises(ValueError, match=r"."):
        promises.read_hours(wrong)


@pytest.mark.django_db
def test_two_people_are_enough_when_one_of_them_approves():
    make_staff(*REVIEWER)
    make_staff(*APPROVER)

    assert promises.has_enough_people()


@pytest.mark.django_db
def test_one_superuser_counts_as_one_who_approves():
    make_staff(*REVIEWER)
    make_staff("view_recoveryticket", is_superuser=True)

    assert promises.has_enough_people()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "second",
    [
        {"permissions": REVIEWER},
        {"permissions": ("view_recoveryticket", "approve_recoveryticket")},
        {"permissions": APPROVER, "is_active": False},
        {"permissions": APPROVER, "is_staff": False},
        {"permissions": APPROVER, "frozen_at": MONDAY, "frozen_cause": "reported"},
    ],
)
def test_without_a_second_who_could_approve_there_are_too_few(second):
    fields = dict(second)
    make_staff(*REVIEWER)

    make_staff(*fields.pop("permissions"), **fields)

    assert not promises.has_enough_people()


@pytest.mark.django_db
def test_asking_costs_one_statement(django_assert_num_queries):
    make_staff()
    make_staff()

    with django_assert_num_queries(1):
        promises.has_enough_people()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("hours", "days"),
    [
        ("Mon-Fri 09:00-17:00", 3),
        ("Mon-Fri 08:00-12:00, Mon-Fri 13:00-17:00, Sat 10:00-12:00", 3),
        ("Sun-Thu 00:00-24:00", 3),
        ("Mon-Fri 09:00-16:59", None),
        ("Mon-Thu 08:00-18:00", None),
        ("Mon 09:00-17:00", None),
    ],
)
def test_an_appeal_is_promised_what_the_office_can_keep(settings, hours, days):
    settings.REVIEW_HOURS = hours
    make_staff(*APPROVER)
    make_staff(*REVIEWER)

    assert promises.working_days_to_appeal() == days


@pytest.mark.django_db
def test_an_appeal_is_promised_nothing_with_too_few_people(office):
    make_staff(*APPROVER)

    assert promises.working_days_to_appeal() is None


@pytest.mark.parametrize("hour", range(7 * 24))
def test_three_working_days_are_always_enough(office, hour):
    """Whenever in a week somebody asks: what is promised is kept by the due time."""
    asked = datetime(2026, 11, 23, 0, 30, tzinfo=office) + timedelta(hours=hour)
    later = [asked.date() + timedelta(days=day) for day in range(1, 8)]
    working = [day for day in later if day.weekday() < policy.WORKING_WEEK]

    due = promises.first_decision_due(asked)

    last = working[policy.APPEAL_WORKING_DAYS - 1]
    assert due.astimezone(office).date() <= last
