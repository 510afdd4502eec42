from datetime import timedelta

import pytest
from django.utils import timezone

from activity import policy
from activity.enums import EventKind
from activity.models import SecurityEvent
from activity.queries import Seen, SignIns, first_change_since, sign_ins_before, was_seen
from activity.tests.factories import (
    FIREFOX_ON_WINDOWS,
    make_client,
    make_event,
    make_judged_event,
    make_user,
)
from activity.useragents import Agent

NOW = timezone.now()
SINCE = NOW - timedelta(days=90)
DAY = timedelta(days=1)
NONE_SEEN = SignIns(count=0, last_at=None, places={}, agents={}, networks={})
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1"
)


@pytest.fixture
def user(db):
    return make_user()


def test_sign_ins_are_added_up(user):
    unknown_place = make_client(address="10.0.0.1", network="10.0.0.1", agent=IPHONE)
    make_event(user, at=NOW - 3 * DAY)
    make_event(user, at=NOW - 2 * DAY)
    make_event(user, at=NOW - 5 * DAY, client=unknown_place)

    assert sign_ins_before(user, NOW, SINCE) == SignIns(
        count=3,
        last_at=NOW - 2 * DAY,
        places={("DE", "Germany"): 2, ("", ""): 1},
        agents={Agent("Firefox", "Windows"): 2, Agent("Safari", "iOS", "iPhone"): 1},
        networks={"193.99.144.80": 2, "10.0.0.1": 1},
    )


def test_what_is_outside_the_time_or_of_others_is_no_history(user):
    make_event(user, at=NOW)
    make_event(user, at=SINCE - timedelta(seconds=1))
    make_event(make_user(), at=NOW - DAY)
    make_event(None, at=NOW - DAY)

    assert sign_ins_before(user, NOW, SINCE) == NONE_SEEN


@pytest.mark.parametrize(
    "kind",
    [
        EventKind.SIGN_IN_FAILED,
        EventKind.SECOND_STEP_FAILED,
        EventKind.TICKET_OPENED,
        EventKind.CODE_SENT,
    ],
)
def test_what_is_no_sign_in_is_no_history(user, kind):
    make_event(user, kind, at=NOW - DAY)

    assert sign_ins_before(user, NOW, SINCE) == NONE_SEEN
    assert was_seen_here(user) == Seen(sign_ins=0, network=0, country=0, device=0)


@pytest.mark.parametrize("fields", [{"is_unusual": True}, {"verdict": "not_me"}])
def test_unusual_and_disputed_sign_ins_are_no_history(user, fields):
    make_judged_event(user, at=NOW - DAY, **fields)

    assert sign_ins_before(user, NOW, SINCE) == NONE_SEEN
    assert was_seen_here(user) == Seen(sign_ins=0, network=0, country=0, device=0)


def test_unusual_sign_ins_that_the_owner_vouched_for_are_history(user):
    make_judged_event(user, at=NOW - DAY, verdict="me")

    assert was_seen_here(user).sign_ins == 1


def test_sign_ins_of_unknown_accounts_are_nobodys_history(db):
    make_event(None, at=NOW - DAY)

    assert sign_ins_before(None, NOW, SINCE) == NONE_SEEN
    assert was_seen_here(None) == Seen(sign_ins=0, network=0, country=0, device=0)


@pytest.mark.parametrize("count", [0, 1, 3])
@pytest.mark.parametrize("is_known", [True, False])
def test_each_question_costs_one_query(user, django_assert_num_queries, count, is_known):
    for number in range(count):
        make_event(user, at=NOW - number * DAY)
    asked = user if is_known else None

    with django_assert_num_queries(1):
        sign_ins_before(asked, NOW, SINCE)
    with django_assert_num_queries(1):
        was_seen_here(asked)
    with django_assert_num_queries(1):
        first_change_since(asked, SINCE, NOW)


def was_seen_here(user, **fields) -> Seen:
    asked = {"network": "193.99.144.80", "country": "DE", "device": "d" * 64, "until": NOW}
    return was_seen(user, **(asked | fields))


def test_network_country_and_device_are_counted_apart(user):
    other = make_client(address="10.0.0.1", network="10.0.0.1", device="e" * 64)
    make_event(user, at=NOW - DAY)
    make_event(user, at=NOW - 2 * DAY, client=make_client(network="x", device="f" * 64))
    make_event(user, at=NOW - 3 * DAY, client=other)
    make_event(user, at=NOW)

    assert was_seen_here(user) == Seen(sign_ins=3, network=1, country=2, device=1)


def test_what_is_unknown_was_seen_nowhere(user):
    nowhere = make_client(address="", network="", device="", agent=FIREFOX_ON_WINDOWS)
    make_event(user, at=NOW - DAY, client=nowhere)

    assert was_seen_here(user, network="", country="", device="") == Seen(
        sign_ins=1, network=0, country=0, device=0
    )


def test_moment_before_the_oldest_change_is_given(user):
    make_event(user, EventKind.CONTACT_ADDED, at=NOW - 2 * DAY)
    make_event(user, EventKind.PASSWORD_CHANGED, at=NOW - 5 * DAY)
    make_event(user, EventKind.SIGNED_IN, at=NOW - 9 * DAY)

    assert first_change_since(user, SINCE, NOW) == NOW - 5 * DAY - policy.RECORDED_WITHIN


@pytest.mark.parametrize("kind", [EventKind.TICKET_COMPLETED, EventKind.SECOND_STEP_RESET])
def test_recovery_is_a_change(user, kind):
    make_event(user, kind, at=NOW - DAY)

    assert first_change_since(user, SINCE, NOW) == NOW - DAY - policy.RECORDED_WITHIN


def test_without_a_change_there_is_no_moment(user):
    make_event(user, EventKind.PASSWORD_CHANGED, at=SINCE - timedelta(seconds=1))
    make_event(user, EventKind.PASSWORD_CHANGED, at=NOW)
    make_event(make_user(), EventKind.PASSWORD_CHANGED, at=NOW - DAY)
    make_event(None, EventKind.PASSWORD_CHANGED, at=NOW - DAY)

    assert first_change_since(user, SINCE, NOW) is None
    assert first_change_since(None, SINCE, NOW) is None
    assert SecurityEvent.objects.count() == 4
