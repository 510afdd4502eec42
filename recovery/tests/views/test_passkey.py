"""A passkey as a proof: asked alike, bound to its ticket, told nothing (attacks.md 29)."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Passkey
from accounts.tests.factories import (
    make_passkey,
    make_totp,
    make_user,
)
from accounts.tests.passkeys import make_working_passkey
from accounts.tests.soft_authenticator import PRESENT, SYNCED, begin, complete
from activity.enums import EventKind
from activity.models import SecurityEvent
from recovery.enums import ProofClass, TicketState
from recovery.models import Proof, RecoveryTicket

S = TicketState
P = ProofClass
PROOF = reverse("recovery:proof")
PASSKEY = reverse("recovery:proof_passkey")
NEW = reverse("recovery:password")
REFUSED = {
    "code": "passkey_refused",
    "detail": "That passkey was not accepted. Try once more, or choose another way.",
}
pytestmark = pytest.mark.django_db


@pytest.fixture
def app(maria):
    return make_totp(maria)


@pytest.fixture
def waiting(own, maria):
    return own(maria, state=S.AWAITING_PROOF)


def test_a_passkey_opens_an_account_with_two_step(client, waiting, maria):
    _passkey, device = make_working_passkey(maria)

    response = _press(client, device)

    assert response.json() == {"id": True, "redirect_url": NEW}
    assert RecoveryTicket.objects.get().state == S.APPROVED


def test_a_passkey_signs_nobody_in(client, waiting, maria):
    _passkey, device = make_working_passkey(maria)

    _press(client, device)

    assert "_auth_user_id" not in client.session
    assert client.get("/security/").status_code == 302


def test_a_passkey_two_days_old_is_no_proof_yet(client, waiting, maria):
    make_totp(maria)
    _passkey, device = make_working_passkey(maria, made_at=timezone.now() - timedelta(days=2))

    response = _press(client, device)

    assert response.json()["redirect_url"] == PROOF
    assert RecoveryTicket.objects.get().state == S.AWAITING_PROOF
    assert not Proof.objects.get().is_strong


def test_the_question_is_the_same_for_everybody(client, own, maria):
    make_passkey(maria)
    asked = []
    for user in (maria, None):
        own(user, state=S.AWAITING_PROOF)
        asked.append(begin(client, PASSKEY) | {"challenge": ""})

    assert asked[0] == asked[1]
    assert (asked[0]["allowCredentials"], asked[0]["userVerification"]) == ([], "required")


@pytest.mark.parametrize("whose", ["somebody else's", "removed", "unknown"])
def test_any_other_passkey_gets_one_answer(client, waiting, maria, whose):
    owner = make_user() if whose == "somebody else's" else maria
    passkey, device = make_working_passkey(owner)
    if whose == "removed":
        Passkey.objects.update(confirmed=False, removed_at=timezone.now())
    elif whose == "unknown":
        passkey.delete()

    response = _press(client, device)

    assert (response.status_code, response.json()) == (403, REFUSED)
    assert not Proof.objects.exists()
    refused = SecurityEvent.objects.get(kind=EventKind.PROOF_REFUSED)
    assert (refused.user, refused.details["proof"]) == (maria, P.PASSKEY)


def test_a_press_without_finger_face_or_pin_proves_nothing(client, waiting, maria):
    _passkey, device = make_working_passkey(maria)

    response = _press(client, device, flags=PRESENT | SYNCED)

    assert response.status_code == 403
    assert not Proof.objects.exists()


def test_an_answer_for_another_purpose_or_ticket_is_worth_nothing(client, own, maria):
    _passkey, device = make_working_passkey(maria)
    own(maria, state=S.AWAITING_PROOF)
    for_sign_in = device.sign(begin(client, "/sign-in/passkey/"))
    assert complete(client, PASSKEY, for_sign_in).status_code == 400

    for_other_ticket = device.sign(begin(client, PASSKEY))
    own(maria, state=S.AWAITING_PROOF)

    assert complete(client, PASSKEY, for_other_ticket).status_code == 400
    assert not Proof.objects.exists()


def test_an_answer_counts_once(client, waiting, maria):
    _passkey, device = make_working_passkey(maria)
    answer = device.sign(begin(client, PASSKEY))
    complete(client, PASSKEY, answer)
    RecoveryTicket.objects.update(state=S.AWAITING_PROOF)

    assert complete(client, PASSKEY, answer).status_code == 400


@pytest.mark.parametrize("half", ["begin/", "complete/"])
def test_ceremonies_need_a_ticket_that_asks_for_a_proof_and_a_post(client, own, maria, half):
    assert client.post(PASSKEY + half, "{}", "application/json").status_code == 400
    own(maria, state=S.APPROVED)

    assert client.post(PASSKEY + half, "{}", "application/json").status_code == 400
    assert client.get(PASSKEY + half).status_code == 405


@pytest.mark.parametrize("body", ["", "[]", "null", "{}", '{"id": 5}', "\xff", "[" * 3000])
def test_whatever_is_sent_gets_a_clear_answer(client, waiting, body):
    begin(client, PASSKEY)

    response = client.post(PASSKEY + "complete/", body, "application/json")

    assert response.status_code in (400, 403)


def _press(client, device, **lies):
    return complete(client, PASSKEY, device.sign(begin(client, PASSKEY), **lies))
