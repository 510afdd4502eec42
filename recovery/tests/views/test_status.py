"""How a request is doing: what is shown of it, and to which browser."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from outbox.models import Message
from recovery import policy
from recovery.enums import CancelCause, TicketState
from recovery.models import RecoveryTicket
from recovery.tests.factories import make_ticket

S = TicketState
STATUS = reverse("recovery:status")
WITHDRAW = reverse("recovery:withdraw")
CLAIMANT = "claimant@example.net"
KIND = "recovery.status_code"
DAY = timedelta(days=1)
pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("state", "face"),
    [
        (S.AWAITING_CODE, "received"),
        (S.AWAITING_PROOF, "more"),
        (S.IN_REVIEW, "looked_at"),
        (S.ON_HOLD, "waiting"),
        (S.APPROVED, "ready"),
        (S.COMPLETED, "finished"),
        (S.DENIED, "ended"),
        (S.EXPIRED, "run_out"),
    ],
)
def test_each_state_has_its_face(client, own, maria, state, face):
    own(maria, state=state)

    assert client.get(STATUS).context["face"] == face


def test_a_browser_without_a_ticket_is_asked_for_a_reference(client):
    assert set(client.get(STATUS).context["form"].fields) == {"reference", "contact_email"}


@pytest.mark.parametrize("state", [S.AWAITING_CODE, S.AWAITING_PROOF, S.APPROVED])
def test_what_can_go_on_says_until_when(client, own, maria, state):
    ticket = own(maria, state=state)

    assert client.get(STATUS).context["until"] == ticket.expires_at


def test_a_stopped_request_says_until_when_it_is_looked_at_and_nothing_else(
    client, own, maria, deciders
):
    answer_at = timezone.now() + DAY
    stopped = {"cancelled_from": S.APPROVED, "answer_at": answer_at}
    own(maria, state=S.CANCELLED, cancel_cause=CancelCause.OBJECTION, **stopped)

    page = client.get(STATUS)

    assert (page.context["face"], page.context["until"]) == ("looked_at", answer_at)
    assert [moment["label"] for moment in page.context["moments"]] == [
        "Asked for",
        "Code typed in",
        "is being looked at",
    ]
    for word in ("stop", "object", "owner"):
        assert word not in page.content.decode().partition("<main")[2].lower()


def test_a_wait_shows_its_end_and_how_much_of_it_is_over(client, own, maria):
    now = timezone.now()
    own(maria, state=S.ON_HOLD, hold_from=now - DAY, hold_until=now + 3 * DAY)

    hold = client.get(STATUS).context["hold"]

    assert (hold["until"], hold["share"]) == (now + 3 * DAY, 25)


def test_what_takes_longer_than_was_said_says_so(client, own, maria):
    own(maria, state=S.IN_REVIEW, answer_at=timezone.now() - DAY)

    page = client.get(STATUS)

    assert page.context["lead"].startswith("It takes longer than we said.")
    assert "until" not in page.context


@pytest.mark.parametrize(
    ("state", "actions"),
    [
        (S.AWAITING_PROOF, [reverse("recovery:proof"), WITHDRAW]),
        (S.ON_HOLD, [reverse("recovery:proof"), WITHDRAW]),
        (S.EXPIRED, [reverse("recovery:start")]),
    ],
)
def test_what_can_be_done_depends_on_the_face(client, own, maria, state, actions):
    own(maria, state=state)

    assert [action["url"] for action in client.get(STATUS).context["actions"]] == actions


def test_with_a_reference_another_request_is_looked_up_and_moves_here(client, own, code_for):
    own()
    other = make_ticket(contact=CLAIMANT, state=S.AWAITING_PROOF, browser_hash="elsewhere")

    _look_up(client, other, code_for)

    assert client.get(STATUS).context["ticket"] == other


def test_a_request_that_moved_away_leaves_the_browser_that_opened_it(client, own, code_for):
    ticket = own(contact=CLAIMANT)

    _look_up(Client(), ticket, code_for)

    assert "ticket" not in client.get(STATUS).context
    assert client.get(reverse("recovery:proof"))["Location"] == reverse("recovery:start")


def test_a_known_and_a_made_up_reference_show_the_same_page(client):
    ticket = make_ticket(contact=CLAIMANT, state=S.AWAITING_PROOF)
    pages = []
    for reference in (ticket.reference, "CDFGHJKM"):
        browser = Client()
        browser.post(STATUS, {"reference": reference})
        pages.append(browser.get(STATUS).content.decode())

    assert _without_tokens(pages[0]) == _without_tokens(pages[1])


def test_an_address_alone_gets_a_list_by_mail(client):
    page = client.post(STATUS, {"contact_email": CLAIMANT})

    assert page.templates[0].name == "recovery/status_sent.html"
    assert [(row.kind, row.address) for row in Message.objects.all()] == [
        ("recovery.requests", CLAIMANT)
    ]


def test_past_its_limit_an_address_is_told_until_when(client):
    for _ in range(policy.LIST_MAILS_PER_CONTACT.limit):
        client.post(STATUS, {"contact_email": CLAIMANT})

    page = client.post(STATUS, {"contact_email": CLAIMANT})

    assert (page.status_code, page.context["until"] > timezone.now()) == (429, True)


def test_nothing_typed_is_refused_beside_the_field(client):
    page = client.post(STATUS, {"reference": "", "contact_email": ""})

    assert page.context["form"].errors == {"reference": ["Type the reference or the address."]}


def test_a_wrong_code_says_what_is_left(client):
    client.post(STATUS, {"reference": make_ticket(contact=CLAIMANT).reference})

    page = client.post(STATUS, {"code": "00000000"})

    assert page.context["form"].errors == {"code": ["That code is not right, or its time is over."]}
    assert page.context["tries_left"] == policy.STATUS_CODE.attempts - 1


def test_a_code_that_nobody_asked_for_leads_to_the_form(client):
    assert client.post(STATUS, {"code": "00000000"})["Location"] == STATUS


@pytest.mark.parametrize("state", [S.AWAITING_CODE, S.AWAITING_PROOF, S.ON_HOLD, S.APPROVED])
def test_a_claimant_withdraws(client, own, maria, state):
    ticket = own(maria, state=state)

    client.post(WITHDRAW)

    ticket.refresh_from_db()
    assert (ticket.state, ticket.cancel_cause) == (S.CANCELLED, CancelCause.WITHDRAWN)


def test_what_has_ended_is_not_withdrawn(client, own, maria):
    ticket = own(maria, state=S.COMPLETED)

    client.post(WITHDRAW)

    assert RecoveryTicket.objects.get(pk=ticket.pk).state == S.COMPLETED


def test_a_stranger_withdraws_nothing(own, maria):
    ticket = own(maria, state=S.AWAITING_PROOF)

    Client().post(WITHDRAW)

    assert RecoveryTicket.objects.get(pk=ticket.pk).state == S.AWAITING_PROOF


def _look_up(browser, ticket, code_for):
    browser.post(STATUS, {"reference": ticket.reference})
    browser.post(STATUS, {"code": code_for(ticket.contact, KIND)})


def _without_tokens(page):
    return [line for line in page.splitlines() if "csrfmiddlewaretoken" not in line]
