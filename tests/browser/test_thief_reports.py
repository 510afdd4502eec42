"""A thief inside uses the owner's own buttons, and gains nothing by it."""

import re

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from accounts.tests.factories import make_contact, make_user
from activity.enums import EventKind
from activity.tests.sign_ins import FRANCE
from tests.browser.habits import grow_old, live_in_germany
from tests.browser.mailbox import Mailbox
from tests.browser.returning import PAUSED, get_back
from tests.browser.steps import MARIA, SECURITY, press, sign_in, type_password
from tests.browser.windows import Windows

OTHER = "maria.other@example.net"
SIGN_IN = re.compile(r"/sign-in/\?next=")


@pytest.fixture
def maria() -> User:
    user = make_user(email=MARIA, first_name="Maria")
    make_contact(user, OTHER)
    live_in_germany(user)
    return user


@pytest.fixture
def owner(windows: Windows, maria: User) -> Page:
    window = windows.open()
    type_password(window)
    expect(window).to_have_url(SECURITY)
    grow_old(maria)
    return window


@pytest.fixture
def thief(windows: Windows, owner: Page) -> Page:
    window = windows.open(FRANCE)
    type_password(window)
    expect(window).to_have_url(SECURITY)
    return window


def contacts_of(user: User) -> list[tuple[object, ...]]:
    columns = ("value", "signs_in", "counts_from", "removed_at", "suspended_at", "is_in_doubt")
    return list(user.contacts.order_by("pk").values_list(*columns))


def test_reporting_the_owner_pauses_and_throws_the_thief_out_too(
    owner: Page, thief: Page, maria: User, mailbox: Mailbox, worker
):
    before = contacts_of(maria)
    hers = maria.events.filter(kind=EventKind.SIGNED_IN, country="DE").latest("at")

    thief.goto(f"/activity/{hers.pk}/")
    expect(thief.get_by_role("main")).to_contain_text("Your account is paused")
    press(thief, "This wasn't me")
    expect(thief.locator("h1")).to_contain_text("Paused at")

    for window in (thief, owner):
        other = window.context.new_page()
        other.goto("/security/")
        expect(other).to_have_url(SIGN_IN)
        other.close()
    type_password(owner)
    expect(owner.locator("h1")).to_have_text(PAUSED)
    maria.refresh_from_db()
    assert contacts_of(maria) == before
    assert maria.password_spent_at is None

    get_back(owner, mailbox)
    # He still has the page that takes his own report back.
    press(thief, "Take it back")
    expect(thief.get_by_role("main")).to_contain_text("That cannot be taken back any more")
    owner.goto("/security/")
    expect(owner).to_have_url(SECURITY)
    sign_in(thief)
    expect(thief.get_by_role("alert").first).to_contain_text("do not belong together")
    maria.refresh_from_db()
    assert maria.frozen_at is None
    assert contacts_of(maria) == before


def test_vouching_for_oneself_keeps_the_owner_asked(
    windows: Windows, owner: Page, thief: Page, maria: User
):
    thief.goto("/activity/")
    press(thief, "This was me")
    expect(thief.get_by_role("main")).to_contain_text("We keep an eye on it.")

    owner.goto("/activity/")
    card = owner.get_by_role("region", name="Sign-in from a new country")
    expect(card).to_contain_text("Somebody said here that it was you.")
    owner.goto("/security/")
    expect(owner.get_by_role("link", name="Look and say")).to_be_visible()
    # He stays unusual, however often he comes.
    type_password(windows.open(FRANCE))
    assert maria.events.filter(kind=EventKind.SIGNED_IN).latest("at").is_unusual
