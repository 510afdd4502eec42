"""What the page of activity can be asked for."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from activity import policy
from activity.enums import EventKind
from activity.tests.factories import make_event, make_judged_event, make_user

URL = "/activity/"


def titles(answer) -> list[str]:
    days = answer.context["days"]
    return [str(entry["title"]) for day in days for entry in day["entries"]]


@pytest.fixture
def events(user):
    """One of each area, and one sign-in that waits for an answer, all within a week."""
    now = timezone.now()
    make_event(user, EventKind.SIGNED_IN, at=now - timedelta(minutes=1))
    make_event(user, EventKind.SIGN_IN_FAILED, at=now - timedelta(minutes=2))
    make_event(user, EventKind.PASSWORD_CHANGED, at=now - timedelta(minutes=3))
    make_event(user, EventKind.TICKET_OPENED, at=now - timedelta(minutes=4))
    make_event(user, EventKind.CODE_SENT, at=now - timedelta(minutes=5))
    make_judged_event(user, at=now - timedelta(minutes=6))


@pytest.mark.parametrize(
    ("kind", "shown"),
    [
        ("sign_in", ["Signed in", "Sign-in from a new country"]),
        ("refused", ["Wrong password"]),
        ("change", ["Password changed"]),
        ("recovery", ["Recovery asked for"]),
        ("other", ["Code sent"]),
        ("unanswered", ["Sign-in from a new country"]),
    ],
)
def test_one_kind_alone_is_shown(owner, events, kind, shown):
    answer = owner.get(URL, {"kind": kind})

    assert titles(answer) == shown
    assert f'<option value="{kind}" selected>' in answer.content.decode()


@pytest.mark.parametrize(("period", "shown"), [("7", 1), ("30", 2), ("90", 3), ("", 2)])
def test_one_period_alone_is_shown(owner, user, period, shown):
    for days in (6, 29, 89):
        make_event(user, EventKind.PASSWORD_CHANGED, at=timezone.now() - timedelta(days=days))

    assert len(titles(owner.get(URL, {"period": period}))) == shown


@pytest.mark.parametrize(
    "query",
    [
        {"kind": "nonsense"},
        {"kind": "sign_in", "period": "365"},
        {"period": "-1"},
        {"period": "7\x00"},
        {"period": "²"},
        {"kind": "sign_in' OR 1=1 --"},
    ],
)
def test_what_cannot_be_chosen_shows_the_usual_page_and_says_so(owner, events, query):
    answer = owner.get(URL, query)

    assert (answer.status_code, len(titles(answer))) == (200, 6)
    assert "There is no such choice" in answer.content.decode()
    assert '<option value="30" selected>' in answer.content.decode()


@pytest.mark.parametrize("query", [{}, {"kind": "sign_in", "period": "7"}])
def test_what_can_be_chosen_is_taken_without_a_word(owner, events, query):
    assert "There is no such choice" not in owner.get(URL, query).content.decode()


@pytest.mark.parametrize(
    ("kind", "title"),
    [
        ("", "Nothing happened in the last 7 days."),
        ("sign_in", "No sign-ins in the last 7 days."),
        ("refused", "No refused tries in the last 7 days."),
        ("change", "No changes in the last 7 days."),
        ("recovery", "No recovery in the last 7 days."),
        ("other", "Nothing else in the last 7 days."),
        ("unanswered", "Nothing waits for your answer in the last 7 days."),
    ],
)
def test_each_empty_list_says_what_would_stand_in_it(owner, user, kind, title):
    make_event(make_user())

    answer = owner.get(URL, {"kind": kind, "period": "7"})

    assert (titles(answer), answer.context["nothing"]["title"]) == ([], title)
    assert title in answer.content.decode()
    assert answer.context["nothing"]["text"] in answer.content.decode()


def test_filter_is_kept_on_the_way_down_and_back(owner, user, monkeypatch):
    monkeypatch.setattr(policy, "EVENTS_PER_PAGE", 1)
    for days in (1, 2, 60):
        make_event(user, EventKind.PASSWORD_CHANGED, at=timezone.now() - timedelta(days=days))
        make_event(user, EventKind.SIGNED_IN, at=timezone.now() - timedelta(days=days))

    first = owner.get(URL, {"kind": "change", "period": "90"})
    second = owner.get(first.context["older_url"])
    third = owner.get(second.context["older_url"])
    back = owner.get(third.context["newer_url"])

    assert [titles(page) for page in (first, second, third, back)] == [["Password changed"]] * 4
    assert third.context["older_url"] == ""
    assert "kind=change&period=90" in second.context["newer_url"]


def test_unusual_ones_stand_on_top_until_they_are_answered(owner, user):
    now = timezone.now()
    asked = make_judged_event(user, at=now - timedelta(days=2))
    make_judged_event(user, at=now - timedelta(days=1), verdict="me")
    make_judged_event(user, at=now - policy.EVENTS_SHOWN - timedelta(minutes=1))
    make_judged_event(make_user(), at=now)

    answer = owner.get(URL)

    (card,) = answer.context["unusual"]
    assert card["url"] == reverse("activity:event", args=[asked.pk])
    assert card["verdict_url"] == reverse("activity:verdict", args=[asked.pk])
    badges = [entry["badge"] for day in answer.context["days"] for entry in day["entries"]]
    assert badges == ["This was you", "Unusual"]


def test_what_was_only_heard_is_still_asked(owner, user):
    event = make_judged_event(user)
    event.details["heard"] = "me"
    event.save()

    answer = owner.get(URL)

    assert [card["is_heard"] for card in answer.context["unusual"]] == [True]
    assert "we still ask" in answer.content.decode()


def test_only_some_unusual_ones_are_shown_with_a_way_to_the_others(owner, user):
    for minutes in range(policy.UNUSUAL_SHOWN + 1):
        make_judged_event(user, at=timezone.now() - timedelta(minutes=minutes))

    answer = owner.get(URL)
    others = owner.get(answer.context["unanswered_url"])

    assert len(answer.context["unusual"]) == policy.UNUSUAL_SHOWN
    assert len(titles(others)) == policy.UNUSUAL_SHOWN + 1
    assert others.context["unusual"] == []


def test_zone_is_named_once_in_the_lead(owner, user, time_machine):
    time_machine.move_to("2026-02-18T12:00:00+00:00", tick=False)
    owner.force_login(user)

    assert "Times are Berlin time, UTC+1;" in " ".join(owner.get(URL).content.decode().split())


def test_zone_that_changed_in_the_period_is_named_for_today(owner, user, time_machine):
    time_machine.move_to("2026-04-10T12:00:00+00:00", tick=False)
    owner.force_login(user)

    page = " ".join(owner.get(URL).content.decode().split())

    assert "Times are Berlin time, UTC+2 today;" in page
