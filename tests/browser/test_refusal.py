"""Too little the first time: the mail says how complete it was, and the second try goes further."""

from playwright.sync_api import Page, expect

from recovery.enums import TicketState
from recovery.models import RecoveryTicket
from recovery.tests.evidence import OLD, make_maria
from tests.browser.claims import (
    ANSWER_IS_DUE,
    NOTICE,
    REFUSED,
    answer,
    days_go_by,
    expect_status,
    open_claim,
)
from tests.browser.mailbox import Mailbox, link_in, words_of

NEW = "maria.new@example.com"
OLD_ADDRESS = "old@example.net"


def test_a_better_second_try_reaches_people(page: Page, mailbox: Mailbox, worker):
    make_maria()
    open_claim(page, mailbox, NEW)
    answer(page, first_name="Maria")

    days_go_by(ANSWER_IS_DUE)
    letter = mailbox.newest(NEW, "recovery.refused")

    told = words_of(letter)
    assert "You asked for the account: maria@example.org." in told
    assert "About you: little" in told
    assert "Earlier passwords: nothing" in told
    assert "an earlier password, even an old one," in told
    expect_status(page, REFUSED)
    expect(page.get_by_role("main")).to_contain_text("Earlier passwords")

    # The mail leads to the start; she has found an old password and thought of an address.
    page.goto(link_in(letter))
    open_claim(page, mailbox, NEW)
    answer(page, first_name="Maria", contact_1=OLD_ADDRESS, password_1=OLD)

    mailbox.about("Our staff look at a request", OLD_ADDRESS, NOTICE)
    states = RecoveryTicket.objects.order_by("opened_at").values_list("state", flat=True)
    assert list(states) == [TicketState.DENIED, TicketState.IN_REVIEW]
