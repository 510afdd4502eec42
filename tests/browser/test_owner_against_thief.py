"""A thief replaced an address last night; both claim the account, and the older side gets it."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from accounts.models import Contact, User
from accounts.queries import mask
from accounts.tests.factories import make_contact
from activity.enums import EventKind
from activity.models import SecurityEvent
from recovery.enums import StaffReason, TicketState
from recovery.models import RecoveryTicket
from recovery.tests.deciding import approval, deal, decide, denial
from recovery.tests.evidence import OLD, OTHER_OLD, make_maria
from recovery.tests.staff import make_staff
from tests.browser.claims import (
    ANSWER_IS_DUE,
    NOTICE,
    REFUSED,
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
from tests.browser.mailbox import Mailbox, link_in
from tests.browser.steps import MARIA, press

NEW = "maria.new@example.com"
OLD_ADDRESS = "old@example.net"
THIEF = "second@example.com"
WITH_STAFF = "Our staff look at a request"


@pytest.fixture
def maria() -> User:
    """An account with a history, of which a thief took one address last night and added his."""
    user = make_maria()
    last_night = timezone.now() - timedelta(hours=9)
    Contact.objects.filter(user=user, value=OLD_ADDRESS).update(removed_at=last_night)
    counts_from = last_night + timedelta(days=7)
    make_contact(user, THIEF, verified_at=last_night, counts_from=counts_from)
    for kind in (EventKind.CONTACT_ADDED, EventKind.CONTACT_REMOVED):
        SecurityEvent.objects.create(user=user, kind=kind, at=last_night)
    return user


@pytest.fixture
def omar(browser: Browser, site: str):
    """An approver, signed in."""
    person = Decider(browser, site, "omar", "approver")
    yield person
    person.context.close()


@pytest.mark.usefixtures("maria")
def test_of_two_who_claim_an_account_the_older_side_gets_it(
    page: Page, others_page: Page, mailbox: Mailbox, worker, omar: Decider
):
    # Both can answer: the thief has read the account, and an old password in a leak.
    open_claim(others_page, mailbox, THIEF)
    answer(others_page, first_name="Maria", contact_1=OLD_ADDRESS, password_1=OTHER_OLD)
    mailbox.about(WITH_STAFF, MARIA, NOTICE)
    mailbox.letters.clear()
    open_claim(page, mailbox, NEW)
    answer(page, first_name="Maria", contact_1=OLD_ADDRESS, password_1=OLD)

    # He also presses stop; his address is too young to end her request.
    others_page.goto(link_in(mailbox.nth(1, THIEF, NOTICE)))  # opened, and with staff
    press(others_page, "Stop this request")
    expect(others_page.locator("h1")).to_have_text("We have told our staff.")

    staff_decide(omar, young=Contact.objects.get(value=THIEF))
    mailbox.letters.clear()
    days_go_by(ANSWER_IS_DUE)

    mailbox.newest(THIEF, "recovery.refused")
    expect_status(others_page, REFUSED)
    mailbox.newest(NEW, "recovery.held")
    expect_status(page, WAITING)
    for words in ("was accepted", "Half of the waiting period", "Last day to stop"):
        mailbox.about(words, MARIA, NOTICE)
        days_go_by()
    go_on_from_the_mail(page, mailbox, NEW)
    choose_a_password(page)
    sign_in_anew(page)

    states = RecoveryTicket.objects.values_list("contact", "state")
    assert dict(states) == {THIEF: TicketState.DENIED, NEW: TicketState.COMPLETED}
    assert Contact.objects.get(value=THIEF).suspended_at
    assert mailbox.all(THIEF, NOTICE) == []  # what was suspended hears nothing more


def staff_decide(omar: Decider, *, young: Contact) -> None:
    """Let two people approve her request without the young address, and refuse his."""
    hers, his = (RecoveryTicket.objects.get(contact=contact) for contact in (NEW, THIEF))
    lena = make_staff(first_name="Lena")
    older = (StaffReason.OLDER_SIDE,)
    decide(hers, lena, approval(reasons=older, suspend_contacts=(young.pk,)))
    deal(hers, omar.user)
    omar.page.goto(f"/admin/recovery/cases/{hers.pk}/")
    note = "His address came last night, hers is years old."
    omar.decide("Approve", "older proofs", note=note, suspend=(re.escape(mask(young.value)),))
    for person in (lena, omar.user):
        decide(his, person, denial(reasons=(StaffReason.STRONGER_CLAIM,)))
