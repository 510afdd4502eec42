"""The walk with the keyboard alone, and the walk without scripts."""

import re

import pytest
from playwright.sync_api import Page, expect

from accounts.tests.factories import (
    PASSWORD,
    make_contact,
    make_recovery_codes,
    make_totp,
    make_user,
)
from tests.browser.steps import MARIA, sign_in, tab_to
from tests.factories import NEW_PASSWORD, WRONG_CODE, code_of
from tests.stranger import work_through

OLD = "maria.old@example.net"


@pytest.fixture
def maria():
    user = make_user(email=MARIA)
    make_contact(user, OLD)
    return user


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


def test_a_proof_and_the_second_step_with_the_keyboard_alone(page: Page, maria):
    make_totp(maria)
    _set, codes = make_recovery_codes(maria)
    page.goto("/acsr/")
    type_into(page, "identifier", MARIA)
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Enter the code we sent")
    type_into(page, "code", code_of(MARIA))
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Show that the account is yours")
    tab_to(page, page.get_by_role("link", name=re.compile("printed recovery code")))
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("A code from your app or your sheet")
    type_into(page, "token", WRONG_CODE[:6])
    page.keyboard.press("Enter")
    expect(page.locator("[data-focus]")).to_be_focused()
    type_into(page, "token", codes[0])
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Choose a new password")
    type_into(page, "new_password1", NEW_PASSWORD)
    type_into(page, "new_password2", NEW_PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("yours again")

    tab_to(page, page.get_by_role("main").get_by_role("link", name="Sign in"))
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Sign in")
    type_into(page, "identifier", MARIA)
    type_into(page, "password", NEW_PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Your second step")
    expect(page.locator("h1")).to_be_focused()
    type_into(page, "token", codes[1])
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/security/$"))


def test_an_address_is_removed_with_the_keyboard_alone(page: Page, maria):
    old = maria.contacts.get(value=OLD)
    sign_in(page)
    page.goto("/security/contacts/")
    tab_to(page, page.locator(f"a[href$='/{old.pk}/remove/']"))
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Is it still you?")
    type_into(page, "password", PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Remove this address?")
    expect(page.locator("h1")).to_be_focused()
    tab_to(page, page.get_by_role("button", name="Remove it"))
    page.keyboard.press("Enter")

    expect(page.locator("h1")).to_have_text("How we reach you")
    old.refresh_from_db()
    assert old.removed_at


def test_a_lost_second_step_is_shown_without_scripts(plain: Page, maria):
    make_totp(maria)
    sign_in(plain)
    plain.get_by_role("link", name="I can't use any of these").click()
    plain.get_by_role("button", name="Send me a code").click()
    plain.get_by_label("Code", exact=True).fill(code_of(MARIA))
    plain.get_by_role("button", name="Go on").click()
    plain.get_by_label("Password", exact=True).fill("wrong")
    plain.get_by_role("button", name="Go on").click()
    expect(plain.get_by_role("alert").first).to_be_visible()
    plain.get_by_label("Password", exact=True).fill(PASSWORD)
    plain.get_by_role("button", name="Go on").click()

    expect(plain.get_by_role("heading", level=1)).to_contain_text("waiting period")
