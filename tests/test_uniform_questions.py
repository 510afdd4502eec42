"""The questionnaire answers everybody alike until its answer time: known, unknown, stopped.

As in test_uniform_answers: each walk is played twice at one frozen moment, and all that a stranger
could compare is compared.
"""

from datetime import timedelta

import pytest
from django.utils import timezone

from recovery import promises
from recovery.enums import CancelCause, TicketState
from recovery.models import RecoveryTicket
from recovery.services import effects, evaluation
from tests.factories import KINDS, WRONG_CODE, code_of
from tests.stranger import MINUTE, MOMENT, differences, messages_to, play, work_through

pytestmark = pytest.mark.django_db
QUESTIONS = "/acsr/proof/questions/"
TYPED = {
    "what_happened": "lost_mail",
    "first_name": "Maria",
    "last_sign_in": "month",
    "place_1_town": "Leipzig",
    "devices": "mac",
    "contact_1": "somebody@example.net",
    "password_1": "Old-lamp-3-blue",
}
BEFORE_THE_ANSWER = (timedelta(minutes=1), timedelta(hours=2), timedelta(hours=11))


@pytest.fixture(autouse=True)
def _one_draw(monkeypatch):
    """Draw the same answer time for both."""
    monkeypatch.setattr(promises.secrets, "randbelow", lambda width: width // 2)


def answer_the_questions(stranger, clock):
    stranger.reach_proof()
    stranger.get(QUESTIONS)
    stranger.post(QUESTIONS, **TYPED | {"birth_day": "32"})
    stranger.get(QUESTIONS)
    stranger.post(QUESTIONS, **TYPED)
    stranger.get("/acsr/status/")
    stranger.get(QUESTIONS)
    stranger.post(QUESTIONS, **TYPED)
    look_while_it_is_looked_at(stranger, clock)


def look_while_it_is_looked_at(stranger, clock):
    for later in BEFORE_THE_ANSWER:
        clock.move_to(MOMENT + later)
        evaluation.evaluate_due()
        work_through()
        come_back(stranger)
    for page in ("", "contact/", "authenticator/", "password/", "passkey/"):
        stranger.get(f"/acsr/proof/{page}")
    stranger.post("/acsr/proof/authenticator/", token="000000")
    stranger.post("/acsr/proof/password/", password="wrong")
    stranger.post("/acsr/proof/contact/", contact="nobody@example.net")
    stranger.post("/acsr/proof/contact/", code=WRONG_CODE)
    stranger.post("/acsr/status/ask/")
    stranger.get("/acsr/proof/")
    stranger.get("/acsr/status/")
    work_through()  # or the second walk would deliver what this one leaves


def be_stopped_and_answer(stranger, clock):
    stranger.reach_proof()
    stop_if_known(stranger)
    clock.shift(MINUTE)
    stranger.get("/acsr/proof/")
    stranger.get(QUESTIONS)
    stranger.post(QUESTIONS, **TYPED)
    stranger.get("/acsr/status/")
    look_while_it_is_looked_at(stranger, clock)
    clock.move_to(MOMENT + timedelta(days=2))
    effects.carry_out_due()
    work_through()
    come_back(stranger)
    work_through()


def come_back(stranger):
    """Look the request up by its reference: the session of an hour ago is over."""
    reference = RecoveryTicket.objects.get(contact=stranger.address).reference
    stranger.browser.cookies.clear()
    stranger.post("/acsr/status/", reference=reference)
    stranger.post("/acsr/status/", code=code_of(stranger.address, "recovery.status_code"))
    stranger.get("/acsr/status/")


def stop_if_known(stranger):
    """Let the owner stop the request, as services.objections would, where there is one."""
    ticket = RecoveryTicket.objects.get(contact=stranger.address)
    if ticket.user:
        RecoveryTicket.objects.filter(pk=ticket.pk).update(
            state=TicketState.CANCELLED,
            cancelled_at=timezone.now(),
            cancelled_from=TicketState.AWAITING_PROOF,
            cancel_cause=CancelCause.OBJECTION,
            answer_at=timezone.now() + timedelta(hours=13),
        )


@pytest.mark.parametrize("kind", KINDS)
def test_answers_for_an_account_look_like_those_for_none(kind):
    known, unknown = play(answer_the_questions, kind)

    assert "Thank you. We have your answers." in known.answers[-1].body
    assert differences(known, unknown) == ""


def test_answers_for_a_stopped_request_look_like_those_for_no_account():
    known, unknown = play(be_stopped_and_answer, "known")

    assert "We could not go on with this request" in known.answers[-1].body
    assert "recovery.refused" in [kind for kind, _channel, _state in messages_to(known.address)]
    assert differences(known, unknown) == ""
