"""Somebody signs in from another country: the owner hears, pauses from the mail, and gets back."""

import re
import time
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from accounts.tests.factories import make_user
from activity.tests.sign_ins import CHROME_ON_WINDOWS, FRANCE
from tests.browser.claims import days_go_by
from tests.browser.habits import live_in_germany
from tests.browser.mailbox import Mailbox, code_in, link_in, words_of
from tests.browser.returning import PAUSED, get_back
from tests.browser.steps import MARIA, SECURITY, press, sign_in, type_password
from tests.browser.windows import Windows
from tests.factories import WRONG_CODE

CODE = "accounts.sign_in_code"
UNUSUAL = "activity.unusual_sign_in"
STOPPED = "activity.second_step_failed"
SIGN_IN = re.compile(r"/sign-in/\?next=")
MINUTE = 60  # seconds


@pytest.fixture
def maria() -> User:
    """Somebody who always signs in from one country with one browser."""
    user = make_user(email=MARIA, first_name="Maria")
    live_in_germany(user)
    return user


def test_another_country_with_another_browser_needs_a_code_from_the_mailbox(
    windows: Windows, maria: User, mailbox: Mailbox, worker
):
    thief = windows.open(FRANCE, CHROME_ON_WINDOWS)
    type_password(thief)
    expect(thief.locator("h1")).to_have_text("Enter the code we sent")
    expect(thief.get_by_role("main")).to_contain_text("You have not signed in like this before")
    thief.fill("[name=token]", WRONG_CODE)
    press(thief, "Go on")
    thief.goto("/security/")
    expect(thief).to_have_url(SIGN_IN)
    mailbox.newest(MARIA, CODE)
    # Nobody got in; where nobody does for a while, she hears that somebody has her password.
    days_go_by(timedelta(minutes=11))
    assert "/activity/report/" in link_in(mailbox.newest(MARIA, STOPPED))
    assert mailbox.all(MARIA, UNUSUAL) == []

    # Maria herself, on a journey with a new laptop.
    owner = windows.open(FRANCE, CHROME_ON_WINDOWS)
    type_password(owner)
    owner.fill("[name=token]", code_in(mailbox.nth(1, MARIA, CODE)))
    press(owner, "Go on")

    expect(owner).to_have_url(SECURITY)


def test_another_country_is_told_of_paused_from_the_mail_and_ended_by_a_request(
    windows: Windows, maria: User, mailbox: Mailbox, worker
):
    thief = windows.open(FRANCE)
    began = time.monotonic()
    type_password(thief)
    expect(thief).to_have_url(SECURITY)
    letter = mailbox.newest(MARIA, UNUSUAL)
    assert time.monotonic() - began < MINUTE
    assert "France" in words_of(letter)

    owner = windows.open()
    pause(owner, link_in(letter))
    thief.goto("/security/contacts/")
    expect(thief).to_have_url(SIGN_IN)
    sign_in(thief)
    expect(thief.locator("h1")).to_have_text(PAUSED)

    get_back(owner, mailbox)
    maria.refresh_from_db()
    assert maria.frozen_at is None
    sign_in(thief)
    expect(thief.get_by_role("alert").first).to_contain_text("do not belong together")


def pause(owner: Page, link: str) -> None:
    """Open the link of the mail, which changes nothing yet, and press."""
    owner.goto(link)
    expect(owner.locator("h1")).to_have_text("Was this not you? Pause your account.")
    expect(owner.get_by_role("main")).to_contain_text("France")
    assert User.objects.get().frozen_at is None
    press(owner, "Pause my account")
    expect(owner.locator("h1")).to_contain_text("Paused at")
    assert User.objects.get().frozen_cause == "reported"
