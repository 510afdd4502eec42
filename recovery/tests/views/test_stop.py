"""Objections: the link in a notice, and the page in a session."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Device
from accounts.tests.factories import make_contact, make_totp, make_user
from recovery.enums import LinkOutcome, LinkRight, TicketState
from recovery.models import Objection, RecoveryTicket
from recovery.tests.factories import make_link, make_proof, make_ticket
from vault import digests

S = TicketState
OBJECT = reverse("recovery:object")
SECURITY = reverse("accounts:security")
pytestmark = pytest.mark.django_db


@pytest.fixture
def ticket(maria):
    """Give a proven ticket of somebody on Maria's account."""
    ticket = make_ticket(maria, state=S.APPROVED)
    make_proof(ticket)
    return ticket


@pytest.fixture
def url(maria, ticket):
    """Give the link of a contact that is older than all that was shown."""
    old = make_contact(maria, verified_at=maria.created_at - timedelta(days=1))
    return reverse("recovery:stop", args=[make_link(ticket, old)])


def test_opening_the_link_says_what_it_would_do_and_does_nothing(client, url, ticket):
    page = client.get(url)

    assert page.context["link"]["reference"] == ticket.reference
    assert (page.context["variant"], _state(ticket)) == ("", S.APPROVED)


def test_pressing_stop_ends_the_request_and_can_be_taken_back(client, url, ticket):
    stopped = client.post(url, {"choice": "stop"})
    state = _state(ticket)
    taken_back = client.post(url, {"choice": "mine"})

    assert (stopped.context["outcome"], state) == (LinkOutcome.STOPPED, S.CANCELLED)
    assert stopped.context["take_back_until"] > timezone.now()
    assert (taken_back.context["outcome"], _state(ticket)) == (LinkOutcome.TAKEN_BACK, S.APPROVED)


def test_opening_a_pressed_link_again_shows_what_it_did(client, url):
    client.post(url, {"choice": "stop"})

    assert client.get(url).context["outcome"] == LinkOutcome.STOPPED


def test_it_was_me_leaves_it_running(client, url, ticket):
    page = client.post(url, {"choice": "mine"})

    assert (page.context["outcome"], _state(ticket)) == (LinkOutcome.LEFT_RUNNING, S.APPROVED)


@pytest.mark.parametrize("fields", [{}, {"choice": ""}, {"choice": "both"}])
def test_a_press_without_a_choice_shows_the_choice(client, url, ticket, fields):
    page = client.post(url, fields)

    assert (page.templates[0].name, _state(ticket)) == ("recovery/stop.html", S.APPROVED)


@pytest.mark.parametrize("method", ["get", "post"])
def test_guessed_and_late_links_are_one_page(client, url, ticket, method):
    RecoveryTicket.objects.update(state=S.EXPIRED)
    guessed = reverse("recovery:stop", args=["guessed"])

    pages = [getattr(client, method)(path, {"choice": "stop"}) for path in (url, guessed)]

    assert [page.templates[0].name for page in pages] == ["recovery/stop_gone.html"] * 2
    assert not Objection.objects.exists()


def test_the_link_after_a_recovery_pauses_the_account(client, maria):
    done = make_ticket(maria, state=S.COMPLETED)
    url = reverse("recovery:stop", args=[make_link(done, maria.contacts.first(), LinkRight.UNDO)])

    variant = client.get(url).context["variant"]
    paused = client.post(url, {"choice": "stop"})

    maria.refresh_from_db()
    assert (variant, paused.context["outcome"]) == ("undo", LinkOutcome.PAUSED)
    assert maria.frozen_at is not None


def test_nobody_objects_without_a_session(ticket):
    answer = Client().post(OBJECT, {"choice": "stop"})

    assert answer["Location"].startswith(reverse("accounts:sign_in"))
    assert _state(ticket) == S.APPROVED


def test_a_young_session_calls_people(client, maria, ticket):
    client.force_login(maria)

    page = client.post(OBJECT, {"choice": "stop"})

    assert (page.context["outcome"], _state(ticket)) == (LinkOutcome.TOLD_STAFF, S.IN_REVIEW)


def test_an_old_session_stops_the_request(client, maria, ticket):
    client.force_login(maria)
    client.cookies["acsr_device"] = "cookie"
    make_totp(maria)
    Device.objects.create(
        user=maria,
        token_hash=digests.token_hash("cookie"),
        first_seen_at=timezone.now() - timedelta(days=31),
    )

    page = client.post(OBJECT, {"choice": "stop"})

    assert (page.context["outcome"], _state(ticket)) == (LinkOutcome.STOPPED, S.CANCELLED)


def test_a_session_stops_the_request_that_its_page_showed(client, maria, ticket):
    client.force_login(maria)
    shown = client.get(OBJECT).context["link"]["reference"]
    newer = make_ticket(maria, state=S.AWAITING_PROOF, opened_at=timezone.now())

    client.post(OBJECT, {"choice": "stop", "reference": shown})

    newer.refresh_from_db()
    assert (_state(ticket), newer.contested_at) == (S.IN_REVIEW, None)


@pytest.mark.parametrize("has_claim", [True, False])
def test_it_was_me_and_nothing_to_stop_lead_back(client, maria, has_claim):
    if has_claim:
        make_ticket(maria, state=S.AWAITING_PROOF)
    client.force_login(maria)

    assert client.post(OBJECT, {"choice": "mine"})["Location"] == SECURITY


def test_a_session_sees_no_request_for_another_account(client, ticket):
    client.force_login(make_user())

    assert client.post(OBJECT, {"choice": "stop"})["Location"] == SECURITY
    assert _state(ticket) == S.APPROVED


def _state(ticket):
    return RecoveryTicket.objects.get(pk=ticket.pk).state
