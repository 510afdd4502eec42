"""The first page."""

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.tests.factories import make_user
from outbox.models import Message
from recovery import policy
from recovery.enums import Reason, TicketState
from recovery.models import RecoveryTicket

pytestmark = pytest.mark.django_db
START = reverse("recovery:start")
NAME = reverse("recovery:name")


def post(client, **fields):
    return client.post(START, fields)


def test_a_code_goes_to_the_address_that_was_typed(client):
    response = post(client, identifier="maria@example.org", contact_email="Me@Example.net")

    assert (response.status_code, response["Location"]) == (302, reverse("recovery:code"))
    assert list(Message.objects.values_list("address", flat=True)) == ["Me@example.net"]


def test_an_empty_address_is_the_identifier_if_that_is_one(client):
    post(client, identifier="maria@example.org", contact_email="")

    assert RecoveryTicket.objects.get().contact == "maria@example.org"


def test_a_user_name_alone_is_not_enough(client):
    response = post(client, identifier="maria", contact_email="")

    assert response.context["form"].errors == {
        "contact_email": ["Type an e-mail address such as name@example.org."]
    }
    assert not RecoveryTicket.objects.exists()


@pytest.mark.parametrize(
    "typed",
    [
        "a@example.org,b@example.org",
        "a@example.org b@example.org",
        "a@example.org\r\nBcc: b@example.org",
        "a@example.org;b@example.org",
        '"a b"@example.org',
        "jos\u00e9@example.org",
        "a@[127.0.0.1]",
        "not an address",
    ],
)
def test_no_code_goes_to_what_is_not_one_plain_address(client, typed):
    response = post(client, identifier="maria@example.org", contact_email=typed)

    assert response.status_code == 200
    assert not Message.objects.exists()


def test_a_slip_in_a_well_known_domain_is_asked_about_first(client):
    fields = {"identifier": "maria@example.org", "contact_email": "maria@gmial.com"}

    response = post(client, **fields)

    assert response.context["suggestion"] == "maria@gmail.com"
    assert not Message.objects.exists()


@pytest.mark.parametrize(
    ("choice", "address"),
    [("suggested", "maria@gmail.com"), ("typed", "maria@gmial.com")],
)
def test_the_answer_to_that_question_decides(client, choice, address):
    post(
        client,
        identifier="maria@example.org",
        contact_email="maria@gmial.com",
        contact_choice=choice,
    )

    assert RecoveryTicket.objects.get().contact == address


def test_a_takeover_is_kept_as_the_reason(client):
    page = client.get(START, {"takeover": "1"})
    post(client, identifier="amira@example.org", contact_email="", takeover="1")

    assert page.context["takeover"] is True
    assert RecoveryTicket.objects.get().reason == Reason.TAKEOVER


def test_what_was_typed_before_is_there_again(client):
    post(client, identifier="maria", contact_email="me@example.net")

    form = client.get(START).context["form"]

    assert (form["identifier"].value(), form["contact_email"].value()) == (
        "maria",
        "me@example.net",
    )


def test_a_used_up_address_is_told_until_when(client):
    for _ in range(5):
        post(client, identifier="maria", contact_email="me@example.net")

    response = post(client, identifier="maria", contact_email="me@example.net")

    assert response.status_code == 429
    assert response.context["until"] is not None
    assert RecoveryTicket.objects.filter(state=TicketState.AWAITING_CODE).count() == 1


def test_a_signed_in_person_is_told_the_faster_way(client):
    client.force_login(make_user())

    assert client.get(START).context["signed_in"] is True


@pytest.mark.parametrize("typed", ["maria@example.org", "nobody@example.org"])
def test_names_go_to_the_mailbox_and_the_page_says_the_same(client, typed):
    make_user(email="maria@example.org")

    page = client.post(NAME, {"contact": typed})

    assert page.templates[0].name == "recovery/name_sent.html"
    assert [(row.kind, row.address) for row in Message.objects.all()] == [("recovery.names", typed)]


@pytest.mark.parametrize("typed", ["", "maria", "+4915112345678", "a@example.org,b@example.org"])
def test_names_go_to_an_e_mail_address_alone(client, typed):
    page = client.post(NAME, {"contact": typed})

    assert page.context["form"].errors == {
        "contact": ["Type an e-mail address such as name@example.org."]
    }
    assert not Message.objects.exists()


def test_past_its_limit_a_mailbox_is_told_until_when(client):
    for _ in range(policy.NAME_MAILS_PER_CONTACT.limit):
        client.post(NAME, {"contact": "maria@example.org"})

    page = client.post(NAME, {"contact": "maria@example.org"})

    assert (page.status_code, page.context["until"] > timezone.now()) == (429, True)
