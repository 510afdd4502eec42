import pytest
from django.test import Client as Browser

from accounts import signals
from accounts.models import Passkey
from accounts.tests.factories import make_passkey, make_totp, make_user
from accounts.tests.passkeys import make_working_passkey
from accounts.tests.soft_authenticator import (
    PRESENT,
    b64,
    begin,
    complete,
)
from accounts.tests.views.steps import sign_in, user_of

pytestmark = pytest.mark.django_db
SIGN_IN = "/sign-in/passkey/"
VERIFY = "/sign-in/verify/passkey/"
STEP_UP = "/security/confirm/passkey/"
REFUSED = {
    "code": "passkey_refused",
    "detail": "That passkey was not accepted. Try once more, or choose another way.",
}


def signed_in(maria):
    browser = Browser()
    browser.force_login(maria, backend="accounts.backends.StagedBackend")
    return browser


def test_passkey_is_a_second_step_after_the_password(client, maria, key):
    _, device = key
    assert sign_in(client).url == "/sign-in/verify/"

    options = begin(client, VERIFY)
    response = complete(client, VERIFY, device.sign(options, flags=PRESENT))

    assert [allowed["id"] for allowed in options["allowCredentials"]] == [b64(device.credential_id)]
    assert options["userVerification"] == "preferred"
    assert response.json() == {"id": True, "redirect_url": "/security/"}
    assert user_of(client) == str(maria.pk)


def test_second_step_takes_no_passkey_of_another_account(client, maria, key, failures):
    make_totp(maria)
    _, theirs = make_working_passkey(make_user())
    sign_in(client)

    response = complete(client, VERIFY, theirs.sign(begin(client, VERIFY)))

    assert (response.status_code, response.json()) == (403, REFUSED)
    assert user_of(client) is None

    assert failures == [(maria, "wrong_token")]


@pytest.mark.parametrize("half", ["begin/", "complete/"])
def test_second_step_needs_the_password_before_it(client, key, half):
    response = client.post(VERIFY + half, {}, content_type="application/json")

    assert (response.status_code, response.json()["code"]) == (400, "invalid_state")


def test_question_of_the_second_step_signs_in_nowhere_else(client, key):
    _, device = key
    sign_in(client)
    answer = device.sign(begin(client, VERIFY))

    response = complete(client, SIGN_IN, answer)

    assert response.json()["code"] == "invalid_state"
    assert user_of(client) is None


def test_passkey_confirms_and_leads_back(maria, key):
    _, device = key
    browser = signed_in(maria)
    answer = device.sign(begin(browser, STEP_UP))
    path = STEP_UP + "complete/?next=/security/two-step/passkey/"

    response = browser.post(path, answer, content_type="application/json")

    assert response.json()["redirect_url"] == "/security/two-step/passkey/"
    assert browser.session["step_up"]["way"] == "passkey"


@pytest.mark.parametrize("lies", [{"flags": PRESENT}, {"origin": "https://evil.example"}])
def test_confirming_needs_who_holds_it_and_our_site(maria, key, lies):
    _, device = key
    browser = signed_in(maria)
    told = []
    signals.step_up_failed.connect(hear := lambda sender, **fact: told.append(fact["reason"]))

    response = complete(browser, STEP_UP, device.sign(begin(browser, STEP_UP), **lies))

    signals.step_up_failed.disconnect(hear)
    assert (response.status_code, response.json()) == (403, REFUSED)
    assert "step_up" not in browser.session
    assert told == ["passkey_refused"]


def test_confirming_takes_no_passkey_of_another_account(maria, key):
    _, theirs = make_working_passkey(make_user())
    browser = signed_in(maria)

    response = complete(browser, STEP_UP, theirs.sign(begin(browser, STEP_UP)))

    assert (response.status_code, response.json()) == (403, REFUSED)
    assert "step_up" not in browser.session


def test_question_of_a_try_confirms_nothing(maria, key):
    passkey, device = key
    browser = signed_in(maria)
    answer = device.sign(begin(browser, f"/security/two-step/passkey/{passkey.pk}/try/"))

    response = complete(browser, STEP_UP, answer)

    assert response.json()["code"] == "invalid_state"
    assert "step_up" not in browser.session


@pytest.mark.parametrize("path", [STEP_UP, "/security/two-step/passkey/1/try/"])
@pytest.mark.parametrize("half", ["begin/", "complete/"])
def test_signed_out_browser_is_told_to_sign_in(client, path, half):
    response = client.post(path + half, {}, content_type="application/json")

    assert (response.status_code, response.json()["code"]) == (403, "not_authenticated")


def test_try_notes_the_use_and_says_that_it_works(maria, key):
    passkey, device = key
    browser = signed_in(maria)
    path = f"/security/two-step/passkey/{passkey.pk}/try/"

    options = begin(browser, path)
    response = complete(browser, path, device.sign(options))

    assert [allowed["id"] for allowed in options["allowCredentials"]] == [b64(device.credential_id)]
    assert response.json()["redirect_url"] == f"/security/two-step/passkey/{passkey.pk}/"
    assert Passkey.objects.get(pk=passkey.pk).used_at is not None


def test_try_takes_no_other_passkey_than_the_one_on_the_page(maria, key):
    passkey, _ = key
    other, other_device = make_working_passkey(maria)
    browser = signed_in(maria)
    path = f"/security/two-step/passkey/{passkey.pk}/try/"

    response = complete(browser, path, other_device.sign(begin(browser, path)))

    assert (response.status_code, response.json()) == (403, REFUSED)
    assert Passkey.objects.get(pk=other.pk).used_at is None


def test_question_for_one_passkey_is_not_answered_on_the_page_of_another(maria, key):
    passkey, device = key
    other, _ = make_working_passkey(maria)
    browser = signed_in(maria)
    answer = device.sign(begin(browser, f"/security/two-step/passkey/{other.pk}/try/"))

    response = complete(browser, f"/security/two-step/passkey/{passkey.pk}/try/", answer)

    assert response.json()["code"] == "invalid_state"


def test_passkey_of_another_account_cannot_be_tried(maria):
    theirs = make_passkey(make_user())
    browser = signed_in(maria)

    response = browser.post(f"/security/two-step/passkey/{theirs.pk}/try/begin/")

    assert (response.status_code, response.json()) == (403, REFUSED)


@pytest.mark.parametrize("counter", [None, 5])
def test_answer_sent_again_beside_the_first_confirms_once(maria, counter):
    # The second request has read the session before the first took the question out of it.
    _, device = make_working_passkey(maria, counter=counter)
    browser = signed_in(maria)
    answer = device.sign(begin(browser, STEP_UP))
    asked = browser.session["passkey:step_up"]
    assert complete(browser, STEP_UP, answer).status_code == 200
    other = signed_in(maria)
    session = other.session
    session["passkey:step_up"] = asked
    session.save()

    assert complete(other, STEP_UP, answer).json() == REFUSED
    assert "step_up" not in other.session


def test_refused_answer_uses_the_question_up(maria, key):
    _, device = key
    browser = signed_in(maria)
    options = begin(browser, STEP_UP)
    complete(browser, STEP_UP, device.sign(options, origin="https://x"))

    response = complete(browser, STEP_UP, device.sign(options))

    assert response.json()["code"] == "invalid_state"
