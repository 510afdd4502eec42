from datetime import timedelta

import pytest
import time_machine
from django.test import Client as Browser
from django.utils import timezone

from accounts.models import Passkey, UserSession
from accounts.services import passkeys
from accounts.tests.passkeys import make_working_passkey
from accounts.tests.soft_authenticator import (
    PRESENT,
    VERIFIED,
    SoftAuthenticator,
    b64,
    begin,
    complete,
)
from accounts.tests.views.steps import user_of

pytestmark = pytest.mark.django_db
SIGN_IN = "/sign-in/passkey/"
VERIFY = "/sign-in/verify/passkey/"
STEP_UP = "/security/confirm/passkey/"
REFUSED = {
    "code": "passkey_refused",
    "detail": "That passkey was not accepted. Try once more, or choose another way.",
}


def sign_in_with(browser, device, **lies):
    return complete(browser, SIGN_IN, device.sign(begin(browser, SIGN_IN), **lies))


def assert_refused(response, browser):
    assert (response.status_code, response.json()) == (403, REFUSED)
    assert user_of(browser) is None


def test_passkey_alone_signs_in(client, maria, key):
    passkey, device = key

    response = sign_in_with(client, device)

    assert response.json() == {"id": True, "redirect_url": "/security/"}
    assert user_of(client) == str(maria.pk)
    assert client.get("/security/").status_code == 200
    used = Passkey.objects.get(pk=passkey.pk)
    assert used.sign_count == device.counter
    assert timezone.now() - used.used_at < timedelta(minutes=1)


@pytest.mark.parametrize(("cookie", "is_kept"), [("1", True), ("", False), ("yes", False)])
def test_person_is_kept_signed_in_where_that_was_ticked(client, key, cookie, is_kept):
    client.cookies["acsr_keep"] = cookie

    sign_in_with(client, key[1])

    assert UserSession.objects.get(user__isnull=False).is_kept is is_kept
    assert client.cookies["acsr_keep"].value == ""


def test_question_names_nobody_and_asks_who_holds_the_device(client, key):
    options = begin(client, SIGN_IN)

    assert options["allowCredentials"] == []
    assert options["userVerification"] == "required"
    assert options["rpId"] == "localhost"


def test_sign_in_leads_to_the_page_that_was_wanted_and_to_no_other_site(client, key):
    _, device = key
    answer = device.sign(begin(client, SIGN_IN))
    path = SIGN_IN + "complete/?next=/security/sessions/"

    response = client.post(path, answer, content_type="application/json")

    assert response.json()["redirect_url"] == "/security/sessions/"

    other = Browser()
    answer = device.sign(begin(other, SIGN_IN))
    path = SIGN_IN + "complete/?next=https://evil.example/"
    response = other.post(path, answer, content_type="application/json")
    assert response.json()["redirect_url"] == "/security/"


@pytest.mark.parametrize(
    "lies",
    [
        {"origin": "https://evil.example"},
        {"rp_id": "evil.example"},
        {"type": "webauthn.create"},
        {"challenge": b64(b"another question")},
        {"flags": PRESENT},  # nobody made sure who holds it
        {"flags": VERIFIED},  # nobody was there
        {"handle": b""},
        {"handle": b"somebody else"},
    ],
)
def test_lie_of_an_authenticator_signs_nobody_in(client, key, failures, lies):
    _, device = key

    assert_refused(sign_in_with(client, device, **lies), client)

    assert failures == [(None, "passkey_refused")]


def test_unknown_removed_and_wrongly_signed_passkeys_get_one_answer(client, maria, key, failures):
    _, device = key
    _, removed = make_working_passkey(maria)
    Passkey.objects.filter(credential_id=removed.credential_id).update(
        confirmed=False, removed_at=timezone.now(), credential_id=b"", public_key=b""
    )
    forged = SoftAuthenticator(
        credential_id=device.credential_id, user_handle=device.user_handle, counter=9
    )
    stranger = SoftAuthenticator(user_handle=b"a handle")

    for liar in (forged, stranger, removed):
        assert_refused(sign_in_with(client, liar), client)

    assert failures == [(None, "passkey_refused")] * 3


def test_passkey_out_of_use_is_unknown_though_its_key_is_there(client, key, failures):
    passkey, device = key
    Passkey.objects.filter(pk=passkey.pk).update(confirmed=False)

    assert_refused(sign_in_with(client, device), client)

    assert failures == [(None, "passkey_refused")]


def test_switched_off_account_is_told_and_gets_the_same_answer(client, maria, key, failures):
    _, device = key
    maria.is_active = False
    maria.save()

    assert_refused(sign_in_with(client, device), client)

    assert failures == [(maria, "passkey_refused")]


def test_paused_account_is_not_signed_in_and_hears_why(client, maria, key):
    _, device = key
    maria.frozen_at, maria.frozen_cause = timezone.now(), "owner"
    maria.save()

    response = sign_in_with(client, device)

    assert response.status_code == 403
    assert "paused" in response.json()["detail"]
    assert user_of(client) is None


def test_counter_that_goes_back_is_refused_and_told_to_its_owner(client, maria, key, failures):
    passkey, device = key

    assert_refused(sign_in_with(client, device, counter=passkey.sign_count), client)

    assert failures == [(maria, "passkey_cloned")]
    assert Passkey.objects.get(pk=passkey.pk).used_at is None
    assert sign_in_with(client, device).status_code == 200


def test_counter_beyond_any_honest_one_is_refused(client, key):
    _, device = key

    assert_refused(sign_in_with(client, device, counter=2**32 - 1), client)


@pytest.mark.parametrize("counter", [None, 5])
def test_answer_counts_once(client, maria, counter):
    _, device = make_working_passkey(maria, counter=counter)
    answer = device.sign(begin(client, SIGN_IN))
    assert complete(client, SIGN_IN, answer).status_code == 200
    client.post("/sign-out/")

    response = complete(client, SIGN_IN, answer)

    assert (response.status_code, response.json()["code"]) == (400, "invalid_state")
    assert user_of(client) is None


@pytest.mark.parametrize("counter", [None, 5])
def test_answer_sent_again_with_its_question_is_refused(client, maria, counter):
    _, device = make_working_passkey(maria, counter=counter)
    answer = device.sign(begin(client, SIGN_IN))
    question = client.cookies["acsr_passkey"].value
    assert complete(client, SIGN_IN, answer).status_code == 200

    other = Browser()
    other.cookies["acsr_passkey"] = question

    assert_refused(complete(other, SIGN_IN, answer), other)


def test_question_makes_no_session_and_ends_none(client, maria):
    begin(client, SIGN_IN)

    assert list(client.cookies) == ["acsr_passkey"]
    assert not UserSession.objects.exists()
    cookie = client.cookies["acsr_passkey"]
    assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == (SIGN_IN, True, "Strict")


@pytest.mark.parametrize("value", ["", "a", "a:b:c", "é", "a" * 4000])
def test_question_that_was_not_ours_is_none(client, key, value):
    _, device = key
    answer = device.sign(begin(client, SIGN_IN))
    client.cookies["acsr_passkey"] = value

    response = complete(client, SIGN_IN, answer)

    assert (response.status_code, response.json()["code"]) == (400, "invalid_state")
    assert user_of(client) is None


def test_question_of_another_purpose_signs_nobody_in(client, key):
    _, device = key
    state = {"challenge": begin(client, SIGN_IN)["challenge"]}
    answer = device.sign(state)
    client.cookies["acsr_passkey"] = passkeys.seal_state(passkeys.RECOVERY, state)

    assert complete(client, SIGN_IN, answer).json()["code"] == "invalid_state"


def test_question_of_six_minutes_ago_is_over(client, key):
    _, device = key
    answer = device.sign(begin(client, SIGN_IN))

    with time_machine.travel(timezone.now() + timedelta(minutes=5, seconds=1)):
        response = complete(client, SIGN_IN, answer)

    assert response.json()["code"] == "invalid_state"
    assert user_of(client) is None


def test_answer_without_a_question_is_refused(client, key):
    _, device = key

    response = complete(client, SIGN_IN, device.sign({"challenge": b64(b"mine")}))

    assert response.json()["code"] == "invalid_state"


def test_question_of_another_browser_is_not_answered(client, key):
    _, device = key
    answer = device.sign(begin(Browser(), SIGN_IN))
    begin(client, SIGN_IN)

    assert_refused(complete(client, SIGN_IN, answer), client)
