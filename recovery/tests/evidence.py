"""Builders of answers that wait for the grading task, and of an account with a history."""

from datetime import timedelta

from django.contrib.auth.hashers import make_password
from django.utils import timezone

from accounts.models import FormerPassword, User
from accounts.tests.factories import make_contact, make_user
from recovery.enums import TicketState
from recovery.evidence import Answers
from recovery.models import Evidence, RecoveryTicket
from recovery.services import evaluation
from recovery.tests.factories import make_ticket

OLD = "Old-harbour-3-lamp"
OTHER_OLD = "Green-ladder-8-fox"
MARIA = {"first_name": "Maria", "last_name": "Rossi", "created": (None, 2024)}
GOOD = Answers(**MARIA, contacts=("old@example.net",), passwords=(OLD,))
BAD = Answers(first_name="Anna", last_name="Verdi", contacts=("no@example.net",))


def make_maria() -> User:
    """Make an account with a history that can be answered from."""
    now = timezone.now()
    created_at = now.replace(year=2024, month=3, day=10)
    user = make_user(
        email="maria@example.org", first_name="Maria", last_name="Rossi", created_at=created_at
    )
    make_contact(user, "old@example.net")
    for raw in (OLD, OTHER_OLD):
        FormerPassword.objects.create(
            user=user,
            encoded=make_password(raw),
            set_at=created_at,
            replaced_at=now - timedelta(days=200),
        )
    return user


def hand_in(user: User | None = None, answers: Answers = GOOD, **fields: object) -> RecoveryTicket:
    """Make a ticket whose answers wait, as services.questionnaires leaves it."""
    now = timezone.now()
    values = {
        "state": TicketState.EVALUATING,
        "identifier": "maria@example.org",
        "identifier_key": "maria@example.org",
        "answer_at": now + timedelta(hours=15),
    }
    ticket = make_ticket(user, **values | fields)
    Evidence.objects.create(
        ticket=ticket, answers=answers.as_json(), note="please", submitted_at=now
    )
    return ticket


def evaluate(ticket: RecoveryTicket) -> Evidence:
    """Grade what is due; give the ticket's evidence."""
    evaluation.evaluate_due()
    ticket.refresh_from_db()
    return ticket.evidence.get()
