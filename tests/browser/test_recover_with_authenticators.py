"""Getting back in where two-step verification is on, with what people have of it."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import Passkey, TotpDevice, User
from accounts.services import totp
from accounts.tests.factories import (
    LONG_AGO,
    PASSWORD,
    make_contact,
    make_recovery_codes,
    make_totp,
    make_user,
)
from recovery.enums import Resets
from recovery.models import Proof, RecoveryTicket
from tests.browser.mailbox import Mailbox, code_in
from tests.browser.steps import MARIA, SECURITY, heading, press, sign_in
from tests.browser.virtual_authenticator import BUTTON, VirtualAuthenticator
from tests.factories import NEW_PASSWORD, code_of
from tests.stranger import work_through

OLD = "maria.old@example.net"
SHOW = "Show that the account is yours"
CHOOSE = "Choose a new password"
TURN_OFF = "Turn off the second step"
VERIFY = re.compile(r"/sign-in/verify/$")
STEP = timedelta(seconds=30)  # that a code of an app lives
WAIT = timedelta(hours=72)


@pytest.fixture
def maria() -> User:
    return make_user(email=MARIA)


def show_the_mailbox(page: Page, mailbox: Mailbox) -> None:
    """Start with the account's own address, and type the code that reaches it."""
    page.goto("/acsr/")
    page.get_by_label("Which account?").fill(MARIA)
    press(page, "Send me a code")
    page.fill("[name=code]", code_in(mailbox.newest(MARIA, "recovery.code")))
    press(page, "Go on")


def choose(page: Page, way: str) -> None:
    """Take one of the ways that are offered."""
    expect(page.locator("h1")).to_have_text(SHOW)
    page.get_by_role("main").get_by_role("link", name=re.compile(way)).click()


def choose_a_password(page: Page) -> None:
    expect(page.locator("h1")).to_have_text(CHOOSE)
    page.fill("[name=new_password1]", NEW_PASSWORD)
    page.fill("[name=new_password2]", NEW_PASSWORD)
    press(page, "Save new password")
    assert heading(page) == "Done. The account is yours again."


def type_new_password(page: Page) -> None:
    """Sign in with it; the second step is asked for as before."""
    page.get_by_role("main").get_by_role("link", name="Sign in").click()
    page.fill("[name=identifier]", MARIA)
    page.fill("[name=password]", NEW_PASSWORD)
    press(page, "Sign in")
    expect(page).to_have_url(VERIFY)


def test_mailbox_and_app_lead_to_a_new_password_at_once(page: Page, maria, mailbox, worker):
    app = make_totp(maria)
    show_the_mailbox(page, mailbox)
    choose(page, "authenticator app")
    now = timezone.now()
    page.fill("[name=token]", totp.current_code(app, now=now))
    press(page, "Go on")

    choose_a_password(page)

    type_new_password(page)
    page.fill("[name=token]", totp.current_code(app, now=now))
    press(page, "Go on")
    expect(page.get_by_role("alert").first).to_be_visible()  # it was used as proof
    page.fill("[name=token]", totp.current_code(app, now=now + STEP))
    press(page, "Go on")
    expect(page).to_have_url(SECURITY)


def test_mailbox_and_printed_code_lead_to_a_new_password_at_once(
    page: Page, maria, mailbox, worker
):
    make_totp(maria)
    _set, codes = make_recovery_codes(maria)
    show_the_mailbox(page, mailbox)
    choose(page, "printed recovery code")
    page.fill("[name=token]", "-".join(re.findall("....", codes[0])))
    press(page, "Go on")

    choose_a_password(page)

    type_new_password(page)
    page.fill("[name=token]", codes[0])
    press(page, "Go on")
    expect(page.get_by_role("alert").first).to_be_visible()  # each works once
    page.fill("[name=token]", codes[1])
    press(page, "Go on")
    expect(page).to_have_url(SECURITY)


@pytest.fixture
def spare(maria) -> None:
    """Printed codes, without which no first second step can be made."""
    make_recovery_codes(maria)


@pytest.mark.usefixtures("spare", "key", "worker")
def test_mailbox_and_passkey_lead_to_a_new_password_at_once(
    page: Page, device: VirtualAuthenticator, mailbox
):
    Passkey.objects.update(made_at=timezone.now() - LONG_AGO)
    show_the_mailbox(page, mailbox)
    choose(page, "passkey or security key")
    expect(page.locator(BUTTON)).to_be_visible()
    device.wake()
    page.click(BUTTON)
    expect(page.locator("h1")).to_have_text(CHOOSE)
    device.rest()

    choose_a_password(page)

    type_new_password(page)
    device.wake()
    page.click(BUTTON)
    expect(page).to_have_url(SECURITY)


def test_password_and_mailbox_take_the_lost_second_step_off_after_a_wait(page: Page, maria):
    """No worker here: what comes due in three days is done by this process."""
    make_totp(maria)
    make_contact(maria, OLD)  # who else could object
    asks_from_the_second_step(page)
    waits_72_hours(page)

    page.get_by_role("main").get_by_role("link", name="Go on").click()
    # So much later it must show once more that it is still the same person.
    choose(page, "I lost only the second step")
    page.fill("[name=password]", PASSWORD)
    press(page, "Go on")
    assert heading(page) == TURN_OFF
    assert TotpDevice.objects.in_use().exists()
    press(page, TURN_OFF)
    assert heading(page) == "Done. The account is yours again."

    sign_in(page)  # the password alone
    expect(page).to_have_url(SECURITY)
    assert not TotpDevice.objects.in_use().exists()


def asks_from_the_second_step(page: Page) -> None:
    """She types her password and finds that the phone with the app is gone."""
    sign_in(page)
    expect(page).to_have_url(VERIFY)
    page.get_by_role("link", name="I can't use any of these").click()
    expect(page.get_by_label("Which account?")).to_have_value(MARIA)
    press(page, "Send me a code")
    page.fill("[name=code]", code_of(MARIA))
    press(page, "Go on")
    assert heading(page) == "The password that you use now"
    page.fill("[name=password]", PASSWORD)
    press(page, "Go on")
    expect(page.get_by_role("main")).to_contain_text("Now there is a waiting period")
    ticket = RecoveryTicket.objects.get()
    assert (ticket.hold_length, ticket.resets) == (WAIT, Resets.SECOND_STEP)


def waits_72_hours(page: Page) -> None:
    """Let three days go by, as far as the database knows of them."""
    for _ in range(2):  # the wait begins once its notice was handed over
        work_through()
    page.goto("/acsr/password/")
    assert "waiting period" in heading(page)  # no sooner
    Proof.objects.update(proved_at=timezone.now() - WAIT)
    ended = timezone.now() - timedelta(minutes=1)
    RecoveryTicket.objects.update(hold_from=ended - WAIT, hold_until=ended)
    work_through()
    page.goto("/acsr/status/")
    assert heading(page) == "You can turn off the second step"
