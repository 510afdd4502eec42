import json
from datetime import timedelta

import pytest
import time_machine
from django.test import Client as Browser
from django.utils import timezone
from django_otp_webauthn.models import WebAuthnAttestation

from accounts import policy, signals
from accounts.models import Passkey, UserSession
from accounts.tests.factories import (
    PASSWORD,
    make_passkey,
    make_recovery_codes,
    make_user,
)
from accounts.tests.passkeys import make_working_passkey
from accounts.tests.soft_authenticator import (
    PRESENT,
    VERIFIED,
    SoftAuthenticator,
    b64,
    begin,
    complete,
    unb64,
)
from accounts.tests.views.steps import sign_in, user_of

pytestmark = pytest.mark.django_db
ADD = "/security/two-step/passkey/"
BITWARDEN = bytes.fromhex("d548826e79b4db40a3d811116f7e8349")
YUBIKEY = bytes.fromhex("2fc0579f811347eab116bb5a8db9202a")


@pytest.fixture
def maria():
    """Somebody who has kept printed codes, so that a first second step may be added."""
    user = make_user(email="maria@example.org")
    make_recovery_codes(user)
    return user


@pytest.fixture
def browser(maria):
    """Maria's browser, in which she has just confirmed that it is her."""
    window = Browser()
    sign_in(window)
    confirm(window)
    return window


def confirm(browser):
    response = browser.post("/security/confirm/", {"password": PASSWORD})
    assert response.status_code == 302


def add(browser, device, **lies):
    return complete(browser, ADD, device.make(begin(browser, ADD), **lies))


def test_page_has_the_button_after_confirming(maria, browser, settings):
    host = settings.PASSKEY_ORIGIN.split("://")[1]

    page = browser.get(ADD, headers={"host": host}).content.decode()

    assert 'id="passkey-register-button"' in page
    assert f'"beginRegistrationUrl": "{ADD}begin/"' in page


def test_page_on_another_host_leads_to_the_one_that_passkeys_belong_to(browser, settings):
    page = browser.get(ADD).content.decode()

    assert f'<a href="{settings.PASSKEY_ORIGIN}{ADD}"' in page
    assert "passkey-register-button" not in page


def test_page_asks_to_confirm_first(maria, client):
    sign_in(client)

    assert client.get(ADD).url == f"/security/confirm/?next={ADD}"


def test_page_asks_strangers_to_sign_in(client):
    assert client.get(ADD).url == f"/sign-in/?next={ADD}"


def test_page_leads_to_printed_codes_where_they_are_missing(client):
    make_user(email="bare@example.org")
    sign_in(client, "bare@example.org")
    confirm(client)

    assert client.get(ADD).url == "/security/two-step/codes/?for=passkey"


def test_passkey_is_made_and_signs_in_from_then_on(maria, browser):
    device = SoftAuthenticator(aaguid=BITWARDEN)

    response = add(browser, device)

    passkey = Passkey.objects.in_use().get(user=maria)
    assert response.json() == {"id": True, "redirect_url": f"{ADD}{passkey.pk}/"}
    assert passkey.name == "Bitwarden"
    assert timezone.now() - passkey.made_at < timedelta(minutes=1)
    assert passkey.discoverable is True
    other = Browser()
    answer = device.sign(begin(other, "/sign-in/passkey/"))
    assert complete(other, "/sign-in/passkey/", answer).status_code == 200
    assert user_of(other) == str(maria.pk)


def test_question_asks_for_a_passkey_that_stands_alone(maria, browser):
    options = begin(browser, ADD)

    chosen = options["authenticatorSelection"]
    assert (chosen["residentKey"], chosen["userVerification"]) == ("required", "required")
    assert options["attestation"] == "none"
    assert options["user"]["name"] == "maria@example.org"
    assert options["user"]["displayName"] == "maria@example.org"
    assert str(maria.pk) not in unb64(options["user"]["id"]).decode(errors="replace")


def test_question_names_the_passkeys_in_use_and_no_removed_one(maria, browser):
    kept = make_passkey(maria)
    make_passkey(maria, confirmed=False, removed_at=timezone.now(), credential_id=b"")
    make_passkey(maria, confirmed=False, made_at=None)

    options = begin(browser, ADD)

    named = [excluded["id"] for excluded in options["excludeCredentials"]]
    assert named == [b64(bytes(kept.credential_id))]


def test_nothing_is_kept_that_could_tell_devices_apart(maria, browser):
    add(browser, SoftAuthenticator())

    assert not WebAuthnAttestation.objects.exists()


def test_second_of_one_make_gets_a_number(maria, browser):
    add(browser, SoftAuthenticator(aaguid=YUBIKEY))
    _, first = make_working_passkey(maria)
    answer = first.sign(begin(browser, "/security/confirm/passkey/"))
    complete(browser, "/security/confirm/passkey/", answer)

    add(browser, SoftAuthenticator(aaguid=YUBIKEY))

    names = Passkey.objects.in_use().filter(user=maria).exclude(name="key").order_by("pk")
    assert list(names.values_list("name", flat=True)) == ["YubiKey", "YubiKey 2"]


def test_other_sessions_end_and_this_one_goes_on(maria, browser):
    other = Browser()
    sign_in(other)

    add(browser, SoftAuthenticator())

    assert user_of(other) is None
    assert browser.get("/security/").status_code == 200
    assert UserSession.objects.filter(user=maria).count() == 1


def test_it_is_told_once(maria, browser):
    told = []
    signals.authenticator_added.connect(
        hear := lambda sender, **fact: told.append((fact["kind"], fact["is_first"]))
    )

    add(browser, SoftAuthenticator(transports=("usb", "nfc")))

    signals.authenticator_added.disconnect(hear)
    assert told == [("passkey", True)]


def test_one_confirmation_pays_for_one_passkey(maria, browser):
    add(browser, SoftAuthenticator())

    response = browser.post(ADD + "begin/")

    assert (response.status_code, response.json()["code"]) == (403, "user_not_verified")
    assert Passkey.objects.in_use().count() == 1


def test_confirmation_spent_meanwhile_pays_for_nothing(maria, browser):
    answer = SoftAuthenticator().make(begin(browser, ADD))
    session = browser.session
    del session["step_up"]
    session.save()

    response = complete(browser, ADD, answer)

    assert (response.status_code, response.json()["code"]) == (403, "user_not_verified")
    assert not Passkey.objects.exists()


def test_confirmation_may_run_out_while_the_person_looks_for_the_key(maria, browser):
    with time_machine.travel(timezone.now() + policy.STEP_UP_LIVES - timedelta(seconds=5)):
        answer = SoftAuthenticator().make(begin(browser, ADD))
    with time_machine.travel(timezone.now() + policy.STEP_UP_LIVES + timedelta(minutes=1)):
        assert browser.post(ADD + "begin/").status_code == 403
        assert complete(browser, ADD, answer).status_code == 200

    assert Passkey.objects.in_use().count() == 1


def test_question_of_six_minutes_ago_makes_nothing(maria, browser):
    answer = SoftAuthenticator().make(begin(browser, ADD))

    with time_machine.travel(timezone.now() + policy.CEREMONY_LIVES + timedelta(seconds=1)):
        response = complete(browser, ADD, answer)

    assert response.json()["code"] == "invalid_state"
    assert not Passkey.objects.exists()


@pytest.mark.parametrize(
    "lies",
    [
        {"origin": "https://evil.example"},
        {"rp_id": "evil.example"},
        {"type": "webauthn.get"},
        {"challenge": b64(b"another question")},
        {"flags": PRESENT},
        {"flags": VERIFIED},
        {"rk": False},
        {"counter": 2**31},
    ],
)
def test_lie_of_an_authenticator_makes_nothing(maria, browser, lies):
    response = add(browser, SoftAuthenticator(), **lies)

    assert (response.status_code, response.json()["code"]) == (403, "passkey_refused")
    assert not Passkey.objects.exists()


@pytest.mark.parametrize("rk", [None, "yes", 1, [], {}])
def test_what_the_browser_says_of_itself_may_be_anything(maria, browser, rk):
    assert add(browser, SoftAuthenticator(), rk=rk).status_code == 200

    assert Passkey.objects.get().discoverable is None


@pytest.mark.parametrize("value", [None, [], "a", {"credProps": None}, {"credProps": [1]}])
def test_results_of_another_shape_are_nothing(maria, browser, value):
    answer = SoftAuthenticator().make(begin(browser, ADD))
    answer["clientExtensionResults"] = value

    assert complete(browser, ADD, answer).status_code == 200


@pytest.mark.parametrize("value", [None, 1, "", "!", "a" * 10_000, [], {}, "AAAA"])
@pytest.mark.parametrize("field", ["clientDataJSON", "attestationObject", "rawId", "type"])
def test_field_of_another_shape_is_refused(maria, browser, field, value):
    answer = SoftAuthenticator().make(begin(browser, ADD))
    holder = answer["response"] if field in answer["response"] else answer
    holder[field] = value

    response = complete(browser, ADD, answer)

    assert response.status_code in {400, 403}
    assert response["Content-Type"] == "application/json"
    assert not Passkey.objects.exists()


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"\xff", b"[" * 5000])
def test_body_that_is_no_answer_makes_nothing(maria, browser, body):
    begin(browser, ADD)

    response = browser.post(ADD + "complete/", body, content_type="application/json")

    assert (response.status_code, response.json()["code"]) == (400, "malformed_request")


def test_id_that_was_here_before_is_refused(maria, browser):
    _, theirs = make_working_passkey(make_user())

    response = add(browser, SoftAuthenticator(credential_id=theirs.credential_id))

    assert (response.status_code, response.json()["code"]) == (403, "passkey_refused")
    assert not Passkey.objects.filter(user=maria).exists()


def test_id_longer_than_any_is_refused(maria, browser):
    response = add(browser, SoftAuthenticator(credential_id=bytes(1024)))

    assert (response.status_code, response.json()["code"]) == (403, "passkey_refused")


def test_codes_gone_meanwhile_let_no_passkey_be_added(maria, browser):
    answer = SoftAuthenticator().make(begin(browser, ADD))
    maria.recoverycodeset_set.update(kept_at=None)

    response = complete(browser, ADD, answer)

    assert response.json()["detail"] == "Get recovery codes first, then add the passkey."
    assert not Passkey.objects.in_use().exists()


def test_contested_account_adds_none(maria, browser):
    maria.contested_at = timezone.now()
    maria.save()

    response = browser.post(ADD + "begin/")

    assert (response.status_code, response.json()["code"]) == (403, "passkey_refused")
    assert browser.get(ADD).url == "/security/two-step/"


def test_eleventh_is_refused(maria, browser):
    for _ in range(policy.AUTHENTICATORS_MOST):
        make_passkey(maria)

    response = browser.post(ADD + "begin/")

    assert response.json()["detail"] == "You have as many passkeys as an account can have."


def test_strangers_make_nothing(client):
    answer = json.dumps({"id": "a"})
    for half in ("begin/", "complete/"):
        response = client.post(ADD + half, answer, content_type="application/json")
        assert (response.status_code, response.json()["code"]) == (403, "not_authenticated")


def test_who_signed_in_and_did_not_confirm_makes_nothing(maria, client):
    sign_in(client)

    for half in ("begin/", "complete/"):
        response = client.post(ADD + half, {}, content_type="application/json")
        assert (response.status_code, response.json()["code"]) == (403, "user_not_verified")


def test_question_for_adding_is_not_answered_by_signing_in(maria, browser):
    _, device = make_working_passkey(maria)
    answer = device.sign(begin(browser, ADD))

    response = complete(browser, "/security/confirm/passkey/", answer)

    assert response.json()["code"] == "invalid_state"
