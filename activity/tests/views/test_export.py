"""The table of all events: who gets it, what stands in it, and that no spreadsheet runs it."""

import csv
from datetime import datetime, timedelta
from io import StringIO
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from accounts.services import step_up
from accounts.services.step_up import STEP_UP
from activity import policy
from activity.enums import EventKind
from activity.tests.factories import make_client, make_event, make_judged_event, make_user
from activity.views.export import defuse

URL = "/activity/export/"
LIST = "/activity/"
BERLIN = ZoneInfo("Europe/Berlin")


def confirm(browser, user, *, is_strong=False) -> None:
    session = browser.session
    at = timezone.now().isoformat()
    session[STEP_UP] = {"at": at, "user": str(user.pk), "way": "password", "is_strong": is_strong}
    session.save()


@pytest.fixture
def confirmed(owner, user):
    """Give a browser whose person has just confirmed."""
    confirm(owner, user)
    return owner


def text_of(answer) -> str:
    return b"".join(answer.streaming_content).decode("utf-8")


def rows_of(answer) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(text_of(answer).removeprefix("\ufeff"), newline="")))


def test_owner_gets_everything_in_words(confirmed, user):
    at = datetime.now(BERLIN).replace(hour=9, minute=5, second=7, microsecond=0)
    at -= timedelta(days=2)
    make_judged_event(user, at=at, score=85, reasons=["new_country"], verdict="me")

    (row,) = rows_of(confirmed.get(URL))

    assert row == {
        "Time": at.isoformat(),
        "What": "Sign-in from a new country",
        "Kind": "Sign-ins",
        "Your answer": "this was me",
        "How unusual": "Very",
        "Why we ask": "Nobody has signed in to your account from Germany before.",
        "Place (approximate)": "Germany",
        "IP address": "193.99.144.80",
        "Network": "193.99.144.80",
        "Browser": "Firefox",
        "System": "Windows",
        "Device": "",
        "Signed in with": "password",
        "More": "",
    }


def test_file_is_named_quoted_and_kept_nowhere(confirmed, user, time_machine):
    make_event(user)

    answer = confirmed.get(URL)

    today = timezone.localtime(timezone.now(), BERLIN).date()
    assert answer["Content-Disposition"] == f'attachment; filename="activity-{today}.csv"'
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert "no-store" in answer["Cache-Control"]
    text = text_of(answer)
    assert text.startswith('\ufeff"Time","What",')
    assert text.count("\r\n") == 2
    assert text.endswith('"\r\n')


def test_times_carry_the_distance_from_utc_of_their_own_day(confirmed, user):
    winter = datetime(2026, 1, 15, 8, tzinfo=ZoneInfo("UTC"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(policy, "EVENTS_KEPT", timezone.now() - winter + timedelta(days=365))
        make_event(user, at=winter)
        make_event(user, at=winter - timedelta(days=182))
        times = [row["Time"] for row in rows_of(confirmed.get(URL))]

    assert times == ["2026-01-15T09:00:00+01:00", "2025-07-17T10:00:00+02:00"]


def test_all_that_is_kept_is_in_it_and_nothing_of_others(confirmed, user):
    make_event(user, EventKind.PASSWORD_CHANGED)
    make_event(user, EventKind.SIGN_IN_FAILED, at=timezone.now() - timedelta(days=89))
    make_event(user, at=timezone.now() - policy.EVENTS_KEPT - timedelta(minutes=1))
    make_event(make_user())
    make_event(None)

    assert [row["What"] for row in rows_of(confirmed.get(URL))] == [
        "Password changed",
        "Wrong password",
    ]


@pytest.mark.parametrize("begin", [*"=+-@", "\t", "\r", "\n", "\x00", "\uff1d", "\uff20", "  ="])
def test_cell_that_begins_like_a_formula_is_defused(begin):
    cell = f"{begin}HYPERLINK('http://evil.example')"

    assert defuse(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["", "Firefox", "a=b", "193.99.144.80", "2026-01-15T09:00", "'x"])
def test_other_cells_stay_as_they_are(cell):
    assert defuse(cell) == cell


def test_what_a_browser_calls_itself_runs_nowhere(confirmed, user):
    """A stranger names a device in the header of a wrong password; its owner opens the table."""
    event = make_event(user, EventKind.SIGN_IN_FAILED)
    event.browser, event.device = "=cmd|' /C calc'!A0", '-2+3","=1+1'
    event.system, event.place = "@SUM(1,1)", "+Town\r\n=1+1"
    event.save()

    (row,) = rows_of(confirmed.get(URL))

    names = ("Browser", "Device", "System", "Place (approximate)")
    assert [row[name] for name in names] == [
        "'=cmd|' /C calc'!A0",
        '\'-2+3","=1+1',
        "'@SUM(1,1)",
        "'+Town\r\n=1+1",
    ]


def test_odd_agents_and_addresses_make_whole_rows(confirmed, user):
    make_event(user, client=make_client(agent="", address="2001:db8::1", network="2001:db8::"))
    make_event(user, client=make_client(agent="\ud800=1", address="", network=""))

    rows = rows_of(confirmed.get(URL))

    assert [(row["Browser"], row["IP address"]) for row in rows] == [("", ""), ("", "2001:db8::1")]


@pytest.mark.parametrize("count", [1, 25])
def test_export_costs_the_same_at_any_length(
    confirmed, user, django_assert_num_queries, monkeypatch, count
):
    monkeypatch.setattr(policy, "EXPORT_BATCH", 10)
    for minutes in range(count):
        make_event(user, at=timezone.now() - timedelta(minutes=minutes))
    confirmed.get(LIST)

    with django_assert_num_queries(5):  # session, account, its mode as it is now, claims, events
        assert len(rows_of(confirmed.get(URL))) == count


def test_who_has_not_confirmed_does_so_first(owner, user):
    make_event(user)

    answer = owner.get(URL)

    assert (answer.status_code, answer.url) == (302, f"/security/confirm/?next={URL}")


def test_confirmation_of_somebody_else_does_not_count(owner):
    confirm(owner, make_user())

    assert owner.get(URL).url == f"/security/confirm/?next={URL}"


def test_stranger_signs_in_first(client, db):
    assert client.get(URL).url == f"/sign-in/?next={URL}"


def test_nothing_can_be_posted(confirmed):
    assert confirmed.post(URL).status_code == 405


MODES = {
    "restricted": {"restricted_until": timezone.now() + timedelta(days=7)},
    "contested": {"contested_at": timezone.now()},
}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("is_strong", [False, True])
def test_account_that_is_restricted_or_disputed_hands_nothing_out(owner, user, mode, is_strong):
    make_event(user)
    confirm(owner, user, is_strong=is_strong)
    type(user).objects.filter(pk=user.pk).update(**MODES[mode])

    answer = owner.get(URL, follow=True)

    assert answer.redirect_chain == [(LIST, 302)]
    assert "can&#x27;t be saved as a file just now" in answer.content.decode()


def test_paused_account_hands_nothing_out(confirmed, user):
    paused = {"frozen_at": timezone.now(), "frozen_cause": "reported"}
    type(user).objects.filter(pk=user.pk).update(**paused)

    assert confirmed.get(URL).url == f"/sign-in/?next={URL}"


def test_mode_that_forbids_it_is_told_before_anybody_confirms(owner, user):
    type(user).objects.filter(pk=user.pk).update(contested_at=timezone.now())

    assert owner.get(URL).url == LIST


def test_claim_that_stands_forbids_it_but_to_two_strong_proofs(owner, user, settings):
    settings.ACCOUNT_DISPUTES = [f"{__name__}.always"]
    make_event(user)
    confirm(owner, user)
    refused = owner.get(URL)
    confirm(owner, user, is_strong=True)
    allowed = owner.get(URL)

    assert (refused.status_code, refused.url) == (302, LIST)
    assert len(rows_of(allowed)) == 1
    assert step_up.STEP_UP in owner.session


def always(_user) -> bool:
    return True
