"""Confirming in the middle of something: the person comes back to what they were doing."""

import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, expect

from accounts import policy
from accounts.models import Contact, Device, User
from accounts.services import totp
from accounts.services.step_up import STEP_UP
from accounts.session_store import SessionStore
from accounts.tests.factories import (
    LONG_AGO,
    PASSWORD,
    make_contact,
    make_recovery_codes,
    make_totp,
    make_user,
)
from tests.browser.mailbox import Mailbox, code_in
from tests.browser.steps import MARIA, SECURITY, confirm, heading, press, sign_in
from tests.browser.test_keyboard import tab_to, type_into
from tests.browser.virtual_authenticator import BUTTON, VirtualAuthenticator

OLD = "maria.old@example.net"
NEW = "maria.new@example.net"
CONTACTS = "/security/contacts/"
ADD = f"{CONTACTS}add/"
ADDED = re.compile(f"{CONTACTS}$")
ASKED = re.compile(r"/security/confirm/\?next=")
BACK = re.compile(f"{ADD}$")
CODE = "accounts.contact_code"
STEP = timedelta(seconds=30)  # that a code of an app lives


@pytest.fixture
def maria() -> User:
    user = make_user(email=MARIA)
    make_contact(user, OLD)
    make_recovery_codes(user)
    return user


def let_lapse(context: BrowserContext) -> None:
    """Let the minutes pass in which a confirmation counts, while the person looks for the words."""
    cookies = {cookie["name"]: cookie["value"] for cookie in context.cookies()}
    session = SessionStore(cookies[settings.SESSION_COOKIE_NAME])
    at = timezone.now() - policy.STEP_UP_LIVES - timedelta(seconds=1)
    session[STEP_UP] = session[STEP_UP] | {"at": at.isoformat()}
    session.save()


def know_browser(user: User) -> None:
    """Let the browser be one that the account has long known, so that it sees addresses in full."""
    Device.objects.filter(user=user).update(first_seen_at=timezone.now() - LONG_AGO / 2)


def send_late(page: Page, address: str = NEW) -> None:
    """Type an address, take too long over it, and send it."""
    expect(page).to_have_url(BACK)
    page.fill("[name=contact]", address)
    let_lapse(page.context)
    press(page, "Send a code there")
    expect(page).to_have_url(ASKED)


def add_what_is_filled_in(page: Page, mailbox: Mailbox) -> None:
    """Find the address still there, send it, and type the code from its mailbox."""
    expect(page).to_have_url(BACK)
    expect(page.locator("[name=contact]")).to_have_value(NEW)
    press(page, "Send a code there")
    expect(page.locator("h1")).to_have_text("Enter the code we sent")
    page.fill("[name=code]", code_in(mailbox.newest(NEW, CODE)))
    press(page, "Add it to my account")
    expect(page).to_have_url(ADDED)


def is_added(page: Page) -> bool:
    """Tell whether the list shows it, and the account has it."""
    expect(page.get_by_role("main")).to_contain_text("The address is on your account.")
    expect(page.locator(".contact").filter(has_text=NEW)).to_be_visible()
    return Contact.objects.filter(value=NEW, verified_at__isnull=False).exists()


def test_round_trip_with_the_keyboard_alone(page: Page, maria, mailbox, worker):
    sign_in(page)
    know_browser(maria)
    page.goto(CONTACTS)
    tab_to(page, page.get_by_role("link", name="Add an address or phone"))
    page.keyboard.press("Enter")
    expect(page).to_have_url(ASKED)
    type_into(page, "password", PASSWORD)
    page.keyboard.press("Enter")
    expect(page).to_have_url(BACK)
    expect(page.locator("h1")).to_be_focused()
    type_into(page, "contact", NEW)
    let_lapse(page.context)
    page.keyboard.press("Enter")

    # Asked; a slip of the finger costs nothing of what was typed before.
    expect(page).to_have_url(ASKED)
    expect(page.locator("h1")).to_be_focused()
    type_into(page, "password", "wrong")
    page.keyboard.press("Enter")
    expect(page.locator("[data-focus]")).to_be_focused()
    type_into(page, "password", PASSWORD)
    page.keyboard.press("Enter")

    expect(page).to_have_url(BACK)
    expect(page.locator("h1")).to_be_focused()
    expect(page.locator("[name=contact]")).to_have_value(NEW)
    tab_to(page, page.get_by_role("button", name="Send a code there"))
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Enter the code we sent")
    type_into(page, "code", code_in(mailbox.newest(NEW, CODE)))
    page.keyboard.press("Enter")
    expect(page).to_have_url(ADDED)
    assert is_added(page)


def test_round_trip_without_scripts(browser, site, maria, mailbox, worker):
    context = browser.new_context(base_url=site, java_script_enabled=False)
    page = context.new_page()
    sign_in(page)
    know_browser(maria)
    page.goto(ADD)
    confirm(page)
    send_late(page)
    confirm(page)

    add_what_is_filled_in(page, mailbox)

    assert is_added(page)
    context.close()


def test_round_trip_with_a_code_of_the_app(page: Page, maria, mailbox, worker):
    sign_in(page)
    know_browser(maria)
    app = make_totp(maria)
    page.goto(ADD)
    now = timezone.now()
    confirm(page, totp.current_code(app, now=now))
    send_late(page)

    # Each code counts once: the one that let her in here before does not again.
    confirm(page, totp.current_code(app, now=now))
    expect(page.get_by_role("alert").first).to_contain_text("That code is not right")
    confirm(page, totp.current_code(app, now=now + STEP))

    add_what_is_filled_in(page, mailbox)
    assert is_added(page)


@pytest.mark.usefixtures("key", "worker")
def test_round_trip_with_a_passkey(page: Page, maria, device: VirtualAuthenticator, mailbox):
    device.wake()
    page.goto("/sign-in/")
    expect(page).to_have_url(SECURITY)
    know_browser(maria)
    page.goto(ADD)
    page.click(BUTTON)
    send_late(page)
    page.click(BUTTON)

    add_what_is_filled_in(page, mailbox)

    assert is_added(page)


def test_one_confirmation_pays_for_one_address(page: Page, maria, mailbox, worker):
    sign_in(page)
    page.goto(ADD)
    confirm(page)
    page.fill("[name=contact]", NEW)
    add_what_is_filled_in(page, mailbox)

    page.goto(ADD)

    expect(page).to_have_url(ASKED)


def test_another_tab_that_confirms_takes_nothing_away(page: Page, maria):
    sign_in(page)
    page.goto(ADD)
    confirm(page)
    other = page.context.new_page()
    send_late(page)
    other.goto("/security/password/")
    old = maria.contacts.get(value=OLD)
    other.goto(f"{CONTACTS}{old.pk}/remove/")
    confirm(other)
    assert heading(other) == "Remove this address?"

    # The first tab still shows the question; it may be answered there, too.
    confirm(page)

    expect(page).to_have_url(BACK)
    expect(page.locator("[name=contact]")).to_have_value(NEW)
    press(other, "Remove it")
    old.refresh_from_db()
    assert old.removed_at


def test_forms_of_two_tabs_are_never_mixed(page: Page, maria):
    sign_in(page)
    page.goto(ADD)
    confirm(page)
    other = page.context.new_page()
    other.goto(f"{CONTACTS}{maria.contacts.get(value=OLD).pk}/mark/")
    send_late(page)
    other.get_by_label("Someone else reads this too").check()
    press(other, "Save")
    confirm(other)
    confirm(page)

    # The newer one waited in the place of the older.
    expect(other.get_by_label("Someone else reads this too")).to_be_checked()
    expect(page).to_have_url(BACK)
    expect(page.locator("[name=contact]")).to_have_value("")
    press(other, "Save")
    assert maria.contacts.get(value=OLD).mark == "shared"


def test_back_and_forward_after_confirming_change_nothing(page: Page, maria):
    sign_in(page)
    page.goto(ADD)
    confirm(page)
    send_late(page)
    confirm(page)
    expect(page.locator("[name=contact]")).to_have_value(NEW)

    page.go_back()
    assert heading(page) == "Is it still you?"
    expect(page.locator("main [name=password]")).to_have_value("")
    page.go_forward()

    expect(page).to_have_url(BACK)
    page.go_back()
    confirm(page)
    expect(page).to_have_url(BACK)
    assert set(maria.contacts.values_list("value", flat=True)) == {MARIA, OLD}
