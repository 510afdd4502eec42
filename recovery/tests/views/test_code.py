"""The page of the code."""

from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.tests.factories import make_user
from outbox.enums import MessageState
from outbox.models import Message
from recovery.enums import TicketState
from recovery.models import RecoveryTicket

pytestmark = pytest.mark.django_db
CODE = reverse("recovery:code")
RESEND = reverse("recovery:resend")


@pytest.fixture
def asked(client):
    """Give a browser in which a code to maria@example.org was just asked for."""
    make_user(email="maria@example.org")
    client.post(reverse("recovery:start"), {"identifier": "maria@example.org"})
    return client


def test_without_a_ticket_the_page_leads_to_the_start(client):
    assert client.get(CODE)["Location"] == reverse("recovery:start")


def test_the_page_shows_the_address_in_full_and_when_the_mail_left(asked, deliver):
    before = asked.get(CODE)
    deliver()
    after = asked.get(CODE)

    assert "maria@example.org" in before.content.decode()
    assert before.context["delivery"]["is_settled"] is False
    assert before.context["works_until"] is None
    assert after.context["delivery"]["style"] == "good"
    assert after.context["works_until"] is not None


@pytest.mark.parametrize("form", ["{0}{1}", "{0}-{1}", "{0} {1}", " {0}\u2013{1} "])
def test_dashes_and_spaces_do_not_matter(asked, code_for, form):
    code = code_for("maria@example.org")

    response = asked.post(CODE, {"code": form.format(code[:4], code[4:])})

    assert response["Location"] == reverse("recovery:password")


def test_a_wrong_code_says_what_is_left(asked):
    response = asked.post(CODE, {"code": "0000-0000"})

    assert response.context["form"].errors == {
        "code": ["That code is not right, or its time is over."]
    }
    assert response.context["tries_left"] == 4


def test_an_empty_code_costs_nothing(asked):
    for fields in ({}, {"code": ""}, {"code": "   "}):
        asked.post(CODE, fields)

    assert asked.get(CODE).context["tries_left"] == 5


def test_the_last_wrong_code_closes_the_request_for_the_right_one_too(asked, code_for):
    for _ in range(4):
        asked.post(CODE, {"code": "00000000"})

    closed = asked.post(CODE, {"code": "00000000"})
    refused = asked.post(CODE, {"code": code_for("maria@example.org")})

    assert "This request is closed" in closed.content.decode()
    assert refused["Location"] == reverse("recovery:status")
    assert RecoveryTicket.objects.get().state == TicketState.CANCELLED


def test_a_new_code_rests_for_a_minute(asked):
    asked.post(RESEND)

    assert Message.objects.count() == 1


def test_a_newer_code_replaces_the_older_one(asked, code_for, deliver, time_machine):
    deliver()
    old = code_in_mailbox()
    time_machine.move_to(timezone.now() + timedelta(seconds=61))
    asked.post(RESEND)
    new = code_for("maria@example.org")

    page = asked.get(CODE)
    refused = asked.post(CODE, {"code": old})
    accepted = asked.post(CODE, {"code": new})

    assert page.context["code_number"] == 2
    assert refused.status_code == 200
    assert accepted["Location"] == reverse("recovery:password")


def test_while_the_last_mail_is_held_up_no_other_is_sent(asked, time_machine):
    Message.objects.update(state=MessageState.DEFERRED)
    time_machine.move_to(timezone.now() + timedelta(seconds=61))

    asked.post(RESEND)

    assert Message.objects.count() == 1
    assert asked.get(CODE).context["can_resend"] is False


def test_another_browser_cannot_use_the_code(asked, code_for):
    stranger = Client()

    response = stranger.post(CODE, {"code": code_for("maria@example.org")})

    assert response["Location"] == reverse("recovery:start")
    assert RecoveryTicket.objects.get().state == TicketState.AWAITING_CODE


def code_in_mailbox():
    return next(line for line in mail.outbox[-1].body.splitlines() if line[4:5] == "-")
