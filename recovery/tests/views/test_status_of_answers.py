"""What the status page says of answers, of more that is asked for, and of refusals."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from recovery import wording
from recovery.enums import CancelCause, TicketState
from recovery.models import RecoveryTicket
from recovery.tests.staff import make_evidence

S = TicketState
STATUS, ASK = reverse("recovery:status"), reverse("recovery:appeal")
PROOF = reverse("recovery:proof")
PAGES = ("proof", "proof_contact", "proof_authenticator", "proof_password", "proof_passkey")
pytestmark = pytest.mark.django_db


@pytest.fixture
def soon():
    return timezone.now() + timedelta(hours=13)


@pytest.fixture
def refused(own, maria):
    ticket = own(maria, state=S.DENIED, answer_at=timezone.now() - timedelta(hours=1))
    make_evidence(ticket)
    return ticket


def test_answers_are_thanked_for_with_a_date(client, own, maria, soon, deciders):
    ticket = own(maria, state=S.EVALUATING, answer_at=soon)
    make_evidence(ticket)

    page = client.get(STATUS)

    assert (page.context["face"], page.context["until"]) == ("answered", soon)
    html = page.content.decode()
    assert "Thank you. We have your answers." in html
    assert ticket.contact in html
    assert "3 to 14 days" in html
    assert [action["label"] for action in page.context["actions"]] == [
        "Add what you found",
        "Withdraw this request",
    ]


def test_with_too_few_people_no_date_is_promised(client, own, maria, soon, deciders):
    make_evidence(own(maria, state=S.EVALUATING, answer_at=soon))
    deciders[0].delete()

    page = client.get(STATUS)

    assert "until" not in page.context
    assert "You get a mail either way" in page.content.decode()


def test_while_answers_are_looked_at_more_can_be_shown(client, own, maria, soon):
    for state in (S.EVALUATING, S.IN_REVIEW):
        make_evidence(own(maria, state=state, answer_at=soon))
        for page in PAGES:
            assert client.get(reverse(f"recovery:{page}")).status_code == 200
        choices = client.get(PROOF).context["choices"]
        assert reverse("recovery:proof_questions") not in [choice.url for choice in choices]
        assert "We have your answers" in client.get(PROOF).context["outlook"]


def test_without_answers_nothing_can_be_added_to_what_is_looked_at(client, own, maria, soon):
    own(maria, state=S.IN_REVIEW, answer_at=soon)

    assert client.get(STATUS).context["face"] == "looked_at"
    for page in PAGES:
        assert client.get(reverse(f"recovery:{page}"))["Location"] == STATUS


def test_what_staff_asked_for_is_listed_with_until_when(client, own, maria):
    ticket = own(
        maria, state=S.AWAITING_PROOF, verdict="more", told_reasons=["need_held", "need_words"]
    )

    page = client.get(STATUS)

    assert page.context["face"] == "more_asked"
    assert page.context["more"] == wording.told(["need_held", "need_words"])
    assert "Please explain in your own words what happened." in page.context["more"]
    assert page.context["until"] == ticket.expires_at
    assert page.context["actions"][0]["url"] == PROOF


def test_a_refusal_says_how_complete_answers_were_and_never_how_right(client, refused, settings):
    settings.SUPPORT_CONTACT = "the desk in room 4"

    page = client.get(STATUS)

    html = page.content.decode()
    assert page.context["refused"]["completeness"] == [
        ("About you", "full"),
        ("Sign-ins", "little"),
        ("Earlier passwords", "full"),
    ]
    assert page.context["refused"]["reasons"] == []
    for told in (refused.identifier, "An earlier password", "the desk in room 4", ASK):
        assert told in html
    for hidden in ("match", "score", "bits"):
        assert hidden not in html


def test_what_staff_chose_to_say_is_said(client, refused):
    RecoveryTicket.objects.update(told_reasons=["too_little"])

    html = client.get(STATUS).content.decode()

    assert "A person looked at your request. There was too little to go by." in html


def test_a_press_hands_the_refusal_to_a_person(client, refused, deciders):
    answer = client.post(ASK)

    appeal = RecoveryTicket.objects.get(appeal_of=refused)
    assert answer["Location"] == STATUS
    page = client.get(STATUS)
    assert (page.context["ticket"], page.context["face"]) == (appeal, "looked_at")
    assert page.context["until"] == appeal.answer_at


def test_a_look_asks_nobody(client, refused):
    assert client.get(ASK).status_code == 405
    assert not RecoveryTicket.objects.exclude(pk=refused.pk).exists()


def test_a_second_request_of_the_same_claimant_is_told_that_one_was_asked(client, own, refused):
    client.post(ASK)
    again = own(None, state=S.DENIED, answer_at=refused.answer_at, contact=refused.contact)

    client.post(ASK)

    assert "A person was asked already" in client.get(STATUS).content.decode()
    assert not RecoveryTicket.objects.filter(appeal_of=again).exists()


def test_without_a_ticket_or_of_another_browser_nobody_is_asked(client, refused):
    RecoveryTicket.objects.update(browser_hash="another")

    for browser in (client, Client()):
        assert browser.post(ASK)["Location"] == STATUS
    assert not RecoveryTicket.objects.filter(appeal_of=refused).exists()


def test_refused_stopped_and_unknown_are_one_page(client, own, maria):
    now = timezone.now()
    stopped = {
        "state": S.CANCELLED,
        "cancel_cause": CancelCause.OBJECTION,
        "cancelled_from": S.EVALUATING,
        "cancelled_at": now - timedelta(hours=2),
    }
    asked = {"answer_at": now - timedelta(hours=1), "contact": "me@example.net", "opened_at": now}
    pages = []
    for user, fields in (
        (maria, {"state": S.DENIED}),
        (None, {"state": S.DENIED}),
        (maria, stopped),
    ):
        RecoveryTicket.objects.all().delete()
        ticket = own(user, reference="BCDF2345", **asked | fields)
        RecoveryTicket.objects.update(code_accepted_at=now)
        make_evidence(ticket, submitted_at=now)
        pages.append(_without_token(client.get(STATUS).content.decode()))

    assert pages[0] == pages[1] == pages[2]


def _without_token(html):
    return "\n".join(line for line in html.splitlines() if "csrfmiddlewaretoken" not in line)
