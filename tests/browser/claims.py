"""What claimants do where nothing on file works any more, and how days go by for them."""

import re
from datetime import timedelta
from typing import Any

from playwright.sync_api import Page, expect

from acsr_site.demo import let_time_pass
from recovery.models import RecoveryTicket
from recovery.tests.deciding import decide
from recovery.tests.staff import make_staff
from tests.browser.mailbox import Mailbox, code_in, link_in
from tests.browser.steps import MARIA, press
from tests.factories import NEW_PASSWORD

NOTICE = "recovery.notice"
SHOW = "Show that the account is yours"
THANKS = "Thank you. We have your answers."
WAITING = "Your request is accepted. Now there is a waiting period."
REFUSED = "We could not go on with this request"
CHOOSE = "Choose a new password"
DONE = "Done. The account is yours again."
ANSWER_IS_DUE = timedelta(hours=25)  # answers are told within a day


def open_claim(page: Page, mailbox: Mailbox, contact: str, account: str = MARIA) -> None:
    """Name an account and a mailbox that can be opened, and type the code from there."""
    page.goto("/acsr/")
    page.fill("[name=identifier]", account)
    page.fill("[name=contact_email]", contact)
    sent = len(mailbox.all(contact, "recovery.code"))
    press(page, "Send me a code")
    expect(page.locator("h1")).to_have_text("Enter the code we sent")
    page.fill("[name=code]", code_in(mailbox.nth(sent, contact, "recovery.code")))
    press(page, "Go on")
    expect(page.locator("h1")).to_have_text(SHOW)


def answer(page: Page, **answers: str) -> None:
    """Answer the questions, by the names of their fields."""
    page.get_by_role("link", name=re.compile("I have none of these")).click()
    expect(page.locator("h1")).to_have_text("Answer some questions")
    for name, value in answers.items():
        page.fill(f"[name={name}]", value)
    press(page, "Send my answers")
    expect(page.locator("h1")).to_have_text(THANKS)


def go_on_from_the_mail(page: Page, mailbox: Mailbox, contact: str) -> None:
    """Open the link of the invitation, have a code sent, and type it."""
    page.goto(link_in(mailbox.newest(contact, "recovery.invitation")))
    expect(page.locator("h1")).to_have_text("Go on with your request")
    press(page, "Send me a code")
    page.fill("[name=code]", code_in(mailbox.newest(contact, "recovery.status_code")))
    press(page, "Show my request")


def choose_a_password(page: Page) -> None:
    """Go on from the page of the request, and set the new password."""
    page.get_by_role("main").get_by_role("link", name="Go on").click()
    expect(page.locator("h1")).to_have_text(CHOOSE)
    page.fill("[name=new_password1]", NEW_PASSWORD)
    page.fill("[name=new_password2]", NEW_PASSWORD)
    press(page, "Save new password")
    expect(page.locator("h1")).to_have_text(DONE)


def sign_in_anew(page: Page, password: str = NEW_PASSWORD) -> None:
    """Sign in with what was chosen."""
    page.goto("/sign-in/")
    page.fill("[name=identifier]", MARIA)
    page.fill("[name=password]", password)
    press(page, "Sign in")
    expect(page).to_have_url(re.compile("/security/$"))


def days_go_by(length: timedelta | None = None) -> None:
    """Let time pass for all that is stored; None: until just after the next thing is due."""
    let_time_pass(None if length is None else int(length.total_seconds()))


def expect_status(page: Page, words: Any) -> None:
    """Look how the request is doing."""
    page.goto("/acsr/status/")
    expect(page.locator("h1")).to_have_text(words)


def two_people_approve(ticket: RecoveryTicket) -> None:
    """Let two of the staff approve, without a browser: for what comes after their decision."""
    for name in ("Lena", "Omar"):
        decide(ticket, make_staff(first_name=name))
