"""Changing the password: what is asked for before, and what ends."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts import policy
from accounts.services import totp
from accounts.tests.factories import PASSWORD, make_passkey, make_totp
from accounts.tests.passkeys import make_working_passkey
from accounts.tests.soft_authenticator import begin, complete
from accounts.tests.views.steps import sign_in

pytestmark = pytest.mark.django_db

URL = "/security/password/"
CONFIRM = "/security/confirm/?next=/security/password/"
NEW = "Silver-harbour-9-cloud"
FORM = {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW}


@pytest.fixture
def device(maria):
    return make_totp(maria)


def has_password(user, password):
    user.refresh_from_db()
    return user.check_password(password)


def sign_in_with_app(client, device):
    sign_in(client)
    client.post("/sign-in/verify/", {"token": totp.current_code(device)})


def later():
    return time_machine.travel(timezone.now() + policy.STEP_UP_LIVES + timedelta(seconds=31))


def test_old_password_is_all_that_is_asked_for_without_second_step(client, maria):
    sign_in(client)

    with later():
        answer = client.post(URL, FORM)

    assert answer.url == "/security/"
    assert has_password(maria, NEW)


def test_sign_in_with_the_second_step_counts_for_a_while(client, maria, device):
    sign_in_with_app(client, device)

    answer = client.post(URL, FORM)

    assert answer.url == "/security/"
    assert has_password(maria, NEW)


def test_later_the_second_step_is_asked_for_again(client, maria, device):
    sign_in_with_app(client, device)

    with later():
        page, answer = client.get(URL), client.post(URL, FORM)

    assert (page.url, answer.url) == (CONFIRM, CONFIRM)
    assert has_password(maria, PASSWORD)


def test_sign_in_with_a_passkey_counts_for_a_while(client, maria):
    _, device = make_working_passkey(maria)
    ceremony = "/sign-in/passkey/"
    complete(client, ceremony, device.sign(begin(client, ceremony)))

    answer = client.post(URL, FORM)
    with later():
        page = client.get(URL)

    assert (answer.url, page.url) == ("/security/", CONFIRM)
    assert has_password(maria, NEW)


def test_sign_in_that_a_trusted_browser_was_spared_a_step_at_does_not_count(client, maria, device):
    sign_in(client)
    client.post("/sign-in/verify/", {"token": totp.current_code(device), "trust": "on"})
    client.post("/sign-out/")
    sign_in(client)
    assert client.get("/security/").status_code == 200  # it is trusted

    assert client.post(URL, FORM).url == CONFIRM
    assert has_password(maria, PASSWORD)


def test_second_step_of_an_earlier_sign_in_in_this_session_does_not_count(client, maria, device):
    sign_in(client)
    client.post("/sign-in/verify/", {"token": totp.current_code(device), "trust": "on"})

    with later():
        sign_in(client)  # the trusted browser is asked for the password alone
        answer = client.post(URL, FORM)

    assert answer.url == CONFIRM
    assert has_password(maria, PASSWORD)


def test_session_from_before_the_second_step_is_asked_for_it(client, maria):
    sign_in(client)
    make_passkey(maria)

    assert client.post(URL, FORM).url == CONFIRM
    assert has_password(maria, PASSWORD)


def test_who_confirmed_goes_on_and_is_told_to_type_again(client, maria, device):
    sign_in_with_app(client, device)
    with later():
        client.post(URL, FORM)
        code = totp.current_code(device)
        back = client.post(CONFIRM, {"password": PASSWORD, "token": code})
        page = client.get(back.url)
        answer = client.post(URL, FORM)

    assert [str(message) for message in page.context["messages"]] == [
        "Type the passwords once more: we do not keep them meanwhile."
    ]
    assert answer.url == "/security/"
    assert has_password(maria, NEW)


def test_confirmation_does_not_stand_in_for_the_old_password(client, maria, device):
    sign_in_with_app(client, device)

    answer = client.post(URL, FORM | {"old_password": "wrong"})

    assert list(answer.context["form"].errors) == ["old_password"]
    assert has_password(maria, PASSWORD)


def test_strangers_change_nothing(client, maria):
    assert client.post(URL, FORM).url == f"/sign-in/?next={URL}"
    assert has_password(maria, PASSWORD)
