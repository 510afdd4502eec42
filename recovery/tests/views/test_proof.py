"""What can be shown: the list of ways, and a code to another contact."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.tests.factories import make_contact, make_totp
from outbox.models import Message
from recovery import policy
from recovery.enums import ProofClass, TicketState
from recovery.models import Proof
from recovery.tests.factories import make_proof

S = TicketState
PROOF = reverse("recovery:proof")
CONTACT = reverse("recovery:proof_contact")
OTHER = "other@example.net"
KIND = "recovery.contact_code"
pytestmark = pytest.mark.django_db


@pytest.fixture
def waiting(own, maria):
    """Give a ticket on Maria's account that has shown nothing yet; OTHER is on file."""
    make_contact(maria, OTHER)
    return own(maria, state=S.AWAITING_PROOF)


@pytest.mark.parametrize("path", [PROOF, CONTACT])
def test_without_a_ticket_every_way_leads_to_the_start(path):
    assert Client().get(path)["Location"] == reverse("recovery:start")


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
def test_a_ticket_that_asks_for_no_proof_leads_to_its_page(client, own, maria, state, page):
    own(maria, state=state)

    for path in (PROOF, CONTACT):
        assert client.get(path)["Location"] == reverse(f"recovery:{page}")


def test_everybody_sees_the_same_ways_and_none_is_the_first(client, own, maria):
    make_totp(maria)
    pages = []
    for user in (maria, None):
        own(user, state=S.AWAITING_PROOF)
        pages.append(client.get(PROOF).context["choices"])

    assert pages[0] == pages[1]
    assert pages[0][0].url == reverse("recovery:proof_questions")


def test_what_this_browser_has_shown_is_listed(client, waiting):
    make_proof(waiting, ProofClass.PHONE)
    make_proof(waiting, ProofClass.APP, browser_hash="another")

    assert client.get(PROOF).context["accepted"] == ["code to a phone on the account"]


def test_a_code_to_another_contact_opens_the_account(client, waiting, code_for):
    client.post(CONTACT, {"contact": OTHER})

    accepted = client.post(CONTACT, {"code": code_for(OTHER, KIND)})

    assert accepted["Location"] == reverse("recovery:password")
    assert list(Proof.objects.values_list("proof_class", flat=True)) == [ProofClass.MAIL]


@pytest.mark.parametrize("typed", [OTHER, "stranger@example.net"])
def test_the_page_says_the_same_of_what_is_on_file_and_what_is_not(client, waiting, typed):
    client.post(CONTACT, {"contact": typed})

    page = client.get(CONTACT)

    assert page.context["contact"] == typed
    assert (page.context["code_number"], page.context["tries_left"]) == (1, 5)
    for told in ("delivery", "works_until", "sends_left", "resend_from"):
        assert told not in page.context


def test_the_code_of_an_address_that_is_not_on_file_shows_nothing(client, waiting, code_for):
    client.post(CONTACT, {"contact": "stranger@example.net"})

    answer = client.post(CONTACT, {"code": code_for("stranger@example.net", KIND)})

    assert answer["Location"] == PROOF
    assert not Proof.objects.exists()


def test_a_wrong_code_is_refused_and_counted(client, waiting):
    client.post(CONTACT, {"contact": OTHER})

    page = client.post(CONTACT, {"code": "00000000"})

    assert page.context["form"].errors == {"code": ["That code is not right, or its time is over."]}
    assert page.context["tries_left"] == policy.CONTACT_CODE.attempts - 1


def test_after_the_last_try_no_code_is_taken_or_sent(client, waiting, code_for):
    client.post(CONTACT, {"contact": OTHER})
    for _ in range(policy.CONTACT_CODE.attempts):
        client.post(CONTACT, {"code": "00000000"})

    refused = client.post(CONTACT, {"code": code_for(OTHER, KIND)})
    again = client.post(CONTACT, {"contact": OTHER})

    none_left = ["There are no tries left for this code."]
    assert refused.context["form"].errors == {"code": none_left}
    assert again.context["form"].errors == {"contact": none_left}


def test_a_second_address_rests_for_a_minute(client, waiting, time_machine):
    now = timezone.now()
    time_machine.move_to(now, tick=False)
    client.post(CONTACT, {"contact": OTHER})

    page = client.post(CONTACT, {"contact": "stranger@example.net"})

    assert page.context["rest_until"] == now + policy.CONTACT_CODE.resend_after
    assert Message.objects.count() == 1


def test_past_the_daily_tries_the_page_says_until_when(client, waiting, time_machine):
    now = timezone.now()
    for number in range(policy.CONTACT_TRIES_PER_CLAIMANT.limit):
        time_machine.move_to(now + timedelta(minutes=2 * number))
        client.post(CONTACT, {"contact": OTHER})
    time_machine.move_to(now + timedelta(minutes=30))

    page = client.post(CONTACT, {"contact": OTHER})

    assert (page.status_code, page.context["until"] > now) == (429, True)


def test_another_address_can_be_typed_instead(client, waiting):
    client.post(CONTACT, {"contact": OTHER})

    page = client.get(CONTACT, {"other": "1"})

    assert list(page.context["form"].fields) == ["contact"]


@pytest.mark.parametrize("typed", ["", "somewhere", "12", "a@b@c", "a@example.org, b@example.org"])
def test_what_is_neither_address_nor_number_is_refused_and_costs_nothing(client, waiting, typed):
    page = client.post(CONTACT, {"contact": typed})

    assert list(page.context["form"].errors) == ["contact"]
    assert not Message.objects.exists()
