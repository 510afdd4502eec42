"""The two buttons in a session, what follows, and taking it back."""

import re
import uuid
from datetime import timedelta

import pytest
from django.test import Client as Browser
from django.utils import timezone

from accounts.models import User, UserSession
from accounts.tests.factories import make_device, make_user
from activity.enums import EventKind, IncidentOrigin, OwnerVerdict
from activity.models import Incident, SecurityEvent
from activity.tests.factories import make_event, make_incident, make_judged_event
from activity.tests.reporting import DAY, make_session

pytestmark = pytest.mark.django_db


@pytest.fixture
def maria():
    return make_user(email="maria@example.org")


@pytest.fixture
def event(maria):
    return make_judged_event(maria, at=timezone.now() - timedelta(hours=1))


def signed_in(user, *, age, device_age=300 * DAY, **options):
    """Give a browser in which ``user`` signed in so long ago."""
    browser = Browser(**options)
    browser.force_login(user)
    now = timezone.now()
    device = make_device(user, f"device-{uuid.uuid4()}", first_seen_at=now - device_age)
    key = browser.session.key_hash
    UserSession.objects.filter(pk=key).update(signed_in_at=now - age, device=device)
    return browser


@pytest.fixture
def old(maria):
    return signed_in(maria, age=2 * timedelta(hours=1))


@pytest.fixture
def young(maria):
    return signed_in(maria, age=timedelta(minutes=5))


def answer(browser, event, verdict, **extra):
    return browser.post(f"/activity/{event.pk}/verdict/", {"verdict": verdict}, **extra)


def text_of(response):
    return re.sub(r"\s+", " ", response.content.decode())


def test_an_old_session_stays_and_sees_what_was_done(maria, old, event):
    make_session(maria)

    response = answer(old, event, "not_me")

    incident = Incident.objects.get()
    assert response["Location"] == f"/activity/incidents/{incident.pk}/"
    page = old.get(response["Location"])
    text = text_of(page)
    assert page.status_code == 200
    assert "We have shut them out." in text
    assert "Signed out 1 browser" in text
    assert "Your password lets nobody in any more" in text
    assert text.count("/security/password/") == 2
    assert "You can take it back until" in text
    assert UserSession.objects.filter(user=maria).count() == 1


def test_it_is_taken_back_in_the_same_browser(maria, old, event):
    page = answer(old, event, "not_me")["Location"]

    response = old.post(f"{page}undo/", follow=True)

    assert "Taken back. It is as it was before." in text_of(response)
    assert User.objects.get().password_spent_at is None
    assert old.get("/security/").status_code == 200


def test_taking_back_twice_or_late_is_answered(old, event, time_machine):
    page = answer(old, event, "not_me")["Location"]
    time_machine.move_to(timezone.now() + timedelta(minutes=11))

    response = old.post(f"{page}undo/", follow=True)

    text = text_of(response)
    assert "That cannot be taken back any more" in text
    assert "Take it back" not in text
    assert User.objects.get().password_spent_at is not None


def test_looking_at_the_undo_does_nothing(old, event):
    page = answer(old, event, "not_me")["Location"]

    assert old.get(f"{page}undo/").status_code == 405
    assert User.objects.get().password_spent_at is not None


def test_another_browser_of_the_account_sees_it_and_takes_nothing_back(maria, old, event):
    page = answer(old, event, "not_me")["Location"]
    other = signed_in(User.objects.get(), age=2 * DAY)

    text = text_of(other.get(page))
    assert "What you reported" in text
    assert "take it back" not in text
    other.post(f"{page}undo/")

    assert User.objects.get().password_spent_at is not None


def test_a_younger_session_pauses_and_lands_on_the_paused_page(maria, young, event):
    response = answer(young, event, "not_me")

    assert re.fullmatch(r"/activity/report/[\w-]{43}/", response["Location"])
    text = text_of(young.get(response["Location"]))
    assert "Paused at" in text
    assert "Take it back" in text
    assert young.get("/security/").status_code == 302
    assert User.objects.get().frozen_cause == "reported"


def test_the_paused_page_takes_back_its_own_pause(young, event):
    path = answer(young, event, "not_me")["Location"]

    text = text_of(young.post(path, {"verdict": "me"}))

    assert "Taken back." in text
    assert "Taken back." in text_of(young.get(path))
    assert User.objects.get().frozen_at is None
    # It reports nothing anew.
    young.post(path, {"verdict": "not_me"})
    assert User.objects.get().frozen_at is None


def test_pressed_again_it_leads_to_the_same_page_and_ends_nothing_new(maria, old, event):
    first = answer(old, event, "not_me")["Location"]
    make_session(maria)
    epoch = User.objects.get().epoch

    second = answer(old, event, "not_me")["Location"]

    assert second == first
    assert User.objects.get().epoch == epoch
    assert UserSession.objects.filter(user=maria).count() == 2


def test_this_was_me(old, event):
    response = answer(old, event, "me")

    assert response["Location"] == "/activity/"
    assert SecurityEvent.objects.get(pk=event.pk).verdict == OwnerVerdict.ME


def test_a_younger_session_in_a_younger_browser_is_only_heard(maria, event):
    young = signed_in(maria, age=timedelta(minutes=5), device_age=10 * DAY)
    response = young.post(f"/activity/{event.pk}/verdict/", {"verdict": "me"}, follow=True)

    assert "We keep an eye on it." in text_of(response)
    assert SecurityEvent.objects.get(pk=event.pk).verdict == ""


@pytest.mark.parametrize("verdict", ["me", "not_me"])
def test_another_accounts_event_does_not_exist(old, verdict):
    event = make_judged_event(make_user())

    assert answer(old, event, verdict).status_code == 404
    event.refresh_from_db()
    assert event.verdict == ""
    assert not Incident.objects.exists()


@pytest.mark.parametrize("verdict", ["me", "not_me"])
def test_who_is_not_signed_in_signs_in_first(event, verdict):
    response = answer(Browser(), event, verdict)

    # Not to the address of the press, which takes no visit.
    assert response["Location"] == f"/sign-in/?next=/activity/{event.pk}/"
    assert not Incident.objects.exists()


def test_a_forged_post_is_refused(maria, event):
    browser = signed_in(maria, age=2 * DAY, enforce_csrf_checks=True)

    assert answer(browser, event, "not_me").status_code == 403
    assert not Incident.objects.exists()


@pytest.mark.parametrize("verdict", ["", "x", "\x00", "ME"])
def test_what_is_no_answer_leads_back(old, event, verdict):
    response = answer(old, event, verdict)

    assert response["Location"] == f"/activity/{event.pk}/"
    assert not Incident.objects.exists()


def test_looking_at_the_address_answers_nothing(old, event):
    assert old.get(f"/activity/{event.pk}/verdict/").status_code == 405


def test_what_nobody_is_asked_about_leads_back(maria, old):
    event = make_event(maria, EventKind.SIGN_IN_FAILED)

    response = answer(old, event, "not_me")

    assert response["Location"] == f"/activity/{event.pk}/"
    assert User.objects.get().password_spent_at is None


@pytest.mark.parametrize("path", ["", "undo/"])
def test_another_accounts_report_does_not_exist(old, path):
    other = make_user()
    incident = make_incident(other, origin=IncidentOrigin.OLD_SESSION)
    ask = old.post if path else old.get

    assert ask(f"/activity/incidents/{incident.pk}/{path}").status_code == 404
    assert ask(f"/activity/incidents/{uuid.uuid4()}/{path}").status_code == 404


def test_what_only_staff_were_told_is_not_the_accounts(maria, old, event):
    incident = make_incident(maria, event)

    assert old.get(f"/activity/incidents/{incident.pk}/").status_code == 404


@pytest.mark.parametrize("path", ["", "undo/"])
def test_reports_are_for_who_is_signed_in(maria, event, path):
    incident = make_incident(maria, event, origin=IncidentOrigin.OLD_SESSION)
    browser = Browser()
    ask = browser.post if path else browser.get

    response = ask(f"/activity/incidents/{incident.pk}/{path}")

    assert response["Location"] == f"/sign-in/?next=/activity/incidents/{incident.pk}/"


def test_after_a_new_password_the_report_says_what_is_left(maria, old, event):
    page = answer(old, event, "not_me")["Location"]
    User.objects.update(password_spent_at=None)

    text = text_of(old.get(page))

    assert "A new password: done" in text
    assert "Check your second step" in text
