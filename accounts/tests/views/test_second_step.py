"""The step after the password (attacks.md 10, 11, 25)."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts import policy
from accounts.models import User, UserSession
from accounts.services import budgets, restrictions, sessions, stages, totp, trust
from accounts.tests.factories import (
    PASSWORD,
    SEED,
    make_client,
    make_code_device,
    make_totp,
    make_user,
)
from accounts.tests.views.steps import (
    URL,
    fail_from_outside,
    mailed_code,
    sent_code,
    sign_in,
    text_of,
    user_of,
)
from outbox.models import Message

pytestmark = pytest.mark.django_db


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


def test_second_step_comes_before_the_mailed_code_and_neither_replaces_the_other(client, maria):
    device = make_totp(maria)
    fail_from_outside(maria)

    sign_in(client, keep="on", query="?next=/activity/")
    mailed_at_first = Message.objects.filter(kind="accounts.sign_in_code").count()
    first = client.post("/sign-in/verify/", {"token": totp.current_code(device), "trust": "on"})
    half_done = user_of(client)
    second = client.post("/sign-in/verify/", {"token": mailed_code()})

    assert (mailed_at_first, first.url, half_done) == (0, "/sign-in/verify/", None)
    assert second.url == "/activity/"
    assert client.session["otp_device_id"] == device.persistent_id
    assert UserSession.objects.get().is_kept
    assert trust.list_of(maria) != []
    assert budgets.peek(policy.OUTSIDE_FAILURES, str(maria.pk)) == 0


def test_code_of_the_app_is_no_mailed_code(client, maria):
    device = make_totp(maria)
    fail_from_outside(maria)
    sign_in(client)
    client.post("/sign-in/verify/", {"token": totp.current_code(device)})

    answer = client.post("/sign-in/verify/", {"token": totp.current_code(device)})

    assert list(answer.context["form"].errors) == ["token"]
    assert user_of(client) is None


def test_second_step_that_was_mailed_shows_the_mailbox_too(client, maria):
    make_totp(maria)
    mailbox = make_code_device(maria, maria.contacts.get())
    fail_from_outside(maria)
    sign_in(client)
    client.post("/sign-in/verify/code/", {"method": mailbox.pk})

    answer = client.post("/sign-in/verify/", {"token": sent_code()})

    assert answer.url == "/security/"
    assert Message.objects.filter(kind="accounts.sign_in_code").count() == 0


def test_mailed_code_is_sent_anew_and_only_the_newer_one_counts(client, maria):
    fail_from_outside(maria)
    sign_in(client)
    old = mailed_code()
    too_soon = client.post("/sign-in/verify/code/", follow=True)
    with time_machine.travel(timezone.now() + policy.SIGN_IN_CODE.resend_after):
        client.post("/sign-in/verify/code/")
        new = Message.objects.filter(kind="accounts.sign_in_code").latest("pk").secrets["code"]
        refused = client.post("/sign-in/verify/", {"token": old})
        answer = client.post("/sign-in/verify/", {"token": new})

    assert "A new code can be sent a minute after the last one." in text_of(too_soon)
    assert new != old
    assert (refused.status_code, answer.url) == (200, "/security/")


def test_who_got_no_mailed_code_for_a_limit_can_ask_for_it_later(client, maria):
    device, mailbox = make_totp(maria), maria.contacts.get()
    fail_from_outside(maria)
    for _ in range(policy.SIGN_IN_CODES_PER_NETWORK.limit):
        budgets.consume(policy.SIGN_IN_CODES_PER_NETWORK, mailbox.limit_key, "127.0.0.1")
    sign_in(client)
    refused = client.post("/sign-in/verify/", {"token": totp.current_code(device)})
    page = client.get("/sign-in/verify/")
    again = client.post("/sign-in/verify/code/", follow=True)
    client.post("/sign-in/verify/code/", REMOTE_ADDR="198.51.100.7")

    answer = client.post("/sign-in/verify/", {"token": mailed_code()})

    assert refused.status_code == 429
    assert "Send me a code" in text_of(page)
    assert "No more codes can be sent there today." in text_of(again)
    assert answer.url == "/security/"


def test_stage_is_the_last_one_begun_and_nothing_shown_for_another_counts(client, maria):
    """Swapped accounts: begun for Jonas, whose second step is known; the password is Maria's."""
    jonas = make_user(email="jonas@example.org")
    of_jonas, of_maria = make_totp(jonas, seed=SEED[::-1]), make_totp(maria)
    fail_from_outside(jonas)
    sign_in(client, "jonas@example.org")
    client.post("/sign-in/verify/", {"token": totp.current_code(of_jonas)})

    sign_in(client)
    page = client.get("/sign-in/verify/")
    with_mail = client.post("/sign-in/verify/", {"token": mailed_code()})
    with_app_of_jonas = client.post("/sign-in/verify/", {"token": totp.current_code(of_jonas)})

    assert "a code from your authenticator app" in text_of(page)
    assert [answer.status_code for answer in (with_mail, with_app_of_jonas)] == [200, 200]
    assert user_of(client) is None
    client.post("/sign-in/verify/", {"token": totp.current_code(of_maria)})
    assert user_of(client) == str(maria.pk)


def test_what_was_typed_is_kept_for_who_cannot_use_any_step(client, maria):
    make_totp(maria)
    sign_in(client, "Maria@example.org")

    page = client.get("/sign-in/verify/")

    assert stages.current(client.session).typed == "Maria@example.org"
    assert 'href="/acsr/?lost=second_step"' in page.content.decode()


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
