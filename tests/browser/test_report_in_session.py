"""The owner meets a thief's sign-in in a browser of long standing: he is out, she stays."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import Contact, User
from accounts.tests.factories import PASSWORD, make_contact, make_user
from activity.tests.sign_ins import FRANCE
from tests.browser.habits import grow_old, live_in_germany
from tests.browser.steps import MARIA, SECURITY, press, sign_in, type_password
from tests.browser.windows import Windows
from tests.factories import NEW_PASSWORD

THIEF = "thief@example.com"
SIGN_IN = re.compile(r"/sign-in/\?next=")
SHUT_OUT = "We have shut them out. Now let us close the door."
SPENT = "This password is not used any more"


@pytest.fixture
def maria() -> User:
    user = make_user(email=MARIA, first_name="Maria")
    live_in_germany(user)
    return user


@pytest.fixture
def owner(windows: Windows, maria: User) -> Page:
    """Her browser at home, open since last week."""
    window = windows.open()
    type_password(window)
    expect(window).to_have_url(SECURITY)
    grow_old(maria)
    return window


@pytest.fixture
def thief(windows: Windows, owner: Page) -> Page:
    """Somebody abroad who knows the password."""
    window = windows.open(FRANCE)
    type_password(window)
    expect(window).to_have_url(SECURITY)
    return window


@pytest.fixture
def his(maria: User, thief: Page) -> Contact:
    """An address of his; a row, because what he adds on the pages ends her session at once."""
    now = timezone.now()
    return make_contact(maria, THIEF, verified_at=now, counts_from=now + timedelta(days=7))


def report(owner: Page) -> None:
    """Go from the list to the event, and press there."""
    owner.goto("/activity/")
    card = owner.get_by_role("region", name="Sign-in from a new country")
    expect(card).to_contain_text("France")
    card.get_by_role("link", name="This wasn't me").click()
    expect(owner.get_by_text("You stay signed in here.")).to_be_visible()
    press(owner, "This wasn't me")
    expect(owner.locator("h1")).to_have_text(SHUT_OUT)


def test_thief_is_shut_out_and_the_owner_stays(owner: Page, thief: Page, his: Contact):
    report(owner)
    done = owner.locator("main ul").first
    for words in ("Signed out 1 browser", "an e-mail address that was added", "password", "staff"):
        expect(done).to_contain_text(words)
    his.refresh_from_db()
    assert his.suspended_at

    thief.goto("/security/contacts/")
    expect(thief).to_have_url(SIGN_IN)
    sign_in(thief)
    expect(thief.locator("h1")).to_have_text(SPENT)

    owner.get_by_role("link", name="Choose a new password").first.click()
    owner.fill("[name=old_password]", PASSWORD)
    owner.fill("[name=new_password1]", NEW_PASSWORD)
    owner.fill("[name=new_password2]", NEW_PASSWORD)
    press(owner, "Save new password")
    expect(owner).to_have_url(SECURITY)
    sign_in(thief)
    expect(thief.get_by_role("alert").first).to_contain_text("do not belong together")


def test_what_was_pressed_by_mistake_is_taken_back(
    windows: Windows, owner: Page, thief: Page, his: Contact
):
    report(owner)
    press(owner, "It was me after all: take it back")
    expect(owner.locator("h1")).to_have_text("Taken back. It is as it was before.")

    his.refresh_from_db()
    assert (his.suspended_at, his.removed_at) == (None, None)
    owner.goto("/security/")
    expect(owner).to_have_url(SECURITY)
    again = windows.open()
    type_password(again)
    expect(again).to_have_url(SECURITY)
    # It asks again: nobody has said who that sign-in was.
    owner.goto("/activity/")
    expect(owner.get_by_role("region", name="Sign-in from a new country")).to_be_visible()
