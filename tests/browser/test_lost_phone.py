"""Only the phone is gone: the password and a mailed code, a wait, and the second step is off."""

import re

from playwright.sync_api import Page, expect

from accounts.models import TotpDevice
from accounts.tests.factories import PASSWORD, make_contact, make_totp, make_user
from recovery.models import RecoveryTicket
from tests.browser.claims import DONE, NOTICE, days_go_by, expect_status, go_on_from_the_mail
from tests.browser.mailbox import Mailbox, code_in, words_of
from tests.browser.steps import MARIA, SECURITY, press, sign_in

OLD_ADDRESS = "maria.old@example.net"
TURN_OFF = "Turn off the second step"


def test_password_and_mailbox_turn_the_lost_second_step_off(page: Page, mailbox: Mailbox, worker):
    maria = make_user(email=MARIA)
    make_totp(maria)
    make_contact(maria, OLD_ADDRESS)

    says_that_the_phone_is_gone(page, mailbox)

    expect(page.get_by_role("main")).to_contain_text("Now there is a waiting period")
    assert "you can turn off the second step" in words_of(mailbox.newest(MARIA, "recovery.held"))
    for words in ("was accepted", "Half of the waiting period", "Last day to stop"):
        mailbox.about(words, OLD_ADDRESS, NOTICE)
        assert TotpDevice.objects.in_use().exists()
        days_go_by()

    # So much later it is shown once more that it is still the same person: the code does.
    go_on_from_the_mail(page, mailbox, MARIA)
    expect_status(page, "You can turn off the second step")
    page.get_by_role("main").get_by_role("link", name="Go on").click()
    expect(page.locator("h1")).to_have_text(TURN_OFF)
    press(page, TURN_OFF)
    expect(page.locator("h1")).to_have_text(DONE)

    sign_in(page)  # the password that she always had, alone
    expect(page).to_have_url(SECURITY)
    assert not TotpDevice.objects.in_use().exists()
    mailbox.about("Somebody got back into", OLD_ADDRESS, NOTICE)
    assert RecoveryTicket.objects.get().resets == "second_step"


def says_that_the_phone_is_gone(page: Page, mailbox: Mailbox) -> None:
    sign_in(page)
    page.get_by_role("link", name="I can't use any of these").click()
    expect(page.get_by_label("Which account?")).to_have_value(MARIA)
    press(page, "Send me a code")
    page.fill("[name=code]", code_in(mailbox.newest(MARIA, "recovery.code")))
    press(page, "Go on")
    expect(page.locator("h1")).to_have_text(re.compile("The password that you use now"))
    page.fill("[name=password]", PASSWORD)
    press(page, "Go on")
