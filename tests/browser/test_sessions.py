"""Sessions and devices with browsers that are really open, somewhere else."""

import re
from http import HTTPStatus

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from accounts.tests.factories import make_recovery_codes, make_totp, make_user
from activity.tests.sign_ins import CHROME_ON_WINDOWS, FIREFOX_ON_LINUX
from tests.browser.habits import live_in_germany
from tests.browser.steps import MARIA, SECURITY, press, type_password
from tests.browser.windows import Windows

PAGE = "/security/sessions/"
VERIFY = re.compile(r"/sign-in/verify/$")


@pytest.fixture
def maria() -> User:
    user = make_user(email=MARIA, first_name="Maria")
    live_in_germany(user)
    return user


@pytest.fixture
def here(windows: Windows, maria: User) -> Page:
    """The browser from which the others are ended."""
    window = windows.open()
    type_password(window)
    return window


def is_open(window: Page) -> bool:
    """Tell whether the account is open there, by its cookies; a page is not drawn for it."""
    return window.request.get("/security/", max_redirects=0).status == HTTPStatus.OK


def test_one_is_signed_out_and_then_all_others(windows: Windows, here: Page):
    others = [windows.open(agent=agent) for agent in (CHROME_ON_WINDOWS,) * 2 + (FIREFOX_ON_LINUX,)]
    for window in others:
        type_password(window)
        expect(window).to_have_url(SECURITY)
    here.goto(PAGE)
    rows = here.locator("li", has_text="Sign out")
    expect(rows).to_have_count(3)
    expect(rows.first).to_contain_text("Germany")
    expect(here.locator("li", has_text="This browser")).to_contain_text("Firefox on Windows")

    here.get_by_role("button", name="Sign out Firefox on Linux").click()
    expect(here.get_by_text("That browser is signed out.")).to_be_visible()
    assert [is_open(window) for window in others] == [True, True, False]
    press(here, "Sign out everywhere else")
    expect(here.get_by_text("You are signed out everywhere else.")).to_be_visible()
    expect(here.get_by_text("This is the only browser that is signed in.")).to_be_visible()
    assert [is_open(window) for window in others] == [False] * 3
    assert is_open(here)


def test_a_browser_that_is_trusted_no_more_asks_again(windows: Windows, maria: User):
    make_totp(maria)
    _, codes = make_recovery_codes(maria)
    here, there = windows.open(), windows.open(agent=CHROME_ON_WINDOWS)
    for window, code in zip((here, there), codes, strict=False):
        type_password(window)
        window.fill("[name=token]", code)
        window.get_by_label(re.compile("Trust this browser|Don't ask", re.IGNORECASE)).check()
        press(window, "Go on")
        expect(window).to_have_url(SECURITY)
    leave_and_come_back(there)
    expect(there).to_have_url(SECURITY)

    here.goto(PAGE)
    here.get_by_role("button", name=re.compile("Stop trusting Chrome on Windows")).click()
    expect(here.get_by_text("asked for the second step again")).to_be_visible()

    leave_and_come_back(there)
    expect(there).to_have_url(VERIFY)
    leave_and_come_back(here)
    expect(here).to_have_url(SECURITY)


def leave_and_come_back(window: Page) -> None:
    """Sign out where one is signed in, and type the password again; cookies stay."""
    window.goto("/security/")
    window.get_by_role("button", name="Sign out", exact=True).first.click()
    type_password(window)
