"""What the page of an event says that each answer does, and to whom it offers which."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import UserSession
from accounts.tests.factories import make_device
from activity import policy
from activity.enums import EventKind, RiskReason
from activity.tests.factories import make_event, make_incident, make_judged_event, make_user

PAUSES = "Your account is paused"
KEEPS = "You stay signed in here."


def page_of(browser, event) -> str:
    return browser.get(reverse("activity:event", args=[event.pk])).content.decode()


def buttons_of(page: str) -> list[str]:
    return [value for value in ("not_me", "me") if f'name="verdict" value="{value}"' in page]


@pytest.fixture
def old_browser(owner, user):
    """Give a browser that signed in before what happens now, and is on the account for long."""
    signed_in_at = timezone.now() - timedelta(hours=3)
    device = make_device(user)
    UserSession.objects.filter(user=user).update(signed_in_at=signed_in_at, device=device)
    return owner


def test_session_that_is_older_is_told_that_it_stays(old_browser, user):
    page = page_of(old_browser, make_judged_event(user, at=timezone.now()))

    assert (KEEPS in page, PAUSES in page) == (True, False)
    assert buttons_of(page) == ["not_me", "me"]


def test_session_that_is_younger_is_told_that_it_pauses_the_account(old_browser, user):
    event = make_judged_event(user, at=timezone.now() - timedelta(hours=4))

    page = page_of(old_browser, event)

    assert (KEEPS in page, PAUSES in page) == (False, True)


def test_browser_that_is_new_to_the_account_pauses_it_too(old_browser, user):
    user.devices.update(first_seen_at=timezone.now())
    type(user).objects.update(created_at=timezone.now() - timedelta(days=400))

    page = page_of(old_browser, make_judged_event(user, at=timezone.now()))

    assert (KEEPS in page, PAUSES in page) == (False, True)


@pytest.mark.parametrize(
    "kind", [EventKind.SIGN_IN_FAILED, EventKind.SECOND_STEP_FAILED, EventKind.CODE_WRONG]
)
def test_refused_try_asks_nothing(old_browser, user, kind):
    page = page_of(old_browser, make_event(user, kind))

    assert buttons_of(page) == []
    assert "Nobody got in this way" in page


def test_wrong_second_step_says_that_the_password_was_right(old_browser, user):
    pages = [
        page_of(old_browser, make_event(user, kind))
        for kind in (EventKind.SECOND_STEP_FAILED, EventKind.SIGN_IN_FAILED)
    ]

    assert ["whoever this was knows your password" in page for page in pages] == [True, False]


@pytest.mark.parametrize("kind", [EventKind.TICKET_OPENED, EventKind.TICKET_COMPLETED])
def test_recovery_leads_to_its_own_stop_page(old_browser, user, kind):
    page = page_of(old_browser, make_event(user, kind))

    assert buttons_of(page) == []
    assert f'href="{reverse("recovery:object")}"' in page


def test_change_offers_both_answers_and_where_it_is_put_right(old_browser, user):
    page = page_of(old_browser, make_event(user, EventKind.CONTACT_ADDED, contact_kind="phone"))

    assert buttons_of(page) == ["not_me", "me"]
    assert f'<a href="{reverse("accounts:contacts")}">See your addresses and phones</a>' in page


def test_what_is_long_past_is_put_right_by_hand(old_browser, user):
    page = page_of(old_browser, make_event(user, at=timezone.now() - policy.EVENTS_SHOWN))

    assert buttons_of(page) == []
    assert "too long ago" in page


def test_who_said_me_may_still_say_that_it_was_not(old_browser, user):
    page = page_of(old_browser, make_judged_event(user, verdict="me"))

    assert buttons_of(page) == ["not_me"]
    assert "You said" in page


def test_what_was_only_heard_can_be_said_again(old_browser, user):
    event = make_judged_event(user)
    event.details["heard"] = "me"
    event.save()

    page = page_of(old_browser, event)

    assert buttons_of(page) == ["not_me", "me"]
    assert "Say it once more" in page


def test_what_was_reported_leads_to_what_was_done(old_browser, user):
    event = make_judged_event(user, verdict="not_me")
    incident = make_incident(user, event)

    page = page_of(old_browser, event)

    assert buttons_of(page) == []
    assert f'href="{reverse("activity:incident", args=[incident.pk])}"' in page


def test_incident_of_another_account_is_not_led_to(old_browser, user):
    event = make_judged_event(user, verdict="not_me")
    make_incident(make_user(), event)

    assert "/activity/incidents/" not in page_of(old_browser, event)


def test_event_of_a_report_leads_to_it(old_browser, user):
    incident = make_incident(user)
    event = make_event(user, EventKind.REPORTED, incident=str(incident.pk))

    path = reverse("activity:incident", args=[incident.pk])
    assert f'href="{path}"' in page_of(old_browser, event)


@pytest.mark.parametrize(
    ("score", "words"), [(None, ""), (0, "Not unusual"), (50, "Somewhat"), (80, "Very")]
)
def test_score_is_told_in_words_and_never_as_a_number(old_browser, user, score, words):
    event = make_judged_event(user, score=score, is_unusual=bool(score and score >= 50))

    answer = old_browser.get(reverse("activity:event", args=[event.pk]))

    assert dict(answer.context["details"]).get("How unusual", "") == words


def test_every_reason_is_told(old_browser, user):
    event = make_judged_event(user, reasons=[RiskReason.NEW_BROWSER, RiskReason.AFTER_FAILURES])

    page = page_of(old_browser, event)

    assert "Firefox was never used on your account before." in page
    assert "It came right after wrong passwords." in page


@pytest.mark.parametrize("kind", EventKind)
def test_every_kind_has_a_page(old_browser, user, kind):
    event = make_event(user, kind)

    answer = old_browser.get(reverse("activity:event", args=[event.pk]))

    assert answer.status_code == 200


def test_page_costs_six_queries_at_most(old_browser, user, django_assert_max_num_queries):
    event = make_judged_event(user, verdict="not_me")
    make_incident(user, event)
    page_of(old_browser, event)

    # session, account, event, device, sign-in, incident
    with django_assert_max_num_queries(6):
        page_of(old_browser, event)
