"""The pages of a second step, at sign-in and as a proof: no axe violation, no overflow."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from accounts.services import totp
from accounts.tests.factories import (
    PASSWORD,
    make_code_device,
    make_contact,
    make_passkey,
    make_recovery_codes,
    make_totp,
    make_user,
)
from accounts.tests.views.steps import fail_from_outside
from recovery.models import RecoveryTicket
from tests.browser.steps import MARIA, sign_in
from tests.browser.tour import Tour
from tests.factories import WRONG_CODE, code_of
from tests.stranger import work_through

OLD = "maria.old@example.net"
NEW = "new@example.com"
VERIFY = "/sign-in/verify/"
PROOF = "/acsr/proof/"


@pytest.fixture
def maria() -> User:
    user = make_user(email=MARIA, first_name="Maria")
    make_contact(user, OLD)
    return user


def test_second_step_in_all_its_ways(tour: Tour, maria):
    make_totp(maria)
    sign_in(tour.page)
    tour.look("Your second step")
    tour.send("Go on", token=WRONG_CODE[:6])
    tour.look("Your second step")
    make_recovery_codes(maria)
    make_code_device(maria)
    tour.visit(VERIFY)
    tour.send("Send a code to")
    tour.look("Your second step")
    tour.send("Go on", token=WRONG_CODE)
    tour.look("Your second step")
    make_passkey(maria)
    tour.visit(VERIFY)

    assert tour.faults == []


def test_the_mailed_code_that_comes_last(tour: Tour, maria):
    fail_from_outside(maria)
    sign_in(tour.page)
    tour.look("Enter the code we sent")
    tour.send("Go on", token=WRONG_CODE)
    tour.look("Enter the code we sent")

    assert tour.faults == []


def open_ticket(tour: Tour, contact: str) -> None:
    tour.page.goto("/acsr/")
    tour.send("Send me a code", identifier=MARIA, contact_email=contact)
    tour.send("Go on", code=code_of(contact))


def test_what_is_shown_as_proof_and_refused_or_not_enough(tour: Tour, maria):
    app = make_totp(maria)
    open_ticket(tour, NEW)
    tour.visit(f"{PROOF}authenticator/")
    tour.send("Go on", token=WRONG_CODE[:6])
    tour.look("A code from your app")
    tour.visit(f"{PROOF}password/")
    tour.send("Go on", password="wrong")
    tour.look("The password that you use now")
    tour.page.goto(f"{PROOF}authenticator/")
    tour.send("Go on", token=totp.current_code(app))
    tour.look("Show that the account is yours")
    tour.visit(f"{PROOF}passkey/", f"{PROOF}contact/")

    assert tour.faults == []


def test_a_lost_second_step_from_the_sign_in_to_its_end(tour: Tour, maria):
    make_totp(maria)
    sign_in(tour.page)
    tour.page.get_by_role("link", name="I can't use any of these").click()
    tour.look()
    tour.send("Send me a code", identifier="")
    tour.look()
    tour.send("Send me a code", identifier=MARIA, contact_email=NEW)
    tour.send("Go on", code=code_of(NEW))
    tour.look("The password that you use now")
    tour.send("Go on", password=PASSWORD)
    tour.look("Show that the account is yours")
    tour.page.goto(f"{PROOF}contact/")
    tour.send("Send a code there", contact=OLD)
    tour.send("Go on", code=code_of(OLD, "recovery.contact_code"))
    tour.look("waiting period")
    for _ in range(2):
        work_through()
    tour.visit("/acsr/status/", PROOF)
    now = timezone.now()
    RecoveryTicket.objects.update(hold_from=now - timedelta(days=3), hold_until=now)
    work_through()
    tour.visit("/acsr/status/", "/acsr/password/")
    tour.send("Turn off the second step")
    tour.look("yours again")

    assert tour.faults == []
