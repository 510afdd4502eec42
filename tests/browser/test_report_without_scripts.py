"""Say "this was me" and "this wasn't me" without JavaScript, and with the keyboard alone."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import Contact, User
from accounts.tests.factories import PASSWORD, make_user
from activity.models import SecurityEvent
from activity.services import report_links
from activity.tests.factories import make_judged_event
from tests.browser.habits import grow_old
from tests.browser.steps import MARIA, SECURITY, press, tab_to, type_password
from tests.browser.tour import Tour
from tests.browser.windows import Windows
from tests.factories import NEW_PASSWORD

HOUR = timedelta(hours=1)
SHUT_OUT = "We have shut them out. Now let us close the door."


@pytest.fixture
def maria() -> User:
    return make_user(email=MARIA, first_name="Maria")


@pytest.fixture
def event(maria: User) -> SecurityEvent:
    return make_judged_event(maria, at=timezone.now() - HOUR)


def link_to(event: SecurityEvent) -> str:
    contact = Contact.objects.get(user=event.user)
    return f"/activity/report/{report_links.new_link(event, contact, timezone.now())}/"


def open_account(window: Page, maria: User) -> None:
    type_password(window)
    expect(window).to_have_url(SECURITY)
    grow_old(maria)


def test_link_of_a_mail_without_scripts(windows: Windows, maria: User, event: SecurityEvent):
    page = windows.open(java_script_enabled=False)
    page.goto(link_to(event))
    press(page, "Pause my account")
    expect(page.locator("h1")).to_contain_text("Paused at")
    press(page, "Take it back")
    expect(page.locator("h1")).to_contain_text("Taken back.")
    maria.refresh_from_db()
    assert maria.frozen_at is None


def test_report_in_a_session_without_scripts(windows: Windows, maria: User, event: SecurityEvent):
    page = windows.open(java_script_enabled=False)
    open_account(page, maria)
    page.goto("/activity/")
    page.get_by_role("link", name="This wasn't me").first.click()
    press(page, "This wasn't me")
    expect(page.locator("h1")).to_have_text(SHUT_OUT)
    page.get_by_role("link", name="Choose a new password").first.click()
    page.fill("[name=old_password]", PASSWORD)
    page.fill("[name=new_password1]", NEW_PASSWORD)
    page.fill("[name=new_password2]", NEW_PASSWORD)
    press(page, "Save new password")
    expect(page).to_have_url(SECURITY)


def test_both_answers_with_the_keyboard_alone(page: Page, maria: User, event: SecurityEvent):
    open_account(page, maria)
    page.goto("/activity/")
    main = page.get_by_role("main")
    tab_to(page, main.get_by_role("link", name="This wasn't me"))
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"/activity/{event.pk}/$"))
    tab_to(page, main.get_by_role("button", name="This wasn't me"))
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text(SHUT_OUT)
    tab_to(page, main.get_by_role("button", name="take it back"))
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("Taken back.")

    page.goto("/activity/")
    tab_to(page, main.get_by_role("button", name="This was me"))
    page.keyboard.press("Space")
    expect(main).to_contain_text("We have written down that it was you.")


def test_link_of_a_mail_with_the_keyboard_alone(page: Page, maria: User, event: SecurityEvent):
    page.goto(link_to(event))
    tab_to(page, page.get_by_role("main").get_by_role("button", name="Pause my account"))
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("Paused at")
    tab_to(page, page.get_by_role("main").get_by_role("button", name="Take it back"))
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("Taken back.")


def test_page_of_a_password_that_a_report_ended(tour: Tour, maria: User):
    User.objects.update(password_spent_at=timezone.now())
    tour.page.goto("/sign-in/")
    tour.send("Sign in", identifier=MARIA, password=PASSWORD)
    tour.look("This password is not used any more")
    tour.page.get_by_role("link", name=re.compile("Back to sign-in")).click()
    expect(tour.page.locator("h1")).to_have_text("Sign in")

    assert tour.faults == []
