"""Pages for what is typed or pressed and compared at once."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.services import totp
from accounts.tests.factories import (
    PASSWORD,
    make_recovery_codes,
    make_totp,
    make_user,
)
from activity.enums import EventKind
from activity.models import SecurityEvent
from recovery import policy
from recovery.enums import ProofClass, TicketState
from recovery.models import Proof, RecoveryTicket
from recovery.tests.factories import make_proof

S = TicketState
P = ProofClass
START = reverse("recovery:start")
PROOF = reverse("recovery:proof")
TOKEN = reverse("recovery:proof_authenticator")
RAW = reverse("recovery:proof_password")
PASSKEY = reverse("recovery:proof_passkey")
STATUS = reverse("recovery:status")
NEW = reverse("recovery:password")
PAGES = [TOKEN, RAW, PASSKEY]
WRONG_CODE = (
    "That code was not accepted. Each code works once; take the next one that the app shows, or "
    "another one of your sheet."
)
pytestmark = pytest.mark.django_db


@pytest.fixture
def app(maria):
    return make_totp(maria)


@pytest.fixture
def waiting(own, maria):
    return own(maria, state=S.AWAITING_PROOF)


@pytest.mark.parametrize("path", PAGES)
def test_without_a_ticket_every_way_leads_to_the_start(path):
    assert Client().get(path)["Location"] == START
    assert Client().post(path).status_code in (302, 405)


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize(
    ("state", "page"),
    [
        (S.AWAITING_CODE, "code"),
        (S.IN_REVIEW, "status"),
        (S.APPROVED, "password"),
        (S.COMPLETED, "done"),
        (S.EXPIRED, "status"),
    ],
)
def test_a_ticket_that_asks_for_no_proof_leads_to_its_page(client, own, path, state, page):
    own(make_user(), state=state)

    assert client.get(path)["Location"] == reverse(f"recovery:{page}")


@pytest.mark.parametrize("path", PAGES)
def test_a_ticket_that_waits_can_show_more(client, own, maria, path):
    own(maria, state=S.ON_HOLD)

    assert client.get(path).status_code == 200


def test_app_and_mailbox_lead_to_the_new_password(client, waiting, app):
    make_proof(waiting, P.MAIL)

    response = client.post(TOKEN, {"token": totp.current_code(app)})

    assert response["Location"] == NEW
    assert RecoveryTicket.objects.get().state == S.APPROVED


@pytest.mark.parametrize("shape", ["{} {}", "{}-{}", " {}{} "])
def test_a_code_may_be_typed_as_it_is_printed_or_shown(client, waiting, app, shape):
    code = totp.current_code(app)

    client.post(TOKEN, {"token": shape.format(code[:3], code[3:])})

    assert Proof.objects.get().proof_class == P.APP


def test_a_printed_code_is_taken_in_its_groups(client, waiting, maria, app):
    _set, codes = make_recovery_codes(maria)

    response = client.post(TOKEN, {"token": " ".join([codes[0][:8], codes[0][8:]])})

    assert response["Location"] == PROOF
    assert Proof.objects.get().proof_class == P.PRINTED


def test_one_proof_that_is_not_enough_leads_back_and_says_what_is_missing(client, waiting, app):
    response = client.post(TOKEN, {"token": totp.current_code(app)})

    page = client.get(response["Location"])
    assert page.context["accepted"] == ["code from an authenticator app"]
    assert page.context["outlook"] == "One more is needed, of another kind."


@pytest.mark.parametrize("typed", ["000000", "ABCD-EFGH-JKMN-PQRS", "\x00", "9" * 4000, "😀"])
def test_a_wrong_code_is_refused_on_the_same_page(client, waiting, app, typed):
    page = client.post(TOKEN, {"token": typed})

    assert page.status_code == 200
    assert page.context["form"].errors == {"token": [WRONG_CODE]}


@pytest.mark.parametrize(
    ("path", "data", "words"),
    [
        (TOKEN, {}, "Type a code from your app or from your sheet."),
        (TOKEN, {"token": " - "}, "Type a code from your app or from your sheet."),
        (RAW, {}, "Type the password that you use now."),
        (RAW, {"password": ["a", "b"]}, "Type one value here."),
    ],
)
def test_nothing_typed_costs_no_try(client, waiting, path, data, words):
    page = client.post(path, data)

    assert list(page.context["form"].errors.values()) == [[words]]
    assert not SecurityEvent.objects.filter(kind=EventKind.PROOF_REFUSED).exists()


def test_a_code_sent_twice_is_a_wrong_one(client, waiting, app):
    code = totp.current_code(app)

    client.post(TOKEN, {"token": [code, code]})

    assert not Proof.objects.exists()
    assert SecurityEvent.objects.filter(kind=EventKind.PROOF_REFUSED).count() == 1


def test_past_the_claimants_own_limit_the_page_says_until_when(client, waiting, app):
    for _ in range(policy.PROOF_TRIES_PER_CLAIMANT.limit):
        client.post(TOKEN, {"token": "000000"})

    page = client.post(RAW, {"password": "wrong"})

    assert page.status_code == 429
    rest = page.context["until"] - timezone.now()
    assert timedelta(0) < rest <= policy.PROOF_TRIES_PER_CLAIMANT.window


def test_the_password_and_the_mailbox_begin_a_wait(client, waiting, app):
    make_proof(waiting, P.MAIL)

    response = client.post(RAW, {"password": PASSWORD})

    assert response["Location"] == STATUS
    page = client.get(STATUS)
    assert page.context["face"] == "waiting"
    assert page.context["actions"][0]["url"] == PROOF


@pytest.mark.parametrize("has_app", [True, False])
def test_a_refused_password_reads_the_same_with_and_without_two_step(
    client, waiting, maria, has_app
):
    if has_app:
        make_totp(maria)

    page = client.post(RAW, {"password": "wrong" if has_app else PASSWORD})

    words = "That was not accepted. Check it, or choose another way."
    assert page.context["form"].errors == {"password": [words]}
    assert PASSWORD not in page.content.decode()


def test_a_proof_gives_the_session_a_new_key(client, waiting, app, settings):
    before = client.cookies[settings.SESSION_COOKIE_NAME].value

    client.post(TOKEN, {"token": totp.current_code(app)})

    assert client.cookies[settings.SESSION_COOKIE_NAME].value != before


def test_on_a_wait_the_page_says_what_would_shorten_it(client, own, maria, app):
    own(maria, state=S.ON_HOLD)

    page = client.get(PROOF)

    assert "each counts for 60 minutes" in page.context["outlook"]


def test_a_proof_that_shortens_nothing_leads_back_to_the_list(client, own, maria, app):
    ticket = own(maria, state=S.ON_HOLD)

    response = client.post(TOKEN, {"token": totp.current_code(app)})

    ticket.refresh_from_db()
    assert (response["Location"], ticket.state) == (PROOF, S.ON_HOLD)
    assert client.get(PROOF).context["accepted"] == ["code from an authenticator app"]


def test_a_wait_ends_when_enough_is_shown_again(client, own, maria, app):
    ticket = own(maria, state=S.ON_HOLD, hold_length=3 * policy.DAY)
    make_proof(ticket, P.MAIL)

    response = client.post(TOKEN, {"token": totp.current_code(app)})

    ticket.refresh_from_db()
    assert (response["Location"], ticket.state) == (NEW, S.APPROVED)
