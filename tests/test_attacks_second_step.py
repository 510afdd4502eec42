"""Attacks on what an account is given and changed by, by whole walks (attacks.md 11, 29)."""

import pytest
from django.utils import timezone

from accounts import policy
from accounts.models import Budget, Challenge, Contact
from accounts.tests.factories import (
    PASSWORD,
    make_code_device,
    make_contact,
    make_device,
    make_recovery_codes,
    make_user,
)
from tests.factories import WRONG_CODE, code_of, make_browser, sign_in

MARIA = "maria@example.org"
NEW = "maria.new@example.net"
PHONE = "+4915112345678"
TRIES = policy.SIGN_UP_CODE.attempts
pytestmark = pytest.mark.django_db


@pytest.fixture
def maria():
    return make_user(email=MARIA)


def test_11_wrong_codes_typed_to_sign_up_leave_who_adds_the_address_hers(maria):
    for _ in range(policy.WRONG_CODES_PER_CONTACT.limit // TRIES):
        _guess_at_sign_up(NEW)
    owner = _confirmed(maria)

    owner.post("/security/contacts/add/", {"contact": NEW})
    owner.post("/security/contacts/code/", {"code": code_of(NEW, "accounts.contact_code")})

    assert Contact.objects.filter(user=maria, value=NEW, verified_at__isnull=False).exists()


def test_11_wrong_codes_typed_by_other_accounts_leave_who_adds_the_address_hers(maria):
    for number in range(policy.WRONG_CODES_PER_CONTACT.limit // TRIES):
        other = _confirmed(make_user(email=f"other{number}@example.net"))
        other.post("/security/contacts/add/", {"contact": NEW})
        for _ in range(TRIES):
            other.post("/security/contacts/code/", {"code": WRONG_CODE})
    owner = _confirmed(maria)

    owner.post("/security/contacts/add/", {"contact": NEW})
    owner.post("/security/contacts/code/", {"code": code_of(NEW, "accounts.contact_code")})

    assert Contact.objects.filter(user=maria, value=NEW).exists()


def test_11_wrong_codes_typed_by_who_has_the_password_leave_the_known_browser_its_own(maria):
    make_code_device(maria, make_contact(maria, PHONE))
    make_recovery_codes(maria)
    for _ in range(policy.WRONG_CODES_PER_CONTACT.limit // TRIES):
        thief = make_browser("198.51.100.7")
        _ask_for_code(thief)
        Budget.objects.filter(rule__startswith="second_step").delete()  # the thief has time
        for _ in range(TRIES):
            thief.post("/sign-in/verify/", {"token": WRONG_CODE})
    make_device(maria, "known")
    owner = make_browser()
    owner.cookies["acsr_device"] = "known"

    _ask_for_code(owner)
    led = owner.post("/sign-in/verify/", {"token": code_of(PHONE, "accounts.second_step_code")})

    assert (led.status_code, led["Location"]) == (302, "/security/")


def _guess_at_sign_up(address):
    stranger = make_browser("198.51.100.7")
    stranger.post("/sign-up/", {"email": address, "password1": PASSWORD, "password2": PASSWORD})
    for _ in range(TRIES):
        stranger.post("/sign-up/code/", {"code": WRONG_CODE})


def _confirmed(user):
    """Give a browser of this account that has just confirmed."""
    browser = make_browser()
    sign_in(browser, user.contacts.get(signs_in=True).value)
    browser.post("/security/confirm/", {"password": PASSWORD})
    return browser


def _ask_for_code(browser):
    """Get past the password, and have the code of the second step sent."""
    sign_in(browser, MARIA)
    Challenge.objects.update(sent_at=timezone.now() - policy.SECOND_STEP_CODE.resend_after)
    method = browser.get("/sign-in/verify/").context["methods"][0]["pk"]
    browser.post("/sign-in/verify/code/", {"method": method})
