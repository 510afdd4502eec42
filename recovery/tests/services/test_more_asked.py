"""What people asked for comes back to them, or leads on where it is enough by itself."""

import pytest
from django.utils import timezone

from accounts.tests.factories import make_totp
from activity.enums import EventKind
from recovery import policy, queries
from recovery.enums import ProofClass, TicketState, Verdict
from recovery.errors import ProofLapsed
from recovery.evidence import Answers
from recovery.facts import AccountFacts
from recovery.services import completion, decisions, effects, evaluation, questionnaires
from recovery.tests.deciding import read
from recovery.tests.evidence import make_maria
from recovery.tests.factories import make_claimant, make_proof
from recovery.tests.staff import make_evidence, make_reviewed

S = TicketState
P = ProofClass
pytestmark = pytest.mark.django_db


@pytest.fixture
def maria():
    return make_maria()


def test_what_people_asked_for_goes_back_to_them_however_little_it_is(maria):
    """Who was asked to explain writes a note and answers nothing: no case for the machine."""
    ticket = _asked_for_more(maria)

    questionnaires.submit(ticket, Answers(), "It was my father's.", client=make_claimant())
    evaluation.evaluate_due()

    ticket = read(ticket)
    assert (ticket.state, ticket.people, ticket.verdict) == (S.IN_REVIEW, 2, "")
    assert ticket.hold_length == policy.HOLD_UNSUGGESTED


def test_a_proof_that_people_asked_for_and_that_is_enough_needs_them_no_more(maria):
    ticket = _asked_for_more(maria)

    _follow(ticket, P.MAIL)

    ticket = read(ticket)
    assert (ticket.state, ticket.people, ticket.verdict) == (S.APPROVED, 0, "")
    with pytest.raises(ProofLapsed):
        completion.require_ready(ticket, client=make_claimant(browser="another"))


def test_a_proof_that_people_asked_for_and_that_is_not_enough_goes_back_to_them(maria):
    make_totp(maria)
    ticket = _asked_for_more(maria)

    assert _follow(ticket, P.MAIL) == [EventKind.TICKET_IN_REVIEW]

    ticket = read(ticket)
    assert (ticket.state, ticket.people, ticket.verdict) == (S.IN_REVIEW, 2, "")
    assert queries.shown_state(ticket, timezone.now()) == S.EVALUATING


def test_a_weak_proof_is_not_what_people_asked_for(maria):
    make_totp(maria)
    ticket = _asked_for_more(maria)
    weak = make_proof(ticket, P.MAIL, is_strong=False)

    assert decisions.follow(ticket, _with_two_step(ticket), [weak]) == []

    assert read(ticket).state == S.AWAITING_PROOF


def _follow(ticket, *classes):
    held = [make_proof(ticket, one) for one in classes]
    return decisions.follow(ticket, _with_two_step(ticket), held)


def _with_two_step(ticket):
    has_app = ticket.user.totpdevice_set.exists()
    return AccountFacts(user=ticket.user, has_two_step=has_app, had_two_step=has_app)


def _asked_for_more(maria):
    ticket = make_reviewed(
        maria, verdict=Verdict.MORE, effect_at=timezone.now(), told_reasons=["need_words"]
    )
    make_evidence(ticket)
    effects.carry_out_due()
    ticket = read(ticket)
    assert ticket.state == S.AWAITING_PROOF
    return ticket
