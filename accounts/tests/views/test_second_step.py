"""The step after the password (attacks.md 10, 11, 25)."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts import policy
from accounts.models import User, UserSession
from accounts.services import budgets, restrictions, sessions, totp
from accounts.tests.factories import PASSWORD, make_client, make_totp, make_user
from accounts.tests.views.steps import URL, fail_from_outside, mailed_code, sign_in, user_of
from outbox.models import Message

pytestmark = pytest.mark.django_db


@pytest.fixture
def maria():
    return make_user(email="maria@example.org")


def test_account_with_an_app_is_asked_for_its_code(client, maria):
    device = make_totp(maria)

    first = sign_in(client, keep="on", query="?next=/activity/")
    half_done = user_of(client)
    second = client.post("/sign-in/verify/", {"token": totp.current_code(device)})

    assert (first.url, half_done) == ("/sign-in/verify/", None)
    assert second.url == "/activity/"
    assert user_of(client) == str(maria.pk)
    assert client.session["otp_device_id"] == device.persistent_id
    assert "second_step_at" in client.session
    assert UserSession.objects.get().is_kept


def test_each_step_has_a_new_session_key(client, maria):
    device = make_totp(maria)
    keys = [client.session.session_key]
    sign_in(client)
    keys.append(client.session.session_key)
    client.post("/sign-in/verify/", {"token": totp.current_code(device)})
    keys.append(client.session.session_key)

    assert len(set(keys)) == 3


def test_wrong_token_is_told_and_signs_nobody_in(client, maria):
    make_totp(maria)
    sign_in(client)

    answer = client.post("/sign-in/verify/", {"token": "000000"})

    assert list(answer.context["form"].errors) == ["token"]
    assert user_of(client) is None


def test_second_step_without_the_first_leads_to_its_start(client):
    answer = client.get("/sign-in/verify/")

    assert (answer.status_code, answer.url) == (302, "/sign-in/")


def test_sixth_token_is_not_compared(client, maria):
    device = make_totp(maria)
    sign_in(client)
    for _ in range(5):
        client.post("/sign-in/verify/", {"token": "000000"})

    answer = client.post("/sign-in/verify/", {"token": totp.current_code(device)})

    assert answer.status_code == 429
    assert user_of(client) is None


def test_tokens_guessed_from_many_networks_share_a_limit(maria):
    make_totp(maria)
    statuses = []
    for number in range(6):
        thief = Client(REMOTE_ADDR=f"198.51.100.{number}")
        thief.post(URL, {"identifier": "maria@example.org", "password": PASSWORD})
        statuses.append(thief.post("/sign-in/verify/", {"token": "000000"}).status_code)

    assert statuses == [200] * 5 + [429]


def test_thief_with_the_password_leaves_the_known_browser_its_tokens(client, maria):
    device = make_totp(maria)
    at = timezone.now()
    with time_machine.travel(at - timedelta(hours=1)):
        sign_in(client)
        client.post("/sign-in/verify/", {"token": totp.current_code(device)})
        client.post("/sign-out/")
    for number in range(6):
        thief = Client(REMOTE_ADDR=f"198.51.100.{number}")
        thief.post(URL, {"identifier": "maria@example.org", "password": PASSWORD})
        thief.post("/sign-in/verify/", {"token": "000000"})

    sign_in(client)
    answer = client.post("/sign-in/verify/", {"token": totp.current_code(device)})

    assert answer.status_code == 302
    assert user_of(client) == str(maria.pk)


def test_half_done_sign_in_is_over_after_ten_minutes(client, maria):
    device = make_totp(maria)
    sign_in(client)

    with time_machine.travel(timezone.now() + policy.HALF_DONE_SIGN_IN + timedelta(seconds=1)):
        answer = client.post("/sign-in/verify/", {"token": totp.current_code(device)})

        assert answer.url == "/sign-in/"
        assert user_of(client) is None


@pytest.mark.parametrize(
    "change",
    [
        sessions.raise_epoch,
        lambda user: restrictions.freeze(user, "report", make_client()),
        lambda user: User.objects.filter(pk=user.pk).update(is_active=False),
    ],
)
def test_half_done_sign_in_dies_with_what_it_stood_on(client, maria, change):
    device = make_totp(maria)
    sign_in(client)

    change(maria)
    answer = client.post("/sign-in/verify/", {"token": totp.current_code(device)})

    assert answer.url == "/sign-in/"
    assert user_of(client) is None


def test_session_dies_with_the_epoch(client, maria):
    sign_in(client)

    sessions.raise_epoch(maria)

    assert client.get("/security/").url == "/sign-in/?next=/security/"


def test_unknown_browser_also_needs_a_mailed_code_after_a_hundred_failures(client, maria):
    fail_from_outside(maria)

    first = sign_in(client)
    half_done = user_of(client)
    second = client.post("/sign-in/verify/", {"token": mailed_code()})

    assert (first.url, half_done, second.url) == ("/sign-in/verify/", None, "/security/")
    assert user_of(client) == str(maria.pk)
    assert budgets.peek(policy.OUTSIDE_FAILURES, str(maria.pk)) == 0


def test_known_browser_notices_nothing_of_the_attack(client, maria):
    sign_in(client)
    client.post("/sign-out/")
    fail_from_outside(maria)

    answer = sign_in(client)

    assert answer.url == "/security/"
    assert Message.objects.filter(kind="accounts.sign_in_code").count() == 0


def test_mailed_code_does_not_replace_the_app(client, maria):
    device = make_totp(maria)
    fail_from_outside(maria)
    sign_in(client)

    first = client.post("/sign-in/verify/", {"token": mailed_code()})
    half_done = user_of(client)
    second = client.post("/sign-in/verify/", {"token": totp.current_code(device)})

    assert (first.url, half_done, second.url) == ("/sign-in/verify/", None, "/security/")


def test_mailed_codes_that_do_not_fit_end_the_sign_in(client, maria):
    fail_from_outside(maria)
    sign_in(client)
    code = mailed_code()
    for _ in range(policy.SIGN_IN_CODE.attempts):
        client.post("/sign-in/verify/", {"token": "00000000"})

    answer = client.post("/sign-in/verify/", {"token": code})

    assert answer.url == "/sign-in/"
    assert user_of(client) is None


def test_who_is_signed_in_can_show_the_second_step_again(client, maria):
    device = make_totp(maria)
    with time_machine.travel(timezone.now() - timedelta(minutes=30)):
        sign_in(client)
        client.post("/sign-in/verify/", {"token": totp.current_code(device)})
    before = client.session["second_step_at"]

    answer = client.post("/sign-in/verify/?next=/activity/", {"token": totp.current_code(device)})

    assert answer.url == "/activity/"
    assert client.session["second_step_at"] > before
