from datetime import timedelta

import pytest
from django.utils import timezone

from activity.enums import EventKind
from activity.models import SecurityEvent
from activity.queries import Key, event_of, has_changed_recently, page_of_events
from activity.tests.factories import make_event, make_user

NOW = timezone.now()
SINCE = NOW - timedelta(days=30)


@pytest.fixture
def user(db):
    return make_user()


def make_events(user, count: int) -> list[SecurityEvent]:
    """Give events, newest first; pairs of them share one time."""
    for number in range(count):
        make_event(user, at=NOW - timedelta(minutes=number // 2))
    return list(SecurityEvent.objects.filter(user=user).order_by("-at", "-id"))


def test_walk_down_and_up_shows_every_event_once(user):
    events = make_events(user, 7)

    first = page_of_events(user, since=SINCE, size=3)
    second = page_of_events(user, since=SINCE, before=first.older, size=3)
    third = page_of_events(user, since=SINCE, before=second.older, size=3)
    back = page_of_events(user, since=SINCE, after=third.newer, size=3)
    top = page_of_events(user, since=SINCE, after=back.newer, size=3)

    assert first.events + second.events + third.events == events
    assert (first.newer, third.older) == (None, None)
    assert back.events == second.events
    assert (top.events, top.newer) == (first.events, None)


def test_last_full_page_has_nothing_older(user):
    make_events(user, 3)

    page = page_of_events(user, since=SINCE, size=3)

    assert (len(page.events), page.newer, page.older) == (3, None, None)


def test_events_of_others_and_older_ones_are_left_out(user):
    make_event(make_user())
    make_event(None)
    make_event(user, at=SINCE - timedelta(seconds=1))

    assert page_of_events(user, since=SINCE, size=3).events == []


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("direction", ["newest", "before", "after"])
def test_page_costs_one_query(user, django_assert_num_queries, count, direction):
    events = make_events(user, count)
    middle = Key(events[-1].at, events[-1].id)
    keys = {} if direction == "newest" else {direction: middle}

    with django_assert_num_queries(1):
        page_of_events(user, since=SINCE, size=2, **keys)


def test_event_of_another_account_is_not_found(user):
    own, other = make_event(user), make_event(make_user())

    assert (event_of(user, own.pk), event_of(user, other.pk)) == (own, None)


@pytest.mark.parametrize(
    "kind",
    [
        EventKind.PASSWORD_CHANGED,
        EventKind.CONTACT_ADDED,
        EventKind.CONTACT_REMOVED,
        EventKind.CONTACT_SUSPENDED,
        EventKind.AUTHENTICATOR_ADDED,
        EventKind.AUTHENTICATOR_REMOVED,
    ],
)
def test_change_within_the_time_is_seen(user, kind):
    make_event(user, kind, at=SINCE)

    assert has_changed_recently(user, SINCE, NOW)


def test_what_is_no_change_or_outside_the_time_is_not_seen(user):
    make_event(user, EventKind.SIGNED_IN, at=SINCE)
    make_event(user, EventKind.PASSWORD_CHANGED, at=SINCE - timedelta(seconds=1))
    make_event(user, EventKind.PASSWORD_CHANGED, at=NOW)
    make_event(make_user(), EventKind.PASSWORD_CHANGED, at=SINCE)

    assert not has_changed_recently(user, SINCE, NOW)


@pytest.mark.parametrize(
    ("kind", "is_change"),
    [
        (EventKind.PASSWORD_CHANGED, True),
        (EventKind.CONTACT_MARKED, True),
        (EventKind.PRIMARY_CHANGED, True),
        (EventKind.CONTACT_RESTORED, True),
        (EventKind.TWO_STEP_ON, True),
        (EventKind.TWO_STEP_OFF, True),
        (EventKind.RECOVERY_CODES_MADE, True),
        (EventKind.RECOVERY_CODE_USED, False),
        (EventKind.BROWSER_TRUSTED, False),
        (EventKind.SIGNED_IN, False),
        (EventKind.STEP_UP_FAILED, False),
    ],
)
def test_what_a_thief_changes_first_counts_as_a_change(user, kind, is_change):
    make_event(user, kind, at=NOW)

    assert has_changed_recently(user, NOW, NOW + timedelta(days=1)) is is_change
