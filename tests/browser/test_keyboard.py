"""The walk with the keyboard alone, and the walk without scripts."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from accounts.tests.factories import make_contact, make_user
from tests.factories import NEW_PASSWORD, WRONG_CODE, code_of
from tests.stranger import work_through

MARIA = "maria@example.org"
OLD = "maria.old@example.net"
MOST_TABS = 40
HAS_FOCUS = "element => element === document.activeElement"


@pytest.fixture
def maria():
    user = make_user(email=MARIA)
    make_contact(user, OLD)
    return user


def tab_to(page: Page, target: Locator) -> None:
    """Press Tab until the target has the focus; each stop on the way must show where it is."""
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
        if target.evaluate(HAS_FOCUS):
            return
    raise AssertionError(f"no way with Tab to {target}")


def type_into(page: Page, name: str, text: str) -> None:
    tab_to(page, page.locator(f"main [name={name}]"))
    page.keyboard.type(text)


def test_the_walk_with_the_keyboard_alone(page: Page, maria):
    page.goto("/acsr/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")

    # An empty form: the focus is at the list of what is wrong, whose links lead to the fields.
    tab_to(page, page.get_by_role("button", name="Send me a code"))
    page.keyboard.press("Enter")
    expect(page.locator("[data-focus]")).to_be_focused()
    tab_to(page, page.locator("[data-focus] a").first)
    page.keyboard.press("Enter")
    expect(page.get_by_label("Which account?")).to_be_focused()

    page.keyboard.type(MARIA)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Enter the code we sent")
    expect(page.get_by_role("heading", level=1)).to_be_focused()

    type_into(page, "code", WRONG_CODE)
    page.keyboard.press("Enter")
    expect(page.locator("[data-focus]")).to_be_focused()
    type_into(page, "code", code_of(MARIA))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Choose a new password")
    expect(page.get_by_role("heading", level=1)).to_be_focused()

    type_into(page, "new_password1", NEW_PASSWORD)
    type_into(page, "new_password2", NEW_PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("yours again")
    expect(page.get_by_role("heading", level=1)).to_be_focused()


@pytest.fixture
def plain(browser, site):
    """A browser that runs no scripts."""
    context = browser.new_context(base_url=site, java_script_enabled=False)
    yield context.new_page()
    context.close()


def test_the_walk_without_scripts(plain: Page, maria):
    plain.goto("/acsr/")
    plain.get_by_role("button", name="Send me a code").click()
    expect(plain.get_by_role("alert").first).to_be_visible()
    plain.get_by_label("Which account?").fill(MARIA)
    plain.get_by_label("An e-mail address you can open now").fill("new@example.com")
    plain.get_by_role("button", name="Send me a code").click()

    plain.get_by_label("Code", exact=True).fill(code_of("new@example.com"))
    plain.get_by_role("button", name="Go on").click()
    plain.get_by_role("link", name=re.compile("Another e-mail address or phone")).click()
    plain.get_by_label("E-mail address or phone number").fill(OLD)
    plain.get_by_role("button", name="Send a code there").click()
    plain.get_by_label("Code", exact=True).fill(code_of(OLD, "recovery.contact_code"))
    plain.get_by_role("button", name="Go on").click()

    expect(plain.get_by_role("heading", level=1)).to_have_text("Choose a new password")
    plain.locator("[name=new_password1]").fill("short")
    plain.locator("[name=new_password2]").fill("short")
    plain.get_by_role("button", name="Save new password").click()
    expect(plain.get_by_role("alert").first).to_be_visible()
    plain.locator("[name=new_password1]").fill(NEW_PASSWORD)
    plain.locator("[name=new_password2]").fill(NEW_PASSWORD)
    plain.get_by_role("button", name="Save new password").click()
    expect(plain.get_by_role("heading", level=1)).to_contain_text("yours again")


def test_a_new_code_is_asked_for_without_scripts(plain: Page, maria):
    plain.goto("/acsr/")
    plain.get_by_label("Which account?").fill(MARIA)
    plain.get_by_role("button", name="Send me a code").click()

    work_through()
    plain.reload()

    plain.get_by_role("button", name="Send a new code").click()

    expect(plain.get_by_role("heading", level=1)).to_have_text("Enter the code we sent")
    expect(plain.get_by_role("main")).to_contain_text("From ")
