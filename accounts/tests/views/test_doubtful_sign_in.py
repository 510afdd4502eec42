"""Sign-ins that look unlike those before: one step more, never a closed door."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts import signals
from accounts.hooks import Assessment
from accounts.models import TrustedBrowser, User
from accounts.services import totp
from accounts.tests.factories import (
    make_code_device,
    make_recovery_codes,
    make_totp,
    make_user,
)
from accounts.tests.heard import heard
from accounts.tests.soft_authenticator import begin, complete
from accounts.tests.views.doubt import (
    ABROAD,
    CALM,
    DOUBT,
    JUDGE,
    NEW_BROWSER,
    NOTICED,
    VERIFY,
    judged,
    post,
    told_of,
)
from accounts.tests.views.steps import (
    fail_from_outside,
    mailed_code,
    sent_code,
    sign_in,
    text_of,
    user_of,
)
from outbox.models import Message

pytestmark = pytest.mark.django_db
PASSKEY = "/sign-in/passkey/"


@pytest.fixture(autouse=True)
def _assessor(settings):
    settings.SIGN_IN_ASSESSORS = [JUDGE]
    judged.clear()


def trusted(client, app):
    """Trust this browser at home, an hour ago so that the app shows another code by now."""
    with time_machine.travel(timezone.now() - timedelta(hours=1)):
        sign_in(client)
        post(client, "203.0.113.9", token=totp.current_code(app), trust="on")
        client.post("/sign-out/")


def copy_of(client):
    """Make a thief's browser with every cookie but the session."""
    thief = Client()
    thief.cookies.update(client.cookies)
    del thief.cookies["acsr_session"]
    return thief


def test_usual_sign_in_is_asked_for_nothing_more(client, maria):
    with heard(signals.signed_in) as told:
        answer = sign_in(client)

    assert answer.url == "/security/"
    assert told_of(told) == [(["password"], CALM)]


def test_one_that_is_only_worth_a_notice_is_not_held_up(client, maria):
    with heard(signals.signed_in) as told:
        answer = sign_in(client, address=NEW_BROWSER)

    assert answer.url == "/security/"
    assert told_of(told) == [(["password"], NOTICED)]


def test_without_second_step_a_mailed_code_confirms_a_doubtful_one(client, maria):
    with heard(signals.signed_in) as told:
        first = sign_in(client, address=ABROAD)
        half_done, page = user_of(client), client.get(VERIFY, REMOTE_ADDR=ABROAD)
        refused = post(client, token="00000000")
        answer = post(client, token=mailed_code())

    assert (first.url, half_done, refused.status_code) == (VERIFY, None, 200)
    assert "You have not signed in like this before" in text_of(page)
    assert "80" not in text_of(page)
    assert answer.url == "/security/"
    assert user_of(client) == str(maria.pk)
    assert told_of(told) == [(["password", "email"], DOUBT)]


def test_without_a_mailbox_nothing_is_asked_and_nobody_is_shut_out(client):
    make_user(email=None, external_id="m-4711", phone="+4915112345678")

    with heard(signals.signed_in) as told:
        answer = sign_in(client, "m-4711", address=ABROAD)

    assert answer.url == "/security/"
    assert told_of(told) == [(["password"], DOUBT)]
    assert Message.objects.count() == 0


@pytest.mark.parametrize("way", ["app", "printed", "mailed"])
def test_second_step_that_was_shown_is_confirmation_enough(client, maria, way):
    app, mailbox = make_totp(maria), make_code_device(maria, maria.contacts.get())
    _, (printed, *_rest) = make_recovery_codes(maria)
    sign_in(client, address=ABROAD)
    if way == "mailed":
        client.post("/sign-in/verify/code/", {"method": mailbox.pk}, REMOTE_ADDR=ABROAD)
    codes = {"app": lambda: totp.current_code(app), "printed": lambda: printed, "mailed": sent_code}

    with heard(signals.signed_in) as told:
        answer = post(client, token=codes[way]())

    assert answer.url == "/security/"
    assert [assessment for _, assessment in told_of(told)] == [DOUBT]
    assert Message.objects.filter(kind="accounts.sign_in_code").count() == 0


def test_while_passwords_are_guessed_the_mailbox_is_asked_for_all_the_same(client, maria):
    app = make_totp(maria)
    fail_from_outside(maria)
    sign_in(client, address=ABROAD)
    with heard(signals.signed_in) as told:
        second = post(client, token=totp.current_code(app))
        answer = post(client, token=mailed_code())

    assert (second.url, answer.url) == (VERIFY, "/security/")
    assert told_of(told) == [(["password", "totp", "email"], DOUBT)]


def test_trusted_browser_in_another_country_shows_the_second_step(client, maria):
    app = make_totp(maria)
    trusted(client, app)
    before = TrustedBrowser.objects.values().get()

    first = sign_in(client, address=ABROAD)
    half_done, page = user_of(client), client.get(VERIFY, REMOTE_ADDR=ABROAD)
    with heard(signals.signed_in) as told:
        answer = post(client, token=totp.current_code(app))

    assert (first.url, half_done, answer.url) == (VERIFY, None, "/security/")
    assert "one thing more in a trusted browser too" in text_of(page)
    assert told_of(told) == [(["password", "totp"], DOUBT)]
    assert TrustedBrowser.objects.values().get() == before


def test_trust_that_was_copied_abroad_neither_serves_there_nor_ends_at_home(client, maria):
    app = make_totp(maria)
    trusted(client, app)
    thief = copy_of(client)

    answer = sign_in(thief, address=ABROAD)
    post(thief, token="000000")

    assert answer.url == VERIFY
    assert user_of(thief) is None
    assert "acsr_trust" not in answer.cookies
    assert sign_in(client).url == "/security/"
    assert TrustedBrowser.objects.get().used_at is not None


def test_staff_show_their_second_step_and_no_mailed_code(client, maria):
    User.objects.update(is_staff=True)
    app = make_totp(maria)
    sign_in(client, address=ABROAD)

    answer = post(client, token=totp.current_code(app))

    assert answer.url == "/security/"
    assert Message.objects.count() == 0


def test_passkey_is_not_judged(client, maria, key):
    device = key[1]

    with heard(signals.signed_in) as told:
        complete(client, PASSKEY, device.sign(begin(client, PASSKEY)))

    assert user_of(client) == str(maria.pk)
    assert told_of(told) == [(["passkey"], Assessment())]
    assert judged == []


def test_passkey_as_second_step_clears_the_sign_in(client, maria, key):
    device = key[1]
    sign_in(client, address=ABROAD)

    with heard(signals.signed_in) as told:
        complete(client, f"{VERIFY}passkey/", device.sign(begin(client, f"{VERIFY}passkey/")))

    assert user_of(client) == str(maria.pk)
    assert told_of(told) == [(["password", "passkey"], Assessment())]


@pytest.mark.parametrize("has_second_step", [True, False])
def test_what_the_password_found_is_what_is_recorded(client, maria, has_second_step):
    """Judged once: that another step comes from somewhere else neither clears nor adds anything."""
    app = make_totp(maria) if has_second_step else None
    sign_in(client, address=ABROAD)
    code = totp.current_code(app) if app else mailed_code()

    with heard(signals.signed_in) as told:
        post(client, "203.0.113.9", token=code)

    assert [assessment for _, assessment in told_of(told)] == [DOUBT]
    assert judged == [ABROAD]
