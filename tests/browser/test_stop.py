"""An owner stops a request that is not theirs, from the mail alone: no sign-in, no cookie."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from accounts.tests.factories import make_user
from recovery.enums import CancelCause, TicketState
from recovery.models import RecoveryTicket
from tests.browser.mailbox import Mailbox, code_in, link_in

MARIA = "maria@example.org"
STRANGER = "stranger@example.net"


@pytest.fixture
def strangers_page(browser: Browser, site: str):
    context = browser.new_context(base_url=site)
    yield context.new_page()
    context.close()


def test_the_link_in_the_mail_stops_a_stranger(
    page: Page, strangers_page: Page, mailbox: Mailbox, worker
):
    make_user(email=MARIA, first_name="Maria")
    asks_for_marias_account(strangers_page, mailbox)

    # The mail reaches Maria; opening its link does nothing yet.
    page.goto(link_in(mailbox.newest(MARIA, "recovery.notice")))
    expect(page.get_by_role("heading", level=1)).to_contain_text("Stop it?")
    assert RecoveryTicket.objects.get().state == TicketState.AWAITING_PROOF

    page.get_by_role("button", name="Stop this request").click()

    expect(page.get_by_role("heading", level=1)).to_contain_text("Stopped.")
    ticket = RecoveryTicket.objects.get()
    assert (ticket.state, ticket.cancel_cause) == (TicketState.CANCELLED, CancelCause.OBJECTION)
    # The stranger has proved nothing, and is not told that somebody could stop it.
    strangers_page.reload()
    expect(strangers_page).to_have_url(re.compile("/acsr/proof/$"))

    # Pressed by mistake? For ten minutes it can be taken back.
    page.get_by_role("button", name="It was me after all").click()

    expect(page.get_by_role("heading", level=1)).to_contain_text("Taken back")
    assert RecoveryTicket.objects.get().state == TicketState.AWAITING_PROOF


def asks_for_marias_account(page: Page, mailbox: Mailbox) -> None:
    """A stranger names the account and a mailbox of their own, and types the code."""
    page.goto("/acsr/")
    page.get_by_label("Which account?").fill(MARIA)
    page.get_by_label("An e-mail address you can open now").fill(STRANGER)
    page.get_by_role("button", name="Send me a code").click()
    code = code_in(mailbox.newest(STRANGER, "recovery.code"))
    page.get_by_label("Code", exact=True).fill(code)
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Show that the account is yours")
