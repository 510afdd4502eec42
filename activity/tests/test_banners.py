"""What the security page asks about the newest unusual sign-in."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from accounts.hooks import Banner
from activity import policy
from activity.banners import banners_for
from activity.tests.factories import make_client, make_event, make_judged_event, make_user

BERLIN = ZoneInfo("Europe/Berlin")
NOON = datetime(2026, 3, 18, 12, tzinfo=BERLIN)
BRAZIL = make_client(address="200.160.2.3", network="200.160.2.3")


@pytest.fixture
def user(db, time_machine):
    time_machine.move_to(NOON, tick=False)
    with timezone.override(BERLIN):
        yield make_user()


def test_newest_unanswered_one_is_asked_about(user):
    make_judged_event(user, at=NOON - timedelta(hours=8, minutes=33), client=BRAZIL)

    assert banners_for(user) == [
        Banner(
            title="Was this you? Sign-in from Brazil, today 03:27",
            text="With Firefox on Windows.",
            action_url="/activity/",
            action_label="Look and say",
            style="problem",
        )
    ]


@pytest.mark.parametrize(
    ("at", "when"),
    [
        (datetime(2026, 3, 18, 0, 1, tzinfo=BERLIN), "today 00:01"),
        (datetime(2026, 3, 17, 23, 59, tzinfo=BERLIN), "yesterday 23:59"),
        (datetime(2026, 3, 16, 23, 59, tzinfo=BERLIN), "16 March, 23:59"),
    ],
)
def test_day_is_that_of_the_reader(user, at, when):
    make_judged_event(user, at=at, client=BRAZIL)

    assert banners_for(user)[0].title == f"Was this you? Sign-in from Brazil, {when}"


def test_unknown_place_is_not_named(user):
    make_judged_event(user, at=NOON, client=make_client(address="", network=""))

    assert banners_for(user)[0].title == "Was this you? Sign-in, today 12:00"


def test_others_are_mentioned(user):
    for minutes in range(4):
        make_judged_event(user, at=NOON - timedelta(minutes=minutes))

    text = "With Firefox on Windows. Others wait for your answer too."
    assert [banner.text for banner in banners_for(user)] == [text]


def test_nothing_is_asked_where_nothing_waits(user):
    make_event(user)
    make_judged_event(user, verdict="me")
    make_judged_event(user, verdict="not_me")
    make_judged_event(user, at=NOON - policy.EVENTS_SHOWN - timedelta(minutes=1))
    make_judged_event(make_user())

    assert banners_for(user) == []


@pytest.mark.parametrize("count", [0, 1, 9])
def test_it_costs_one_query(user, django_assert_num_queries, count):
    for _ in range(count):
        make_judged_event(user)

    with django_assert_num_queries(1):
        banners_for(user)
