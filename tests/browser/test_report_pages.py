"""The pages of "this wasn't me": what each looks like, and where the focus is after a press."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User, UserSession
from accounts.tests.factories import PASSWORD, make_contact, make_device, make_user
from activity.enums import EventKind
from activity.models import SecurityEvent
from activity.services import report_links
from activity.tests.factories import make_event, make_judged_event
from activity.tests.reporting import make_session
from tests.browser.tour import Tour

MARIA = "maria@example.org"
HOUR = timedelta(hours=1)


@pytest.fixture
def maria() -> User:
    user = make_user(email=MARIA, first_name="Maria")
    make_contact(user, "young@example.net", verified_at=timezone.now() - HOUR / 2)
    make_session(user)
    return user


@pytest.fixture
def event(maria: User) -> SecurityEvent:
    return make_judged_event(maria, at=timezone.now() - HOUR)


def path_to(maria: User, event: SecurityEvent, value: str = MARIA) -> str:
    contact = maria.contacts.get(value=value)
    return f"/activity/report/{report_links.new_link(event, contact, timezone.now())}/"


def sign_in(tour: Tour, age: timedelta) -> None:
    """Sign in, in a browser that has been known for long, so long ago."""
    tour.page.goto("/sign-in/")
    tour.send("Sign in", identifier=MARIA, password=PASSWORD)
    row = UserSession.objects.latest("signed_in_at")
    known = make_device(row.user, str(row.pk))
    UserSession.objects.filter(pk=row.pk).update(signed_in_at=timezone.now() - age, device=known)


def test_pages_of_a_link(tour: Tour, maria: User, event: SecurityEvent):
    path = path_to(maria, event)
    tour.visit(path)
    tour.send("Pause my account")
    tour.look("Paused at")
    tour.page.goto("/sign-in/")
    tour.send("Sign in", identifier=MARIA, password=PASSWORD)
    tour.look("This account is paused")
    tour.visit(path)
    tour.send("Take it back")
    tour.look("Taken back.")
    tour.visit(path)
    tour.send("It was me after all")
    tour.look("Thank you. It was you.")

    assert tour.faults == []


def test_pages_of_links_to_what_was_no_sign_in(tour: Tour, maria: User):
    for kind in (EventKind.CODE_SENT, EventKind.CONTACT_ADDED):
        tour.visit(path_to(maria, make_event(maria, kind, at=timezone.now() - HOUR)))

    assert tour.faults == []


def test_pages_of_a_link_to_a_young_contact(tour: Tour, maria: User, event: SecurityEvent):
    maria.contacts.filter(value="young@example.net").update(
        counts_from=timezone.now() + timedelta(days=7)
    )
    tour.visit(path_to(maria, event, "young@example.net"), "/activity/report/guessed/")
    tour.page.goto(path_to(maria, event, "young@example.net"))
    tour.send("This wasn't me")
    tour.look("We have told our staff.")

    assert tour.faults == []


def test_pages_of_an_old_session(tour: Tour, maria: User, event: SecurityEvent):
    sign_in(tour, 2 * HOUR)
    tour.visit(f"/activity/{event.pk}/")
    tour.page.locator("main button[value=not_me]").first.click()
    tour.page.wait_for_load_state()
    tour.look("We have shut them out.")
    tour.send("It was me after all: take it back")
    tour.look("Taken back.")
    # The session that pressed is still there.
    tour.visit("/security/")

    assert tour.faults == []


def test_pages_of_a_younger_session(tour: Tour, maria: User, event: SecurityEvent):
    sign_in(tour, HOUR / 2)
    tour.visit(f"/activity/{event.pk}/")
    tour.page.locator("main button[value=not_me]").first.click()
    tour.page.wait_for_load_state()
    tour.look("Paused at")
    tour.send("Take it back")
    tour.look("Taken back.")

    assert tour.faults == []
