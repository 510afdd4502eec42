"""What people do on many pages: sign in, press a button, confirm who they are."""

import re

from playwright.sync_api import Locator, Page, expect

from accounts.tests.factories import PASSWORD

MARIA = "maria@example.org"
MOST_TABS = 60  # of the longest page
HAS_FOCUS = "element => element === document.activeElement"
SECURITY = re.compile(r"^[^?]*/security/$")


def type_password(page: Page) -> None:
    """Send Maria's name and password from the sign-in page."""
    page.goto("/sign-in/")
    page.fill("[name=identifier]", MARIA)
    page.fill("[name=password]", PASSWORD)
    press(page, "Sign in")


def sign_in(page: Page, token: str = "") -> None:
    """Sign in as Maria in a browser that has no cookies; token: of her second step."""
    page.context.clear_cookies()
    type_password(page)
    if token:
        page.fill("[name=token]", token)
        press(page, "Go on")


def press(page: Page, name: str) -> None:
    """Press a button of the main part, and wait for where it leads."""
    page.get_by_role("main").get_by_role("button", name=name).first.click()
    page.wait_for_load_state()


def confirm(page: Page, token: str = "") -> None:
    """Type the password once more, on the page that asks for it."""
    expect(page).to_have_url(re.compile("/security/confirm/"))
    page.fill("main [name=password]", PASSWORD)
    if token:
        page.fill("main [name=token]", token)
    press(page, "Go on")


def heading(page: Page) -> str:
    """Give the words of the h1."""
    return page.locator("h1").inner_text()


def open_confirmed(page: Page, path: str) -> None:
    """Open a page that asks for a confirmation first."""
    page.goto(path)
    confirm(page)
    expect(page).to_have_url(re.compile(re.escape(path) + "$"))


def tab_to(page: Page, target: Locator) -> None:
    """Press Tab until the target has the focus; each stop on the way must show where it is."""
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
        if target.evaluate(HAS_FOCUS):
            return
    raise AssertionError(f"no way with Tab to {target}")
