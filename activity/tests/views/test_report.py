"""The page of a report link: it shows, a press acts, and nobody learns more than they were told."""

import re
from datetime import timedelta

import pytest
from django.test import Client as Browser
from django.utils import timezone

from accounts.models import Contact, User, UserSession
from accounts.tests.factories import make_contact, make_user
from activity.enums import EventKind, OwnerVerdict
from activity.models import Incident, SecurityEvent
from activity.services import report_links
from activity.tests.factories import make_event, make_judged_event
from activity.tests.reporting import DAY, make_session

GONE = "This link is not in use any more"
pytestmark = pytest.mark.django_db


@pytest.fixture
def maria():
    return make_user(email="maria@example.org", first_name="Maria")


@pytest.fixture
def event(maria):
    return make_judged_event(maria)


@pytest.fixture
def browser():
    return Browser(enforce_csrf_checks=True)


def path_for(event, contact):
    token = report_links.new_link(event, contact, timezone.now())
    return f"/activity/report/{token}/"


@pytest.fixture
def path(maria, event):
    return path_for(event, maria.contacts.get())


def text_of(response):
    return re.sub(r"\s+", " ", response.content.decode())


@pytest.mark.parametrize("method", ["get", "head"])
def test_looking_does_nothing(browser, maria, path, method):
    make_session(maria)

    response = getattr(browser, method)(path)

    assert response.status_code == 200
    assert response["Referrer-Policy"] == "no-referrer"
    assert User.objects.get().frozen_at is None
    assert (Incident.objects.count(), UserSession.objects.filter(user=maria).count()) == (0, 1)


def test_the_page_says_what_was_told_and_what_the_press_does(browser, path):
    text = text_of(browser.get(path))

    assert "Pause your account." in text
    assert "Firefox on Windows" in text
    assert "Nobody can sign in or change anything, and everybody is signed out." in text


@pytest.mark.parametrize("fields", [{}, {"verdict": ""}, {"verdict": "x"}, {"choice": "stop"}])
def test_a_post_without_an_answer_shows_the_page_again(browser, path, fields):
    response = browser.post(path, fields)

    assert response.status_code == 200
    assert "Pause my account" in text_of(response)
    assert not Incident.objects.exists()


def test_a_press_pauses_without_cookies(browser, maria, path):
    make_session(maria)

    response = browser.post(path, {"verdict": "not_me"}, headers={"origin": "null"})

    incident = Incident.objects.get()
    text = text_of(response)
    assert "Paused at" in text
    assert "Signed out 1 browser" in text
    assert "Get back into my account" in text
    assert "You can take it back until" in text
    assert incident.origin == "link"
    assert User.objects.get().frozen_cause == "reported"


def test_the_link_shows_the_pause_afterwards(browser, path):
    browser.post(path, {"verdict": "not_me"})

    assert "Paused at" in text_of(browser.get(path))


def test_taken_back_by_the_same_link(browser, path):
    browser.post(path, {"verdict": "not_me"})

    response = browser.post(path, {"verdict": "me"})

    assert "Taken back." in text_of(response)
    assert User.objects.get().frozen_at is None
    assert "Pause my account" in text_of(browser.get(path))


def test_taken_back_too_late(browser, path, time_machine):
    browser.post(path, {"verdict": "not_me"})
    time_machine.move_to(timezone.now() + timedelta(minutes=11))

    response = browser.post(path, {"verdict": "me"})

    text = text_of(response)
    assert "That cannot be taken back any more" in text
    assert "Take it back" not in text
    assert User.objects.get().frozen_at is not None


def test_after_a_recovery_the_link_says_so_and_pauses_nothing(browser, path):
    browser.post(path, {"verdict": "not_me"})
    User.objects.update(frozen_at=None, frozen_cause="", epoch=9)

    text = text_of(browser.post(path, {"verdict": "not_me"}))

    assert "the account is in use again" in text
    assert User.objects.get().frozen_at is None


def test_it_was_me(browser, path, event):
    text = text_of(browser.post(path, {"verdict": "me"}))

    assert "Thank you. It was you." in text
    assert SecurityEvent.objects.get(pk=event.pk).verdict == OwnerVerdict.ME
    assert User.objects.get().frozen_at is None


def test_a_contact_of_some_days_learns_no_more_than_it_was_told(browser, maria, event):
    make_session(maria)
    contact = make_contact(maria, "new@example.net", verified_at=timezone.now() - 10 * DAY)
    path = path_for(event, contact)

    before = text_of(browser.get(path))
    after = text_of(browser.post(path, {"verdict": "not_me"}))

    assert User.objects.get().frozen_at is not None
    for text in (before, after):
        for secret in ("Firefox", "Germany", "Maria", "maria", "Signed out 1"):
            assert secret not in text


def test_a_contact_without_a_say_is_told_that_people_look(browser, maria, event):
    contact = make_contact(
        maria, "new@example.net", verified_at=timezone.now(), counts_from=timezone.now() + DAY
    )
    path = path_for(event, contact)

    before = text_of(browser.get(path))
    after = text_of(browser.post(path, {"verdict": "not_me"}))
    heard = text_of(browser.post(path, {"verdict": "me"}))

    assert "so a person looks first" in before
    assert "Pause my account" not in before
    assert "We have told our staff." in after
    assert "We keep an eye on it" in heard
    assert User.objects.get().frozen_at is None


def test_a_second_contact_is_heard_on_a_paused_account(browser, maria, event, path):
    other = path_for(event, make_contact(maria, "old@example.net"))
    browser.post(path, {"verdict": "not_me"})

    before = text_of(browser.get(other))
    after = text_of(browser.post(other, {"verdict": "not_me"}))

    assert "The account is paused already" in before
    assert "The account was paused already." in after
    assert "Take it back" not in after
    assert Incident.objects.count() == 2


def test_guessed_late_and_suspended_links_get_the_same_page(browser, maria, event):
    late = path_for(event, maria.contacts.get())
    report_links.ReportLink.objects.update(expires_at=timezone.now())
    other = make_contact(maria, "thief@example.net", suspended_at=timezone.now())
    suspended = path_for(event, other)
    gone = make_contact(maria, "gone@example.net", removed_at=timezone.now() - 31 * DAY)

    pages = [
        getattr(browser, method)(path, fields).content
        for path in (late, suspended, path_for(event, gone), "/activity/report/guessed/")
        for method, fields in (("get", {}), ("post", {"verdict": "not_me"}))
    ]

    assert GONE in pages[0].decode()
    assert set(pages) == {pages[0]}
    assert not Incident.objects.exists()


@pytest.mark.parametrize("kind", [EventKind.SECOND_STEP_FAILED, EventKind.CONTACT_REMOVED])
def test_every_kind_of_notice_has_its_page(browser, maria, kind):
    event = make_event(maria, kind, contact_kind="email")
    path = path_for(event, maria.contacts.get())

    assert browser.get(path).status_code == 200
    assert "Paused at" in text_of(browser.post(path, {"verdict": "not_me"}))


def test_no_contact_at_all_stays_a_question_of_the_link(browser, maria, event, path):
    Contact.objects.all().delete()

    assert GONE in text_of(browser.get(path))
