"""The link of an invitation: a page with one button, and a code after it."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.tests.factories import make_user
from outbox.models import Message
from recovery import policy
from recovery.enums import TicketState
from recovery.models import Invitation
from recovery.services import invitations
from recovery.tests.factories import make_ticket

S = TicketState
CLAIMANT = "claimant@example.net"
pytestmark = pytest.mark.django_db


@pytest.fixture
def ticket():
    return make_ticket(make_user(), state=S.APPROVED, contact=CLAIMANT, people=2)


def link(ticket, now=None):
    url = invitations.make_link(ticket, now or timezone.now())
    return url[url.index("/acsr/") :]


def test_opening_the_link_sends_and_changes_nothing(client, ticket):
    page = client.get(link(ticket))

    assert page.status_code == 200
    assert page["Referrer-Policy"] == "no-referrer"
    assert not Message.objects.exists()


def test_the_press_sends_a_code_that_opens_the_request_here(client, ticket, code_for):
    page = client.post(link(ticket))
    client.post(page.url, {"code": code_for(CLAIMANT, "recovery.status_code")})

    ticket.refresh_from_db()
    assert page.url == reverse("recovery:status")
    assert ticket.claimant_shown_at is not None
    assert client.get(reverse("recovery:password")).status_code == 200


def test_the_link_can_be_used_again(client, ticket):
    url = link(ticket)
    client.post(url)

    assert client.get(url).status_code == 200


@pytest.mark.parametrize("state", [S.AWAITING_PROOF, S.IN_REVIEW, S.COMPLETED, S.CANCELLED])
def test_a_request_that_is_not_ready_answers_as_a_guess_does(client, ticket, state):
    other = make_ticket(make_user(), state=state, contact="other@example.net")

    pages = [client.post(url) for url in (link(other), "/acsr/go-on/guessed/")]

    assert pages[0].content == pages[1].content
    assert not Message.objects.exists()


def test_a_link_of_yesterday_is_gone(client, ticket):
    url = link(ticket, timezone.now() - policy.INVITATION_LINK_LIVES - timedelta(seconds=1))

    page = client.post(url)

    assert "not in use any more" in page.content.decode()
    assert not Message.objects.exists()


def test_only_the_hash_of_a_token_is_kept(ticket):
    url = link(ticket)

    token = url.rstrip("/").rpartition("/")[2]
    assert token not in Invitation.objects.get().token_hash
