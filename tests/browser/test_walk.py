"""The main job: a person who forgot the password gets back in by themselves.

Read this file to learn what the portal does. A real browser, a real web server, a real worker
process and a real mail server; nobody in it knows anything that a person would not.
"""

import re

from playwright.sync_api import Page, expect

from accounts.tests.factories import make_contact, make_user
from tests.browser.mailbox import Mailbox, code_in, text_of

MARIA = "maria@example.org"
OLD_ADDRESS = "maria.old@example.net"
NEW_PASSWORD = "Bright-window-9-hill"
NOTICE = "recovery.notice"


def test_a_locked_out_person_gets_back_in(page: Page, mailbox: Mailbox, worker):
    maria = make_user(email=MARIA, first_name="Maria")
    make_contact(maria, OLD_ADDRESS)

    names_her_account(page)
    types_the_code_from_her_mailbox(page, mailbox)

    # Her other address hears of it at once, and could stop it; the one that has just shown
    # itself needs no warning.
    assert "/acsr/stop/" in text_of(mailbox.newest(OLD_ADDRESS, NOTICE))
    assert mailbox.all(MARIA, NOTICE) == []

    chooses_a_new_password(page)
    signs_in_with_it(page)

    # She sees what happened ...
    page.goto("/activity/")
    for fact in ("Signed in", "Account recovered", "Recovery asked for"):
        expect(page.get_by_role("main")).to_contain_text(fact)
    # ... and her other address hears that it is done, with a link that pauses the account.
    done = mailbox.about("got back into", OLD_ADDRESS, NOTICE)
    assert "/acsr/stop/" in text_of(done)


def names_her_account(page: Page) -> None:
    """She opens the portal and names her account; she can still open its mailbox."""
    page.goto("/")
    page.get_by_role("link", name="Start recovery").first.click()
    page.get_by_label("Which account?").fill(MARIA)
    page.get_by_label("An e-mail address you can open now").fill(MARIA)
    page.get_by_role("button", name="Send me a code").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Enter the code we sent")
    expect(page.get_by_role("main")).to_contain_text(MARIA)


def types_the_code_from_her_mailbox(page: Page, mailbox: Mailbox) -> None:
    """The mail arrives through the worker; the page says when it was handed over."""
    letter = mailbox.newest(MARIA, "recovery.code")
    expect(page.locator("#delivery")).to_contain_text("the mail server of example.org")

    # A slip of the finger is told plainly, and costs one of five tries.
    page.get_by_label("Code", exact=True).fill("0000-0000")
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("alert").first).to_contain_text("not right, or its time is over")
    expect(page.get_by_role("main")).to_contain_text("4 tries left")

    page.get_by_label("Code", exact=True).fill(code_in(letter))
    page.get_by_role("button", name="Go on").click()


def chooses_a_new_password(page: Page) -> None:
    """Her own address was enough, because she has no second step on."""
    expect(page.get_by_role("heading", level=1)).to_have_text("Choose a new password")

    # A weak password is refused with what is still needed; a strong one is taken.
    for password in ("password", NEW_PASSWORD):
        page.get_by_label("New password", exact=True).fill(password)
        page.get_by_label("The same password again", exact=True).fill(password)
        page.get_by_role("button", name="Save new password").click()
        if password != NEW_PASSWORD:
            expect(page.get_by_role("alert").first).to_contain_text("Still needed")
    expect(page.get_by_role("heading", level=1)).to_contain_text("The account is yours again")


def signs_in_with_it(page: Page) -> None:
    """Nobody is signed in by a recovery: she signs in as always."""
    page.get_by_role("main").get_by_role("link", name="Sign in").click()
    page.get_by_label(re.compile("E-mail address")).fill(MARIA)
    page.get_by_label("Password", exact=True).fill(NEW_PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(re.compile("/security/$"))
