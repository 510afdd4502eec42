"""Addresses of the account: what a thief takes off comes back by the owner's own mail."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from accounts.models import Contact, User
from accounts.tests.factories import make_contact, make_user
from tests.browser.mailbox import Mailbox, link_in
from tests.browser.steps import MARIA, confirm, heading, open_confirmed, press, sign_in
from tests.browser.texts import Texts

OLD = "maria.old@example.net"
NUMBER = "+491512345678"
CONTACTS = "/security/contacts/"
CHANGED = "activity.account_changed"
UNDO = re.compile(rf"{CONTACTS}undo/[\w-]+/$")
SIGN_IN = re.compile(r"/sign-in/\?next=")


@pytest.fixture
def maria() -> User:
    return make_user(email=MARIA)


@pytest.fixture
def old(maria) -> Contact:
    """An address that has been on the account as long as it exists."""
    return make_contact(maria, OLD)


@pytest.fixture
def thief(browser: Browser, site: str):
    """Somebody who knows the password, in a browser of their own."""
    context = browser.new_context(base_url=site)
    yield context.new_page()
    context.close()


@pytest.fixture
def plain(browser: Browser, site: str):
    """A browser that runs no scripts."""
    context = browser.new_context(base_url=site, java_script_enabled=False)
    yield context.new_page()
    context.close()


def remove(page: Page, contact: Contact) -> None:
    """Sign in and take an address off the account, by what the list offers."""
    sign_in(page)
    page.goto(CONTACTS)
    page.locator(f"a[href='{CONTACTS}{contact.pk}/remove/']").click()
    confirm(page)
    press(page, "Remove it")
    expect(page.get_by_role("main")).to_contain_text("It is removed.")


def test_what_a_thief_removes_comes_back_by_the_owners_mail(
    page: Page, thief: Page, old: Contact, mailbox: Mailbox, worker
):
    remove(thief, old)
    link = link_in(mailbox.about("removed", OLD, CHANGED))
    assert UNDO.search(link)

    # Whoever looks at the mail before her, with or without a browser of its own, changes nothing.
    assert page.request.get(link).ok
    assert page.request.head(link).ok
    page.goto(link)
    assert heading(page) == "Put your address back?"
    expect(page.get_by_role("main")).to_contain_text(OLD)
    old.refresh_from_db()
    assert old.removed_at

    press(page, "Put it back")

    assert heading(page) == "It is on the account again."
    old.refresh_from_db()
    assert old.removed_at is None
    # The thief is out, and nobody was let in by the link.
    for window in (thief, page):
        window.goto("/security/")
        expect(window).to_have_url(SIGN_IN)
    # Both addresses hear of it, the one that has just come back without particulars; the link is
    # used up.
    mailbox.about("put back", MARIA, CHANGED)
    mailbox.about("Something changed", OLD, CHANGED)
    page.goto(link)
    assert heading(page) == "This link is not in use any more"


@pytest.mark.usefixtures("worker")
def test_the_link_puts_it_back_without_scripts_and_without_cookies(
    plain: Page, thief: Page, old: Contact, mailbox: Mailbox
):
    remove(thief, old)
    plain.goto(link_in(mailbox.about("removed", OLD, CHANGED)))
    plain.context.clear_cookies()

    press(plain, "Put it back")

    assert heading(plain) == "It is on the account again."
    old.refresh_from_db()
    assert old.removed_at is None


def test_a_phone_is_added_by_the_code_in_its_message(
    page: Page, maria, texts: Texts, mailbox: Mailbox, worker
):
    sign_in(page)
    open_confirmed(page, f"{CONTACTS}add/")
    page.fill("[name=contact]", "+49 151 2345678")
    press(page, "Send a code there")
    expect(page.get_by_role("main")).to_contain_text(NUMBER)
    code = texts.code(NUMBER)
    page.fill("[name=code]", "0000-0000")
    press(page, "Add it to my account")
    expect(page.get_by_role("alert").first).to_contain_text("That code is not right")
    expect(page.get_by_role("main")).to_contain_text("4 tries left")
    assert maria.contacts.count() == 1

    page.fill("[name=code]", code)
    press(page, "Add it to my account")

    expect(page.get_by_role("main")).to_contain_text("The number is on your account.")
    expect(page.locator(".contact").filter(has_text="+49 •• 78")).to_contain_text("Counts for")
    phone = maria.contacts.get(kind="phone")
    assert phone.value == NUMBER
    assert phone.verified_at
    mailbox.about("added", MARIA, CHANGED)
