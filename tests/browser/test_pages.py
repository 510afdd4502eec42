"""Every page of the portal, in every state that a person can meet: no axe violation, no overflow.

No worker here: codes are read where they wait, and what is due is done by this process.
"""

import re

import pytest
from django.core import mail

from accounts.policy import EDGE_LIMITS, Rule
from accounts.services import totp
from accounts.tests.factories import PASSWORD, make_contact, make_totp, make_user
from recovery.models import RecoveryTicket
from tests.browser.tour import Tour
from tests.factories import NEW_PASSWORD, WRONG_CODE, code_of
from tests.stranger import work_through

MARIA = "maria@example.org"
OLD = "maria.old@example.net"
PHONE = "+491512345678"
LINK = re.compile(r"/acsr/stop/\S+")


@pytest.fixture
def maria():
    user = make_user(email=MARIA, first_name="Maria")
    make_contact(user, OLD)
    return user


def open_ticket(tour: Tour, contact: str = MARIA) -> None:
    tour.page.goto("/acsr/")
    tour.send("Send me a code", identifier=MARIA, contact_email=contact)


def test_pages_that_anybody_opens(tour):
    tour.visit(
        "/",
        "/how/",
        "/acsr/",
        "/acsr/?takeover=1",
        "/acsr/name/",
        "/acsr/status/",
        "/sign-in/",
        "/sign-up/",
        "/acsr/stop/a-guess/",
        "/nowhere/",
    )

    assert tour.faults == []


def test_first_pages_with_their_errors(tour, maria):
    tour.page.goto("/acsr/")
    tour.send("Send me a code")
    tour.look()
    tour.send("Send me a code", identifier=MARIA, contact_email="me@gmial.com")
    tour.look()
    tour.page.goto("/acsr/name/")
    tour.send("Write to this address", contact="nonsense")
    tour.look()
    tour.send("Write to this address", contact=MARIA)
    tour.look()
    tour.page.goto("/acsr/status/")
    tour.send("Send me a code", contact_email=MARIA)
    tour.look()

    assert tour.faults == []


def test_pages_of_the_code(tour, maria):
    open_ticket(tour)
    tour.look("Enter the code")
    tour.send("Go on", code="0000-0000")
    tour.look("Enter the code")
    code = code_of(MARIA)
    work_through()
    tour.page.reload()
    tour.look("Enter the code")
    tour.send("Go on", code=code)
    tour.look("Choose a new password")
    tour.send("Save new password", new_password1="short", new_password2="other")
    tour.look("Choose a new password")
    tour.send("Save new password", new_password1=NEW_PASSWORD, new_password2=NEW_PASSWORD)
    tour.look("yours again")
    tour.visit("/acsr/status/")

    assert tour.faults == []


def test_pages_of_too_many_codes(tour, maria):
    open_ticket(tour)
    for _ in range(5):
        tour.send("Go on", code=WRONG_CODE)
    tour.look("closed")
    tour.visit("/acsr/status/")

    assert tour.faults == []


def test_pages_of_the_proof(tour, maria):
    open_ticket(tour, "new@example.com")
    tour.send("Go on", code=code_of("new@example.com"))
    tour.look()
    tour.visit(*(f"/acsr/proof/{way}/" for way in ("authenticator", "passkey", "password")))
    tour.visit("/acsr/proof/questions/", "/acsr/status/", "/acsr/proof/contact/")
    tour.send("Send a code there", contact="nonsense")
    tour.look()
    tour.send("Send a code there", contact=OLD)
    tour.look()
    tour.send("Go on", code=WRONG_CODE)
    tour.look()
    tour.page.goto("/acsr/proof/contact/?other=1")
    tour.send("Send a code there", contact=OLD)
    tour.look()
    tour.page.goto("/acsr/status/")
    tour.send("Withdraw this request")
    tour.look()

    assert tour.faults == []


def test_pages_of_a_waiting_period(tour, maria):
    make_totp(maria)
    make_contact(maria, PHONE)
    open_ticket(tour)
    tour.send("Go on", code=code_of(MARIA))
    tour.look()
    tour.page.goto("/acsr/proof/contact/")
    tour.send("Send a code there", contact=PHONE)
    tour.send("Go on", code=code_of(PHONE, "recovery.contact_code"))
    tour.look()
    RecoveryTicket.objects.update(
        hold_from=maria.created_at, hold_until=RecoveryTicket.objects.get().expires_at
    )
    tour.visit("/acsr/status/")

    assert tour.faults == []


def test_pages_of_a_request_found_by_its_reference(tour, maria):
    open_ticket(tour)
    reference = RecoveryTicket.objects.get().reference
    tour.page.context.clear_cookies()
    tour.page.goto("/acsr/status/")
    tour.send("Send me a code", reference=reference)
    tour.look()
    tour.send("Show my request", code=WRONG_CODE)
    tour.look()

    assert tour.faults == []


def test_pages_of_stop_links(tour, maria):
    open_ticket(tour, "thief@example.com")
    tour.send("Go on", code=code_of("thief@example.com"))
    work_through()
    link = LINK.search(next(letter.body for letter in mail.outbox if letter.to == [OLD]))[0]
    tour.visit(link)
    tour.page.locator("main [value=stop]").first.click()
    tour.page.wait_for_load_state()
    tour.look()

    assert tour.faults == []


def test_pages_of_signing_up(tour):
    tour.page.goto("/sign-up/")
    tour.send("Send me a code", email="nonsense", password1="short", password2="other")
    tour.look()
    tour.send("Send me a code", email=MARIA, password1=PASSWORD, password2=PASSWORD)
    tour.look()
    tour.send("Make the account", code=WRONG_CODE)
    tour.look()

    assert tour.faults == []


def sign_in(tour: Tour, password: str = PASSWORD) -> None:
    tour.page.goto("/sign-in/")
    tour.send("Sign in", identifier=MARIA, password=password)


def test_pages_of_who_is_signed_in(tour, maria):
    sign_in(tour, "wrong")
    tour.look()
    app = make_totp(maria)
    sign_in(tour)
    tour.look()
    tour.send("Go on", token=totp.current_code(app))
    tour.look()
    tour.visit("/security/password/", "/security/sessions/", "/security/confirm/", "/activity/")
    tour.page.get_by_role("main").get_by_role("link").first.click()
    tour.look()
    open_ticket(tour, "thief@example.com")
    tour.send("Go on", code=code_of("thief@example.com"))
    tour.visit("/security/", "/acsr/object/", "/acsr/", "/admin/")

    assert tour.faults == []


def test_pages_of_a_paused_account(tour, maria):
    maria.frozen_at, maria.frozen_cause = maria.created_at, "owner"
    maria.save(update_fields=["frozen_at", "frozen_cause"])
    sign_in(tour)
    tour.look()

    assert tour.faults == []


def test_pages_of_limits(tour, maria, monkeypatch):
    for _ in range(6):
        open_ticket(tour)
    tour.look()
    few = Rule("status.hour", 1, EDGE_LIMITS["status"][0].window)
    monkeypatch.setitem(EDGE_LIMITS, "status", (few,))
    for _ in range(2):
        tour.page.goto("/acsr/status/?other=1")
        tour.send("Send me a code", contact_email="nonsense")
    tour.look()

    assert tour.faults == []


def test_pages_of_lost_cookies_and_old_forms(tour):
    tour.page.goto("/acsr/")
    tour.page.context.clear_cookies()
    tour.send("Send me a code", identifier=MARIA)
    tour.look()
    tour.page.goto("/acsr/")
    tour.page.locator("main [name=csrfmiddlewaretoken]").evaluate("field => field.value = 'old'")
    tour.send("Send me a code", identifier=MARIA)
    tour.look()

    assert tour.faults == []
