"""How the owner of a paused account gets back in: an ordinary request, by the mailbox on file."""

from playwright.sync_api import Page, expect

from tests.browser.claims import CHOOSE, DONE, sign_in_anew
from tests.browser.mailbox import Mailbox, code_in
from tests.browser.steps import MARIA, press
from tests.factories import NEW_PASSWORD

PAUSED = "This account is paused"


def get_back(owner: Page, mailbox: Mailbox) -> None:
    """Go on from a page that says that the account is paused, until signed in again."""
    owner.get_by_role("main").get_by_role("link", name="Get back into my account").click()
    owner.fill("[name=identifier]", MARIA)
    press(owner, "Send me a code")
    owner.fill("[name=code]", code_in(mailbox.newest(MARIA, "recovery.code")))
    press(owner, "Go on")
    expect(owner.locator("h1")).to_have_text(CHOOSE)
    owner.fill("[name=new_password1]", NEW_PASSWORD)
    owner.fill("[name=new_password2]", NEW_PASSWORD)
    press(owner, "Save new password")
    expect(owner.locator("h1")).to_have_text(DONE)
    sign_in_anew(owner)
