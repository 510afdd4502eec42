"""An old contact objects while a request waits that staff have approved."""

from playwright.sync_api import Page, expect

from recovery.enums import CancelCause, TicketState
from recovery.models import RecoveryTicket
from recovery.tests.evidence import OLD, make_maria
from tests.browser.claims import (
    ANSWER_IS_DUE,
    NOTICE,
    REFUSED,
    WAITING,
    answer,
    days_go_by,
    expect_status,
    open_claim,
    two_people_approve,
)
from tests.browser.mailbox import Mailbox, link_in, words_of
from tests.browser.steps import SECURITY, press, sign_in

EX = "ex.partner@example.com"
OLD_ADDRESS = "old@example.net"


def test_an_old_contact_stops_what_staff_have_approved(
    page: Page, others_page: Page, mailbox: Mailbox, worker
):
    make_maria()
    open_claim(others_page, mailbox, EX)
    answer(others_page, first_name="Maria", contact_1=OLD_ADDRESS, password_1=OLD)
    mailbox.about("Our staff look at a request", OLD_ADDRESS, NOTICE)
    two_people_approve(RecoveryTicket.objects.get())
    days_go_by(ANSWER_IS_DUE)
    mailbox.newest(EX, "recovery.held")
    expect_status(others_page, WAITING)

    # Maria reads an old mailbox: no sign-in, no cookie.
    page.goto(link_in(mailbox.about("was accepted", OLD_ADDRESS, NOTICE)))
    press(page, "Stop this request")

    expect(page.locator("h1")).to_contain_text("Stopped.")
    ticket = RecoveryTicket.objects.get()
    assert (ticket.state, ticket.cancel_cause) == (TicketState.CANCELLED, CancelCause.OBJECTION)
    # Whoever asked is refused in the same words as everybody.
    refusal = words_of(mailbox.newest(EX, "recovery.refused"))
    assert "object" not in refusal
    assert "stopped" not in refusal
    expect_status(others_page, REFUSED)
    others_page.goto("/acsr/password/")
    expect(others_page.locator("h1")).to_have_text(REFUSED)
    sign_in(page)  # with the password that she had
    expect(page).to_have_url(SECURITY)
