"""A thief adds an address of his own: the owner reports it from her mail and takes it off."""

import re

import pytest
from playwright.sync_api import Page, expect

from accounts.models import Contact, User
from accounts.tests.factories import make_user
from activity.tests.sign_ins import FRANCE
from tests.browser.habits import grow_old, live_in_germany
from tests.browser.mailbox import Mailbox, code_in, link_in
from tests.browser.returning import get_back
from tests.browser.steps import MARIA, SECURITY, confirm, press, type_password
from tests.browser.windows import Windows
from tests.factories import NEW_PASSWORD

THIEF = "thief@example.com"
CHANGED = "activity.account_changed"
CONTACTS = "/security/contacts/"
SIGN_IN = re.compile(r"/sign-in/\?next=")


@pytest.fixture
def maria() -> User:
    user = make_user(email=MARIA, first_name="Maria")
    live_in_germany(user)
    return user


def test_an_address_of_the_thief_has_no_say_and_goes(
    windows: Windows, maria: User, mailbox: Mailbox, worker
):
    owner, thief = windows.open(), windows.open(FRANCE)
    type_password(owner)
    expect(owner).to_have_url(SECURITY)
    grow_old(maria)
    add_address(thief, mailbox)
    owner.goto(CONTACTS)  # what he did has ended her session
    expect(owner).to_have_url(SIGN_IN)

    # What his own address is told has a link, too; read now, because the pause is told to it next.
    his_link = link_in(mailbox.newest(THIEF, CHANGED))
    owner.goto(link_in(mailbox.about("added", MARIA, CHANGED)))
    press(owner, "Pause my account")
    expect(owner.locator("h1")).to_contain_text("Paused at")
    thief.goto(his_link)  # it ends nothing
    expect(thief.locator("h1")).to_have_text("Was this not you? Tell our staff.")
    press(thief, "It was me after all")
    expect(thief.locator("h1")).to_have_text("Thank you. We keep an eye on it.")
    maria.refresh_from_db()
    assert maria.frozen_at

    get_back(owner, mailbox)
    owner.goto(CONTACTS)
    his = Contact.objects.get(value=THIEF)
    owner.locator(f"a[href='{CONTACTS}{his.pk}/remove/']").click()
    owner.fill("main [name=password]", NEW_PASSWORD)
    press(owner, "Go on")
    press(owner, "Remove it")
    expect(owner.get_by_role("main")).to_contain_text("It is removed.")
    his.refresh_from_db()
    assert his.removed_at


def add_address(thief: Page, mailbox: Mailbox) -> None:
    """Sign in with the password alone and put an address on file."""
    type_password(thief)
    expect(thief).to_have_url(SECURITY)
    thief.goto(f"{CONTACTS}add/")
    confirm(thief)
    thief.fill("[name=contact]", THIEF)
    press(thief, "Send a code there")
    thief.fill("[name=code]", code_in(mailbox.newest(THIEF, "accounts.contact_code")))
    press(thief, "Add it to my account")
    expect(thief.get_by_role("main")).to_contain_text("The address is on your account.")
