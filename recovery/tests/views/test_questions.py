"""The page of the questionnaire: what it takes, what it refuses, what it keeps."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from recovery import policy
from recovery.enums import Reason, TicketState
from recovery.evidence import Answers
from recovery.models import Evidence, RecoveryTicket
from recovery.views import tickets

S = TicketState
PATH = reverse("recovery:proof_questions")
STATUS = reverse("recovery:status")
FULL = {
    "what_happened": "lost_mail",
    "first_name": " Maria ",
    "last_name": "Rossi",
    "birth_day": "29",
    "birth_month": "2",
    "birth_year": "1984",
    "country": "DE",
    "postal_code": "10115",
    "created_month": "",
    "created_year": "2019",
    "last_sign_in": "month",
    "place_1_country": "DE",
    "place_1_town": "Leipzig",
    "place_2_country": "",
    "place_2_town": "",
    "place_3_country": "FR",
    "place_3_town": "",
    "devices": ["iphone", "mac", "iphone", "not_sure"],
    "browsers": ["safari"],
    "contact_1": "maria.old@example.net",
    "contact_2": "",
    "contact_3": "+49 151 2345678",
    "second_step": ["app"],
    "password_1": " Old-lamp-3-blue ",
    "password_2": "",
    "note": "Line one\r\nline two",
}
READ = Answers(
    first_name="Maria",
    last_name="Rossi",
    birth=(29, 2, 1984),
    country="DE",
    postal_code="10115",
    created=(None, 2019),
    last_sign_in="month",
    places=(("DE", "Leipzig"), ("FR", "")),
    devices=("iphone", "mac"),
    browsers=("safari",),
    contacts=("maria.old@example.net", "+49 151 2345678"),
    second_step=("app",),
    passwords=(" Old-lamp-3-blue ",),
)
pytestmark = pytest.mark.django_db


@pytest.fixture
def waiting(own, maria):
    return own(maria, state=S.AWAITING_PROOF)


def stored():
    return Answers.from_json(Evidence.objects.get().answers)


def test_without_a_ticket_the_questions_lead_to_the_start():
    assert Client().get(PATH)["Location"] == reverse("recovery:start")


@pytest.mark.parametrize(
    ("state", "page"),
    [
        (S.AWAITING_CODE, "code"),
        (S.EVALUATING, "status"),
        (S.IN_REVIEW, "status"),
        (S.ON_HOLD, "status"),
        (S.APPROVED, "password"),
        (S.COMPLETED, "done"),
        (S.EXPIRED, "status"),
    ],
)
def test_a_ticket_that_takes_no_answers_leads_to_its_page(client, own, maria, state, page):
    own(maria, state=state)

    for answer in (client.get(PATH), client.post(PATH, FULL)):
        assert answer["Location"] == reverse(f"recovery:{page}")
    assert not Evidence.objects.exists()


def test_answers_are_handed_in_at_once(client, waiting):
    answer = client.post(PATH, FULL)

    assert answer["Location"] == STATUS
    assert stored() == READ
    assert Evidence.objects.get().note == "Line one\nline two"
    ticket = RecoveryTicket.objects.get()
    assert (ticket.state, ticket.reason) == (S.EVALUATING, Reason.LOST_MAIL)


def test_nothing_is_required(client, waiting):
    answer = client.post(PATH, {})

    assert answer["Location"] == STATUS
    assert stored() == Answers()
    assert set(Evidence.objects.get().completeness.values()) == {"nothing"}


def test_a_look_changes_nothing(client, waiting):
    client.get(PATH)
    client.head(PATH)

    assert (RecoveryTicket.objects.get().state, Evidence.objects.count()) == (S.AWAITING_PROOF, 0)


def test_everything_but_passwords_is_shown_again(client, waiting):
    page = client.post(PATH, FULL | {"birth_month": "2", "birth_day": "31"})

    html = page.content.decode()
    for shown in ("Rossi", "10115", "Leipzig", "maria.old@example.net", "line two"):
        assert shown in html
    for ticked in ("iphone", "safari", "app", "lost_mail", "month"):
        assert f'value="{ticked}" ' in html
    assert "Old-lamp" not in html
    assert "1 earlier password received" in html


def test_passwords_of_a_refused_page_are_handed_in_with_the_next(client, waiting):
    client.post(PATH, FULL | {"birth_day": "31", "password_2": "Older-lamp-1-red"})

    client.post(PATH, FULL | {"password_1": "", "password_2": ""})

    assert stored().passwords == (" Old-lamp-3-blue ", "Older-lamp-1-red")


def test_what_is_typed_anew_replaces_what_was_received(client, waiting):
    client.post(PATH, FULL | {"birth_day": "31", "password_2": "Older-lamp-1-red"})
    page = client.post(PATH, FULL | {"birth_day": "31", "password_1": "", "password_2": "New-1"})
    assert "2 earlier passwords received" in page.content.decode()

    client.post(PATH, FULL | {"password_1": "", "password_2": ""})

    assert stored().passwords == (" Old-lamp-3-blue ", "New-1")


def test_the_page_remembers_that_passwords_were_received(client, waiting):
    client.post(PATH, FULL | {"birth_day": "31"})

    assert client.get(PATH).context["held"] == 1


def test_received_passwords_are_nowhere_in_clear(client, waiting):
    client.post(PATH, FULL | {"birth_day": "31"})

    session = client.session
    assert "Old-lamp" not in str(dict(session.items()))
    assert tickets.HELD_PASSWORDS in session
    assert all("Old-lamp" not in cookie.value for cookie in client.cookies.values())


def test_received_passwords_are_gone_after_an_hour(client, waiting, time_machine):
    client.post(PATH, FULL | {"birth_day": "31"})
    time_machine.move_to(timezone.now())
    for minutes in (30, 59):
        time_machine.shift(timedelta(minutes=minutes))
        client.get(PATH)

    client.post(PATH, {})

    assert stored().passwords == ()


def test_received_passwords_are_of_their_ticket_alone(client, own, maria, waiting):
    client.post(PATH, FULL | {"birth_day": "31"})
    sealed = client.session[tickets.HELD_PASSWORDS]
    own(None, state=S.AWAITING_PROOF)
    session = client.session
    session[tickets.HELD_PASSWORDS] = sealed
    session.save()

    client.post(PATH, {})

    assert stored().passwords == ()


def test_after_handing_in_the_session_keeps_no_passwords(client, waiting):
    client.post(PATH, FULL | {"birth_day": "31"})

    client.post(PATH, FULL)

    assert tickets.HELD_PASSWORDS not in client.session


def test_past_the_days_count_the_page_says_until_when_and_asks_nothing(client, own, maria):
    for _ in range(policy.QUESTIONNAIRES_A_DAY.limit):
        own(maria, state=S.AWAITING_PROOF, contact="me@example.net")
        client.post(PATH, FULL)
    own(maria, state=S.AWAITING_PROOF, contact="me@example.net")

    looked, sent = client.get(PATH), client.post(PATH, FULL)

    assert (looked.status_code, sent.status_code) == (200, 429)
    assert looked.context["until"] == sent.context["until"] > timezone.now()
    assert "password_1" not in looked.content.decode()


def test_only_the_questions_of_the_site_are_asked(client, waiting, settings):
    settings.EVIDENCE_QUESTIONS = ["created", "passwords"]
    settings.EVIDENCE_FACTS = ["number=Student number", "desk=Which room?"]

    fields = list(client.get(PATH).context["form"].fields)
    client.post(PATH, FULL | {"fact_1": "A-77", "fact_2": ""})

    passwords = ["password_1", "password_2", "fact_1", "fact_2", "note"]
    assert fields == ["what_happened", "created_month", "created_year", *passwords]
    assert stored() == Answers(
        created=(None, 2019), passwords=(" Old-lamp-3-blue ",), facts={"number": "A-77"}
    )
    assert set(Evidence.objects.get().completeness) == {"about", "sign_ins", "passwords"}


def test_every_question_of_the_form_stands_on_the_page(client, waiting, settings):
    settings.EVIDENCE_FACTS = ["number=Student number"]

    page = client.get(PATH)

    drawn = [
        field.name
        for part in page.context["parts"]
        for question in part.questions
        for field in question.fields
    ]
    assert sorted(drawn) == sorted(page.context["form"].fields)
    html = page.content.decode()
    assert all(f'name="{name}"' in html for name in drawn)


def test_what_was_said_at_the_start_is_ticked(client, own, maria):
    own(maria, state=S.AWAITING_PROOF, reason=Reason.TAKEOVER)
    said = client.get(PATH).context["form"]["what_happened"].value()
    own(maria, state=S.AWAITING_PROOF)
    unsaid = client.get(PATH).context["form"]["what_happened"].value()

    assert (said, unsaid) == (Reason.TAKEOVER, None)


def test_the_page_says_what_staff_asked_for(client, own, maria):
    own(maria, state=S.AWAITING_PROOF, verdict="more", told_reasons=["need_contact"])

    assert "that was on the account" in client.get(PATH).content.decode()


def test_without_a_csrf_token_nothing_is_taken(own, maria, client):
    own(maria, state=S.AWAITING_PROOF)
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = client.cookies

    assert strict.post(PATH, FULL).status_code == 403
    assert not Evidence.objects.exists()
