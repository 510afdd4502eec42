"""What can be typed at the second step beside an app's code, and what the page shows of it."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts import policy
from accounts.enums import ContactKind
from accounts.models import Challenge, RecoveryCode
from accounts.services import authenticators, sessions, totp
from accounts.tests.factories import (
    make_client,
    make_code_device,
    make_contact,
    make_passkey,
    make_recovery_codes,
    make_totp,
    make_user,
)
from accounts.tests.views.steps import sent_code, sign_in, text_of, user_of
from outbox.enums import Channel
from outbox.models import Message

pytestmark = pytest.mark.django_db
VERIFY, SEND = "/sign-in/verify/", "/sign-in/verify/code/"


@pytest.fixture
def phone(maria):
    return make_code_device(maria, make_contact(maria, "+4915112345678"))


def test_code_by_text_message_signs_in(client, maria, phone):
    sign_in(client, query="?next=/activity/")
    sent = client.post(SEND, {"method": phone.pk})

    answer = client.post(VERIFY, {"token": sent_code()})

    message = Message.objects.get(kind="accounts.second_step_code")
    assert (message.channel, message.address) == (Channel.SMS, "+4915112345678")
    assert (sent.url, answer.url) == (VERIFY, "/activity/")
    assert user_of(client) == str(maria.pk)
    assert client.session["otp_device_id"] == phone.persistent_id


def test_code_by_mail_signs_in_beside_another_step(client, maria):
    make_totp(maria)
    mailbox = make_code_device(maria, maria.contacts.get(kind=ContactKind.EMAIL))
    sign_in(client)
    client.post(SEND, {"method": mailbox.pk})

    assert client.post(VERIFY, {"token": sent_code()}).url == "/security/"


def test_printed_code_signs_in_once(client, maria):
    make_totp(maria)
    code_set, (code, *_others) = make_recovery_codes(maria)
    sign_in(client)
    first = client.post(VERIFY, {"token": f" {code[:4]}-{code[4:8]} {code[8:]}"})
    client.post("/sign-out/")
    sign_in(client)

    second = client.post(VERIFY, {"token": code})

    assert (first.status_code, first.url) == (302, "/security/")
    assert RecoveryCode.objects.filter(code_set=code_set, used_at=None).count() == 9
    assert list(second.context["form"].errors) == ["token"]
    assert user_of(client) is None


def test_page_shows_each_way_with_addresses_masked_and_no_names(client, maria, phone):
    make_totp(maria, name="Telefon von Maria")
    make_totp(maria, name="zweites")
    make_passkey(maria, name="YubiKey Schublade")
    make_code_device(maria, maria.contacts.get(kind=ContactKind.EMAIL))
    make_recovery_codes(maria)
    sign_in(client)

    page = client.get(VERIFY)

    assert page.context["kinds"] == [
        "your passkey or security key",
        "a code from your authenticator app",
        "a code that we send by text message to +49\N{NO-BREAK SPACE}••\N{NO-BREAK SPACE}78",
        "a code that we mail to m•••a@example.org",
        "one of your printed recovery codes",
    ]
    shown = page.content.decode()
    hidden = ["15112345678", "maria@example.org", "Telefon", "zweites", "YubiKey"]
    assert [word for word in hidden if word in shown] == []


def test_page_shows_only_what_is_there(client, maria):
    make_totp(maria)
    make_recovery_codes(maria, codes=0)
    removed = make_code_device(maria)
    authenticators.remove(removed, client=make_client())
    sign_in(client)

    page = client.get(VERIFY)

    assert page.context["kinds"] == ["a code from your authenticator app"]
    assert page.context["methods"] == []
    assert "passkey" not in page.context


def test_phones_get_letters_only_where_printed_codes_are_taken(client, maria):
    make_totp(maria)
    sign_in(client)
    digits = client.get(VERIFY)
    make_recovery_codes(maria)
    letters = client.get(VERIFY)

    assert 'inputmode="numeric"' in digits.content.decode()
    assert 'inputmode="text"' in letters.content.decode()


def test_page_says_where_the_code_went_and_offers_a_newer_one(client, maria, phone, deliver):
    make_code_device(maria)
    sign_in(client)
    before = client.get(VERIFY)
    client.post(SEND, {"method": phone.pk})
    deliver()

    after = client.get(VERIFY)

    assert len(before.context["methods"]) == 2
    assert "We sent a code to +49 •• 78." in text_of(after)
    assert len(after.context["methods"]) == 1
    assert after.context["works_until"] == Challenge.objects.get().expires_at
    assert "Send a new code" in text_of(after)


def test_newer_code_goes_where_the_last_one_went_and_takes_its_place(client, maria, phone):
    make_code_device(maria)
    sign_in(client)
    client.post(SEND, {"method": phone.pk})
    old = sent_code()
    too_soon = client.post(SEND, follow=True)
    with time_machine.travel(timezone.now() + policy.SECOND_STEP_CODE.resend_after):
        client.post(SEND)
        refused = client.post(VERIFY, {"token": old})
        answer = client.post(VERIFY, {"token": sent_code()})

    addresses = Message.objects.filter(kind="accounts.second_step_code").values_list("address")
    assert "A new code can be sent a minute after the last one." in text_of(too_soon)
    assert set(addresses) == {("+4915112345678",)}
    assert (refused.status_code, answer.status_code) == (200, 302)


@pytest.mark.parametrize("method", ["", "0", "-1", "x", "\uff19", "9" * 30, "1.5", "\0"])
def test_odd_method_sends_nothing(client, phone, method):
    sign_in(client)

    answer = client.post(SEND, {"method": method}, follow=True)

    assert "We can't send a code there." in text_of(answer)
    assert Message.objects.count() == 0


def test_codes_go_to_own_phones_that_are_in_use_alone(client, maria, phone):
    make_totp(maria)
    removed = make_code_device(maria)
    authenticators.remove(removed, client=make_client())
    maria.refresh_from_db()
    of_jonas = make_code_device(make_user())
    sign_in(client)

    for device in (removed, of_jonas):
        client.post(SEND, {"method": device.pk})

    assert Message.objects.filter(kind="accounts.second_step_code").count() == 0


def test_sending_needs_the_password_first_and_a_post(client, phone):
    anonymous = client.post(SEND, {"method": phone.pk})
    got = client.get(SEND)

    assert (anonymous.status_code, anonymous.url) == (302, "/sign-in/")
    assert got.status_code == 405
    assert Message.objects.count() == 0


def test_code_sent_in_one_browser_is_worth_nothing_in_another(client, phone):
    sign_in(client)
    client.post(SEND, {"method": phone.pk})
    other = Client()
    sign_in(other)

    answer = other.post(VERIFY, {"token": sent_code()})

    assert answer.status_code == 200
    assert user_of(other) is None


def test_sent_code_dies_with_the_epoch(client, maria, phone):
    sign_in(client)
    client.post(SEND, {"method": phone.pk})

    sessions.raise_epoch(maria)
    answer = client.post(VERIFY, {"token": sent_code()})

    assert answer.url == "/sign-in/"
    assert user_of(client) is None


def test_codes_to_one_phone_have_a_daily_limit_that_is_told(client, phone):
    limit = policy.SECOND_STEP_SMS_PER_NUMBER.limit
    for _ in range(limit + 1):
        sign_in(client)
        answer = client.post(SEND, {"method": phone.pk}, follow=True)

    assert "No more codes can be sent there today." in text_of(answer)
    assert Message.objects.filter(kind="accounts.second_step_code").count() == limit


def test_who_is_signed_in_shows_any_kind_again_and_comes_back(client, maria, phone):
    sign_in(client)
    client.post(SEND, {"method": phone.pk})
    client.post(VERIFY, {"token": sent_code()})
    _set, (code, *_others) = make_recovery_codes(maria)
    before, key = client.session["second_step_at"], client.session.session_key

    page = client.get(VERIFY + "?next=/activity/")
    sent = client.post(page.context["send_url"], {"method": phone.pk})
    by_phone = client.post(sent.url, {"token": sent_code()})
    by_paper = client.post(VERIFY + "?next=/activity/", {"token": code})

    assert [answer.url for answer in (by_phone, by_paper)] == ["/activity/", "/activity/"]
    assert client.session["second_step_at"] > before
    assert client.session.session_key != key
    assert "trust" not in page.context["form"].fields


def test_codes_of_two_signed_in_browsers_are_not_each_others(client, maria, phone):
    device = make_totp(maria)
    other = Client()
    now = timezone.now()
    for seconds, browser in ((0, client), (60, other)):
        with time_machine.travel(now + timedelta(seconds=seconds), tick=False):
            sign_in(browser)
            browser.post(VERIFY, {"token": totp.current_code(device)})
    client.post(SEND, {"method": phone.pk})

    answer = other.post(VERIFY, {"token": sent_code()})

    assert answer.status_code == 200


@pytest.mark.parametrize(
    "typed",
    ["\0", "\u0661\u0662\u0663\u0664\u0665\u0666", "\u00b2" * 6, "e\u0301" * 30, "1" * 9_000, "-1"],
)
def test_odd_code_is_a_wrong_one_that_counts(client, maria, typed):
    make_totp(maria)
    make_recovery_codes(maria)
    sign_in(client)

    answers = [client.post(VERIFY, {"token": typed}).status_code for _ in range(6)]

    assert answers == [200] * 5 + [429]
    assert user_of(client) is None


def test_code_sent_twice_in_one_post_counts_as_wrong_and_none_as_nothing(client, maria):
    device = make_totp(maria)
    sign_in(client)
    code = totp.current_code(device)
    for _ in range(6):
        missing = client.post(VERIFY, {"trust": "on"})

    twice = client.post(VERIFY, {"token": [code, code]})
    answer = client.post(VERIFY, {"token": code})

    assert (missing.status_code, twice.status_code, answer.status_code) == (200, 200, 302)
