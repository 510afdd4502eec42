"""A thief who knows the password presses stop at every turn, and the owner gets in all the same."""

import re

from playwright.sync_api import Page, expect

from recovery.enums import TicketState, Verdict
from recovery.models import Objection, RecoveryTicket
from recovery.tests.deciding import decide
from recovery.tests.evidence import OLD, make_maria
from recovery.tests.staff import make_staff
from tests.browser.claims import (
    ANSWER_IS_DUE,
    NOTICE,
    WAITING,
    answer,
    choose_a_password,
    days_go_by,
    expect_status,
    go_on_from_the_mail,
    open_claim,
    sign_in_anew,
)
from tests.browser.mailbox import Mailbox
from tests.browser.steps import SECURITY, press, sign_in

NEW = "maria.new@example.com"
OLD_ADDRESS = "old@example.net"
SIGN_IN = re.compile(r"/sign-in/\?next=")


def test_pressing_stop_for_ever_keeps_no_owner_out(
    page: Page, others_page: Page, mailbox: Mailbox, worker
):
    make_maria()
    open_claim(page, mailbox, NEW)
    answer(page, first_name="Maria", contact_1=OLD_ADDRESS, password_1=OLD)
    mailbox.about("Our staff look at a request", OLD_ADDRESS, NOTICE)
    ticket = RecoveryTicket.objects.get()

    # Staff are told once; each vote after that stands, whoever presses what.
    press_stop(others_page)
    for name in ("Lena", "Omar"):
        decide(ticket, make_staff(first_name=name))
        press_stop(others_page)
        press_stop(others_page)
    days_go_by(ANSWER_IS_DUE)
    mailbox.newest(NEW, "recovery.held")
    press_stop(others_page)

    expect_status(page, WAITING)
    assert list(ticket.votes.values_list("verdict", "voided_at")) == [(Verdict.APPROVE, None)] * 2
    assert Objection.objects.get().cancelled_the_ticket is False

    for words in ("was accepted", "Half of the waiting period", "Last day to stop"):
        mailbox.about(words, OLD_ADDRESS, NOTICE)
        press_stop(others_page)
        days_go_by()
    go_on_from_the_mail(page, mailbox, NEW)
    press_stop(others_page)
    choose_a_password(page)

    sign_in_anew(page)
    assert RecoveryTicket.objects.get().state == TicketState.COMPLETED
    others_page.goto("/security/")
    expect(others_page).to_have_url(SIGN_IN)


def press_stop(thief: Page) -> None:
    """Sign in with the password, in a browser that is new to the account, and press stop."""
    sign_in(thief)
    expect(thief).to_have_url(SECURITY)
    thief.goto("/acsr/object/")
    press(thief, "Stop this request")
    expect(thief.locator("h1")).to_have_text("We have told our staff.")
