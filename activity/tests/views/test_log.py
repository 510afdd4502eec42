from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import timezone

from activity import policy
from activity.enums import EventKind
from activity.queries import Key
from activity.tests.factories import make_event, make_judged_event, make_user
from activity.views.log import read_key, write_key

URL = "/activity/"
STATEMENTS = 5  # session, account, events, what is unusual, map
BERLIN = ZoneInfo("Europe/Berlin")


def entries(answer) -> list[dict]:
    return [entry for day in answer.context["days"] for entry in day["entries"]]


def titles(answer) -> list[str]:
    return [str(entry["title"]) for entry in entries(answer)]


def test_owner_sees_own_events_newest_first(owner, user):
    now = timezone.now()
    make_event(user, EventKind.SIGN_IN_FAILED, at=now - timedelta(minutes=2))
    newest = make_event(user, EventKind.SIGNED_IN, at=now, authenticators=["password", "totp"])
    make_event(make_user(), EventKind.PASSWORD_CHANGED)

    answer = owner.get(URL)

    assert titles(answer) == ["Signed in", "Wrong password"]
    assert entries(answer)[0] == {
        "title": "Signed in",
        "at": now,
        "since": None,
        "where": "Germany",
        "with": "Firefox on Windows",
        "badge": "password + app",
        "badge_style": "",
        "badge_shape": "tick",
        "url": f"/activity/{newest.pk}/",
        "repeats": [],
    }
    assert "Firefox on Windows" in answer.content.decode()


@pytest.mark.parametrize(("geoip_path", "is_named"), [("", True), ("other.mmdb", False)])
def test_who_made_the_bundled_places_is_named(owner, settings, geoip_path, is_named):
    settings.GEOIP_PATH = geoip_path

    page = owner.get(URL).content.decode()

    assert ("https://www.nro.net/" in page) is is_named


def test_events_are_grouped_by_the_day_of_the_reader(owner, user, time_machine):
    noon = datetime(2026, 3, 18, 12, tzinfo=BERLIN)
    time_machine.move_to(noon, tick=False)
    owner.force_login(user)
    # 23:30 UTC of the 16th is half past midnight of the 17th in Berlin.
    make_event(user, at=datetime(2026, 3, 16, 23, 30, tzinfo=ZoneInfo("UTC")))
    make_event(user, at=datetime(2026, 3, 17, 9, tzinfo=BERLIN))

    days = owner.get(URL).context["days"]

    assert [(str(day["date"]), len(day["entries"])) for day in days] == [("2026-03-17", 1)]
    assert days[0]["entries"][0]["title"] == "Signed in 2 times"


def test_pages_lead_down_to_the_oldest_and_back(owner, user, monkeypatch):
    monkeypatch.setattr(policy, "EVENTS_PER_PAGE", 2)
    for minutes in range(3):
        make_event(user, EventKind.PASSWORD_CHANGED, at=timezone.now() - timedelta(minutes=minutes))

    first = owner.get(URL)
    second = owner.get(first.context["older_url"])
    back = owner.get(second.context["newer_url"])

    assert (first.context["newer_url"], second.context["older_url"]) == ("", "")
    assert [len(entries(page)) for page in (first, second, back)] == [2, 1, 2]
    assert entries(back) == entries(first)


def test_events_older_than_thirty_days_are_not_shown(owner, user):
    make_event(user, at=timezone.now() - policy.EVENTS_SHOWN - timedelta(minutes=1))

    assert titles(owner.get(URL)) == []


@pytest.mark.parametrize(
    "key",
    ["", "x", "-", "1-2", "9" * 40 + "-" + "0" * 32, "1\x00", "1-" + "0" * 31, "²-" + "0" * 32],
)
@pytest.mark.parametrize("name", ["before", "after"])
def test_key_that_we_never_wrote_shows_the_newest(owner, user, name, key):
    make_event(user)

    answer = owner.get(URL, {name: key})

    assert (answer.status_code, titles(answer)) == (200, ["Signed in"])


def test_key_survives_the_url(user):
    event = make_event(user)

    assert read_key(write_key(Key(event.at, event.id))) == Key(event.at, event.id)


def test_stranger_signs_in_first(client, db):
    answer = client.get(URL)

    assert (answer.status_code, answer.url) == (302, f"{reverse('accounts:sign_in')}?next={URL}")


def test_nothing_can_be_posted(owner):
    assert owner.post(URL).status_code == 405


@pytest.mark.parametrize("query", ["", "?kind=sign_in", "?kind=unanswered&period=90", "?kind=x"])
@pytest.mark.parametrize("count", [1, 40])
def test_page_costs_the_same_for_one_and_many_events(
    owner, user, django_assert_max_num_queries, count, query
):
    for minutes in range(count):
        make_judged_event(user, at=timezone.now() - timedelta(minutes=minutes))
        make_event(user, EventKind.CONTACT_ADDED)
    owner.get(URL)  # the first request of a session also writes when it was last seen

    with django_assert_max_num_queries(STATEMENTS):
        assert owner.get(URL + query).status_code == 200
