"""What is said after a printed code was used, at sign-in and to confirm."""

import pytest

from accounts.services import totp
from accounts.tests.factories import (
    PASSWORD,
    make_passkey,
    make_recovery_codes,
    make_totp,
)
from accounts.tests.views.steps import fail_from_outside, sign_in, user_of
from accounts.tests.views.two_step import said, signed_in_browser

pytestmark = pytest.mark.django_db

VERIFY, CONFIRM = "/sign-in/verify/", "/security/confirm/"
USED = "You used a printed code. Strike it out;"
NONE = (
    "You used the last of your printed codes. Make new ones on the page about two-step "
    "verification: none is left."
)
SENTENCES = [
    (10, f"{USED} 9 are left."),
    (5, f"{USED} 4 are left."),
    (4, f"{USED} only 3 are left. Make new ones before they are gone."),
    (2, f"{USED} only 1 is left. Make new ones before it is gone."),
    (1, NONE),
]


@pytest.mark.parametrize(("codes", "sentence"), SENTENCES)
def test_sign_in_with_a_printed_code_says_how_many_are_left(client, maria, codes, sentence):
    make_totp(maria)
    _, (code, *_rest) = make_recovery_codes(maria, codes=codes)
    sign_in(client)

    answer = client.post(VERIFY, {"token": code}, follow=True)

    assert user_of(client) == str(maria.pk)
    assert said(answer) == [sentence]
    assert said(client.get("/security/")) == []


@pytest.mark.parametrize(("codes", "sentence"), SENTENCES)
def test_confirming_with_a_printed_code_says_how_many_are_left(maria, codes, sentence):
    browser = signed_in_browser()
    make_passkey(maria)
    _, (code, *_rest) = make_recovery_codes(maria, codes=codes)

    answer = browser.post(CONFIRM, {"password": PASSWORD, "token": code}, follow=True)

    assert answer.redirect_chain == [("/security/", 302)]
    assert said(answer) == [sentence]


def test_it_is_said_before_the_mailed_code_too(client, maria):
    fail_from_outside(maria)
    make_totp(maria)
    _, (code, *_rest) = make_recovery_codes(maria)
    sign_in(client)

    answer = client.post(VERIFY, {"token": code}, follow=True)

    assert answer.context["is_mailed"]
    assert said(answer) == [SENTENCES[0][1]]


def test_code_of_an_app_says_nothing_of_printed_ones(client, maria):
    device = make_totp(maria)
    make_recovery_codes(maria)
    sign_in(client)

    answer = client.post(VERIFY, {"token": totp.current_code(device)}, follow=True)

    assert user_of(client) == str(maria.pk)
    assert said(answer) == []


def test_used_or_wrong_code_says_nothing(client, maria):
    make_totp(maria)
    _, (code, *_rest) = make_recovery_codes(maria)
    sign_in(client)
    client.post(VERIFY, {"token": code}, follow=True)
    client.logout()
    sign_in(client)

    answer = client.post(VERIFY, {"token": code})

    assert list(answer.context["form"].errors) == ["token"]
    assert said(answer) == []
