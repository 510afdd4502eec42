"""The shapes that the questionnaire takes, and those that cannot be."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from recovery.enums import TicketState
from recovery.evidence import Answers
from recovery.models import Evidence, RecoveryTicket

PATH = reverse("recovery:proof_questions")
STATUS = reverse("recovery:status")
pytestmark = pytest.mark.django_db


@pytest.fixture
def waiting(own, maria):
    return own(maria, state=TicketState.AWAITING_PROOF)


def stored():
    return Answers.from_json(Evidence.objects.get().answers)


def errors_of(page):
    return {name: list(errors) for name, errors in page.context["form"].errors.items()}


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("birth_day", "0"),
        ("birth_day", "32"),
        ("birth_day", "first"),
        ("birth_day", "1\x00"),
        ("birth_month", "13"),
        ("birth_month", "Feb"),
        ("birth_year", "84"),
        ("birth_year", "1899"),
        ("birth_year", "99999999999999999999"),
        ("created_year", "19"),
        ("created_month", "0"),
        ("country", "XX"),
        ("country", "Germany"),
        ("place_2_country", "<script>"),
        ("last_sign_in", "yesterday"),
        ("devices", "toaster"),
        ("browsers", "lynx"),
        ("second_step", "blood"),
        ("what_happened", "deny"),
        ("first_name", "x" * 255),
        ("last_name", "a\x00b"),
        ("place_1_town", "x" * 255),
        ("contact_1", "x" * 255),
        ("password_1", "x" * 1025),
        ("note", "x" * 501),
    ],
)
def test_impossible_shapes_are_refused_and_cost_nothing(client, waiting, field, typed):
    page = client.post(PATH, {field: typed})

    assert list(errors_of(page)) == [field]
    assert page.status_code == 200
    assert not Evidence.objects.exists()
    assert client.post(PATH, {})["Location"] == STATUS


@pytest.mark.parametrize(
    ("day", "month", "year"), [("31", "2", ""), ("30", "2", "1984"), ("31", "4", "")]
)
def test_a_day_that_does_not_exist_is_refused(client, waiting, day, month, year):
    page = client.post(PATH, {"birth_day": day, "birth_month": month, "birth_year": year})

    assert errors_of(page) == {"birth_day": ["There is no such day in that month."]}


@pytest.mark.parametrize(
    ("day", "month", "year"),
    [("29", "2", ""), ("29", "2", "1984"), ("31", "", ""), ("", "2", ""), ("", "", "1984")],
)
def test_a_part_of_a_date_is_an_answer(client, waiting, day, month, year):
    client.post(PATH, {"birth_day": day, "birth_month": month, "birth_year": year})

    assert stored().birth == tuple(int(part) if part else None for part in (day, month, year))


def test_what_is_still_to_come_is_refused(client, waiting, time_machine):
    time_machine.move_to("2026-03-02 12:00", tick=False)
    RecoveryTicket.objects.update(expires_at=timezone.now() + timedelta(days=1))

    born = client.post(PATH, {"birth_day": "3", "birth_month": "3", "birth_year": "2026"})
    made = client.post(PATH, {"created_month": "4", "created_year": "2026"})
    later = client.post(PATH, {"created_year": "2027"})

    assert list(errors_of(born)) == ["birth_year"]
    assert list(errors_of(made)) == ["created_year"]
    assert list(errors_of(later)) == ["created_year"]


def test_this_month_and_today_are_not_to_come(client, waiting, time_machine):
    time_machine.move_to("2026-03-02 12:00", tick=False)
    RecoveryTicket.objects.update(expires_at=timezone.now() + timedelta(days=1))
    typed = {"birth_day": "2", "birth_month": "3", "birth_year": "2026"}

    client.post(PATH, typed | {"created_month": "3", "created_year": "2026"})

    assert (stored().birth, stored().created) == ((2, 3, 2026), (3, 2026))


def test_a_field_sent_twice_is_refused_and_a_tick_sent_twice_is_one(client, waiting):
    page = client.post(PATH, {"first_name": ["Maria", "Mary"], "devices": ["mac", "mac"]})

    assert errors_of(page) == {"first_name": ["Type one value here."]}


def test_line_ends_of_a_note_count_as_one_character(client, waiting):
    note = "\r\n".join(["x" * 99] * 5)
    assert len(note) > len(note.replace("\r\n", "\n")) == 499

    client.post(PATH, {"note": note})

    assert len(Evidence.objects.get().note) == 499
