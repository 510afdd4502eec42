"""Nothing on file works any more: answers, two members of staff, a wait, and a new password."""

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import Contact, User
from recovery.enums import TicketState
from recovery.models import RecoveryTicket
from recovery.tests.evidence import OLD, make_maria
from tests.browser.claims import (
    ANSWER_IS_DUE,
    NOTICE,
    THANKS,
    WAITING,
    answer,
    choose_a_password,
    days_go_by,
    expect_status,
    go_on_from_the_mail,
    open_claim,
    sign_in_anew,
)
from tests.browser.deciders import Decider
from tests.browser.mailbox import Mailbox, text_of

NEW = "maria.new@example.com"
OLD_ADDRESS = "old@example.net"


@pytest.fixture
def maria() -> User:
    """An account with a history, of which two addresses still hear."""
    return make_maria()


def test_answers_two_people_and_a_wait_lead_to_a_new_password(
    page: Page, maria, mailbox: Mailbox, worker, people: list[Decider]
):
    open_claim(page, mailbox, NEW)
    answer(page, first_name="Maria", contact_1=OLD_ADDRESS, password_1=OLD)

    # Within seconds staff have it, and the owner's addresses hear of that too.
    mailbox.about("Our staff look at a request", OLD_ADDRESS, NOTICE)
    for person in people:
        person.take_next()
        person.decide("Approve", "several rare facts fit")

    # What they agreed on is told no sooner than everybody is told.
    expect_status(page, THANKS)
    assert mailbox.all(NEW, "recovery.held") == []

    days_go_by(ANSWER_IS_DUE)
    assert "we wait until" in text_of(mailbox.newest(NEW, "recovery.held"))
    expect_status(page, WAITING)
    for words in ("was accepted", "Half of the waiting period", "Last day to stop"):
        letter = mailbox.about(words, OLD_ADDRESS, NOTICE)
        assert "/acsr/stop/" in text_of(letter)
        days_go_by()

    go_on_from_the_mail(page, mailbox, NEW)
    choose_a_password(page)
    sign_in_anew(page)

    # For a week the account stays restricted, and the new address counts for nothing.
    page.goto("/security/contacts/")
    expect(page.get_by_role("main")).to_contain_text("addresses can be added, but none can be")
    assert RecoveryTicket.objects.get().state == TicketState.COMPLETED
    assert not Contact.objects.filter(
        user=maria, value=NEW, counts_from__lt=timezone.now()
    ).exists()
    assert Contact.objects.filter(user=maria, value=NEW).exists()
