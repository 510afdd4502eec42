"""The last step: a new password, and what was done with it."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import UserSession
from accounts.services import sessions
from accounts.tests.factories import PASSWORD
from recovery import policy
from recovery.enums import TicketState
from recovery.models import RecoveryTicket
from recovery.tests.factories import make_proof

S = TicketState
URL = reverse("recovery:password")
DONE = reverse("recovery:done")
NEW = "Bright-window-9-hill"
pytestmark = pytest.mark.django_db


@pytest.fixture
def approved(own, maria):
    """Give a ticket of this browser that was approved a moment ago."""
    ticket = own(maria, state=S.APPROVED)
    make_proof(ticket)
    return ticket


def test_the_new_password_is_set_once_and_nobody_is_signed_in(client, approved, maria):
    first = _set(client)
    again = _set(client)

    maria.refresh_from_db()
    assert (first["Location"], again["Location"]) == (DONE, DONE)
    assert maria.check_password(NEW)
    assert client.get("/security/").status_code == 302


@pytest.mark.parametrize("method", ["get", "post"])
def test_without_a_ticket_the_page_leads_to_the_start(method):
    assert getattr(Client(), method)(URL)["Location"] == reverse("recovery:start")


@pytest.mark.parametrize(
    ("state", "page"),
    [
        (S.AWAITING_CODE, "code"),
        (S.AWAITING_PROOF, "proof"),
        (S.IN_REVIEW, "status"),
        (S.ON_HOLD, "status"),
        (S.EXPIRED, "status"),
    ],
)
def test_a_ticket_that_is_not_approved_sets_no_password(client, own, maria, state, page):
    make_proof(own(maria, state=state))

    answer = _set(client)

    maria.refresh_from_db()
    assert answer["Location"] == reverse(f"recovery:{page}")
    assert maria.check_password(PASSWORD)


def test_proofs_that_lapsed_are_asked_for_again(client, approved, maria):
    approved.proofs.update(proved_at=timezone.now() - policy.HELD_PROOF_LIVES)

    answer = _set(client)

    assert answer["Location"] == reverse("recovery:proof")
    assert RecoveryTicket.objects.get().state == S.AWAITING_PROOF


def test_who_has_waited_is_told_why_proofs_are_asked_for_again(client, own, maria):
    now = timezone.now()
    wait = {"hold_from": now - timedelta(days=3), "hold_until": now}
    make_proof(own(maria, state=S.APPROVED, **wait), proved_at=now - timedelta(days=3))

    page = client.get(client.get(URL)["Location"])

    assert "The waiting period is over." in page.context["outlook"]


def test_an_account_that_changed_asks_for_proofs_again(client, approved, maria):
    sessions.raise_epoch(maria)

    assert client.get(URL)["Location"] == reverse("recovery:proof")


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"new_password1": "short", "new_password2": "short"}, "new_password1"),
        ({"new_password1": NEW, "new_password2": NEW + "x"}, "new_password2"),
        ({"new_password1": PASSWORD, "new_password2": PASSWORD}, "new_password1"),
        ({}, "new_password1"),
    ],
    ids=["too short", "two different", "the present one", "empty"],
)
def test_a_password_that_breaks_a_rule_is_refused_beside_its_field(
    client, approved, maria, typed, field
):
    page = client.post(URL, typed)

    maria.refresh_from_db()
    assert field in page.context["form"].errors
    assert (maria.check_password(PASSWORD), RecoveryTicket.objects.get().state) == (
        True,
        S.APPROVED,
    )


def test_the_page_says_until_when_and_shows_the_rules(client, approved):
    page = client.get(URL)

    assert page.context["until"] == approved.expires_at
    assert page.context["rules"] != []


def test_the_last_page_says_what_was_done(client, approved, maria):
    for _ in range(2):
        Client().force_login(maria)
    _set(client)

    page = client.get(DONE)

    assert page.context["done"] == [
        "A new password",
        "All 2 signed-in browsers signed out",
        "Your other addresses are told",
    ]
    assert not UserSession.objects.filter(user=maria).exists()


def test_the_last_page_says_what_waits_after_people_decided(client, approved, maria):
    now = timezone.now()
    RecoveryTicket.objects.update(people=2, claimant_shown_at=now, contact="new@example.net")
    _set(client)

    page = client.get(DONE)

    until = page.context["restricted_until"]
    assert until - now > policy.RESTRICTED_AFTER_EVIDENCE - timedelta(minutes=1)
    assert "Until " in page.text
    assert "The address that you used here is on the account" in page.context["done"]


def test_the_last_page_names_no_wait_where_there_is_none(client, approved):
    _set(client)

    page = client.get(DONE)

    assert page.context["restricted_until"] is None
    assert "some things wait" not in page.text


def test_the_last_page_waits_for_the_last_step(client, approved):
    assert client.get(DONE)["Location"] == URL


def _set(browser):
    return browser.post(URL, {"new_password1": NEW, "new_password2": NEW})
