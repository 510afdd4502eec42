"""The account's own pages: what they show, to whom, and what they end."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts import policy
from accounts.models import Device, User, UserSession
from accounts.services import restrictions
from accounts.tests.factories import PASSWORD, make_client, make_contact, make_user
from accounts.tests.views.steps import sign_in

pytestmark = pytest.mark.django_db

NEW_PASSWORD = "Silver-harbour-9-cloud"
PAGES = ["/security/", "/security/password/", "/security/sessions/", "/security/confirm/"]


@pytest.fixture
def browser(client, maria):
    """A signed-in browser of Maria's."""
    sign_in(client)
    return client


def other_browser():
    browser = Client()
    sign_in(browser)
    return browser


def is_signed_in(client):
    return client.get("/security/").status_code == 200


def change_password(client, old=PASSWORD, new=NEW_PASSWORD, repeated=None):
    data = {"old_password": old, "new_password1": new, "new_password2": repeated or new}
    return client.post("/security/password/", data)


@pytest.mark.parametrize("page", PAGES)
def test_strangers_sign_in_first(client, page):
    answer = client.get(page)

    assert (answer.status_code, answer.url) == (302, f"/sign-in/?next={page}")


@pytest.mark.parametrize("page", PAGES)
def test_pages_are_drawn_and_kept_out_of_caches(browser, page):
    answer = browser.get(page)

    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]


def test_new_browser_sees_addresses_masked(browser):
    page = browser.get("/security/")

    assert [contact["shown"] for contact in page.context["contacts"]] == ["m•••a@example.org"]
    assert "maria@example.org" not in page.text


def test_new_browser_sees_a_user_name_in_full(browser, maria):
    maria.external_id = "m-4711"
    maria.save(update_fields=["external_id"])
    maria.contacts.update(signs_in=False)

    page = browser.get("/security/")

    assert page.context["account_name"] == "m-4711"


def test_browser_that_is_known_for_a_week_sees_them_in_full(browser):
    Device.objects.update(first_seen_at=timezone.now() - policy.YOUNG_DEVICE)

    page = browser.get("/security/")

    assert [contact["shown"] for contact in page.context["contacts"]] == ["maria@example.org"]
    assert page.context["account_name"] == "maria@example.org"


def test_home_lists_live_contacts_and_says_from_when_they_count(browser, maria):
    later = timezone.now() + timedelta(days=7)
    make_contact(maria, "new@example.net", counts_from=later)
    make_contact(maria, "gone@example.net", removed_at=timezone.now())

    contacts = browser.get("/security/").context["contacts"]

    assert [contact["counts_from"] for contact in contacts] == [None, later]
    assert [contact["is_primary"] for contact in contacts] == [True, False]


def test_home_costs_the_same_with_one_and_three_contacts(
    browser, maria, django_assert_max_num_queries
):
    with django_assert_max_num_queries(12):
        browser.get("/security/")
    make_contact(maria)
    make_contact(maria)
    other_browser()

    with django_assert_max_num_queries(12):
        browser.get("/security/")


def test_sessions_are_named_by_browser_and_system(browser):
    UserSession.objects.update(
        agent="Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
    )

    (session,) = browser.get("/security/sessions/").context["sessions"]

    assert (session.label, session.is_current) == ("Firefox on Linux", True)


def test_one_session_is_ended_at_once(browser):
    other = other_browser()

    browser.post(f"/security/sessions/{other.session.key_hash}/end/")

    assert (is_signed_in(browser), is_signed_in(other)) == (True, False)


def test_session_of_somebody_else_is_not_ended(browser):
    make_user(email="jonas@example.org")
    other = Client()
    sign_in(other, "jonas@example.org")

    answer = browser.post(f"/security/sessions/{other.session.key_hash}/end/")

    assert answer.url == "/security/sessions/"
    assert is_signed_in(other)


def test_all_other_sessions_are_ended(browser):
    others = [other_browser(), other_browser()]

    browser.post("/security/sessions/")

    assert is_signed_in(browser)
    assert [is_signed_in(other) for other in others] == [False, False]


def test_changed_password_ends_all_sessions_but_this_one(browser, maria):
    other = other_browser()

    answer = change_password(browser)

    maria.refresh_from_db()
    assert answer.url == "/security/"
    assert maria.check_password(NEW_PASSWORD)
    assert (is_signed_in(browser), is_signed_in(other)) == (True, False)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"old": "wrong"}, "old_password"),
        ({"new": "short"}, "new_password1"),
        ({"new": PASSWORD}, "new_password1"),
        ({"repeated": "Silver-harbour-9-clouds"}, "new_password2"),
    ],
)
def test_refused_change_says_where_and_changes_nothing(browser, maria, fields, field):
    answer = change_password(browser, **fields)

    maria.refresh_from_db()
    assert list(answer.context["form"].errors) == [field]
    assert maria.check_password(PASSWORD)


def test_borrowed_session_cannot_guess_the_old_password(browser, maria):
    for _ in range(policy.PASSWORD_CONFIRMATIONS.limit):
        change_password(browser, old="wrong")

    assert change_password(browser).status_code == 429


def test_paused_account_loses_its_sessions(browser, maria):
    restrictions.freeze(maria, "report", make_client())

    assert not is_signed_in(browser)


def test_switched_off_account_loses_its_sessions(browser, maria):
    User.objects.update(is_active=False)

    assert not is_signed_in(browser)


def test_session_that_was_idle_for_an_hour_is_over(browser):
    with time_machine.travel(timezone.now() + policy.SESSION_IDLE + timedelta(minutes=1)):
        assert not is_signed_in(browser)
