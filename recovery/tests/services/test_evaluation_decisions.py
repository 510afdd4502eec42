"""Graded answers lead where the table says."""

from datetime import timedelta

import pytest
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.utils import timezone

from accounts.models import FormerPassword
from accounts.tests.factories import make_contact, make_totp, make_user
from activity.enums import EventKind
from activity.models import SecurityEvent
from recovery import policy
from recovery.enums import (
    ContestedReason,
    Grade,
    Outcome,
    ProofClass,
    Resets,
    RiskLevel,
    TicketState,
    Verdict,
)
from recovery.evidence import Answers
from recovery.services import evaluation
from recovery.tests.evidence import BAD, evaluate, hand_in, make_maria
from recovery.tests.factories import make_proof
from recovery.tests.staff import make_reviewed

pytestmark = pytest.mark.django_db


@pytest.fixture
def maria():
    return make_maria()


def test_a_frozen_claim_goes_to_people_where_it_would_have_got_anywhere(maria):
    good, bad = hand_in(maria, is_frozen=True), hand_in(maria, BAD, is_frozen=True)

    evaluate(good)
    bad.refresh_from_db()

    assert (good.state, good.contested_reason, good.people) == (
        TicketState.IN_REVIEW,
        ContestedReason.STOPPED_BEFORE,
        2,
    )
    assert (bad.state, bad.verdict, bad.contested_at) == (
        TicketState.EVALUATING,
        Verdict.DENY,
        None,
    )


def test_a_contested_claim_has_high_risk_and_keeps_its_reason(maria):
    ticket = hand_in(maria, contested_at=timezone.now(), contested_reason=ContestedReason.OBJECTION)

    evaluate(ticket)

    assert (ticket.state, ticket.contested_reason) == (
        TicketState.IN_REVIEW,
        ContestedReason.OBJECTION,
    )
    assert (ticket.risk, ticket.hold_length) == (RiskLevel.HIGH, timedelta(days=14))


def test_a_second_step_that_a_thief_turned_on_makes_people_decide(maria):
    make_totp(maria, made_at=timezone.now() - timedelta(days=2))
    ticket = hand_in(maria)

    evaluate(ticket)

    assert (ticket.state, ticket.contested_reason) == (
        TicketState.IN_REVIEW,
        ContestedReason.ACCOUNT_CHANGED,
    )
    assert (ticket.people, ticket.risk) == (2, RiskLevel.HIGH)


def test_evidence_on_two_step_resets_both_after_a_fortnight(maria):
    make_totp(maria)
    ticket = hand_in(maria)

    evaluate(ticket)

    assert (ticket.reasons[0], ticket.resets, ticket.hold_length) == (
        "two_step_evidence",
        Resets.BOTH,
        timedelta(days=14),
    )


def test_one_held_proof_halves_the_wait_and_is_asked_for_again(maria):
    make_totp(maria)
    ticket = hand_in(maria)
    make_proof(ticket, ProofClass.MAIL)

    evaluate(ticket)

    assert (ticket.reasons[0], ticket.hold_length, ticket.needs_held_proof) == (
        "two_step_one_and_evidence",
        timedelta(days=7),
        True,
    )


def test_the_operator_may_refuse_a_reset_by_evidence_for_a_group(maria, settings):
    settings.NO_RESET_GROUPS = ["finance"]
    make_totp(maria)
    maria.groups.add(Group.objects.create(name="finance"))
    ticket = hand_in(maria)

    evaluate(ticket)

    assert (ticket.verdict, ticket.reasons) == (Verdict.DENY, ["two_step_no_reset"])


def test_one_person_is_enough_only_where_the_operator_says_so_and_the_risk_is_low(maria, settings):
    settings.ONE_PERSON_FOR_LOW_RISK = True
    medium = hand_in(maria)

    evaluate(medium)

    assert (medium.risk, medium.people) == (RiskLevel.MEDIUM, 2)


def test_a_protected_account_goes_to_superusers_above_the_bar_and_nowhere_below(maria):
    maria.is_protected = True
    maria.save()
    good, bad = hand_in(maria), hand_in(maria, BAD)

    evaluate(good)
    bad.refresh_from_db()

    assert (good.state, good.outcome, good.people) == (
        TicketState.IN_REVIEW,
        Outcome.SUPERUSERS,
        2,
    )
    assert (bad.state, bad.verdict) == (TicketState.EVALUATING, Verdict.DENY)


def test_thin_history_goes_to_people_with_an_identity_check():
    user = make_user(email="ben@example.org", first_name="Ben", last_name="Novak")
    ticket = hand_in(user, Answers(first_name="Ben"), identifier_key="ben@example.org")

    evidence = evaluate(ticket)

    assert (evidence.is_above_bar, evidence.is_thin) == (False, True)
    assert (ticket.state, ticket.people, ticket.needs_check) == (TicketState.IN_REVIEW, 2, True)


def test_observing_gives_every_claim_on_an_account_to_people(maria, settings):
    settings.RECOVERY_MODE = "observe"
    known, unknown = hand_in(maria, BAD), hand_in(None, BAD)

    evaluate(known)
    unknown.refresh_from_db()

    assert (known.state, known.outcome, known.people) == (TicketState.IN_REVIEW, Outcome.DENY, 2)
    assert known.hold_length == policy.HOLD_UNSUGGESTED
    assert (unknown.state, unknown.verdict) == (TicketState.EVALUATING, Verdict.DENY)


def test_answers_are_compared_with_the_account_before_a_thief_changed_it(maria):
    now = timezone.now()
    stolen_at = now - timedelta(days=3)
    SecurityEvent.objects.create(user=maria, kind=EventKind.CONTACTS_REPLACED, at=stolen_at)
    make_contact(maria, "thief@example.com", verified_at=stolen_at)
    FormerPassword.objects.create(
        user=maria,
        encoded=make_password("Thief-made-5-this"),
        set_at=stolen_at,
        replaced_at=stolen_at + timedelta(hours=1),
    )
    thief = Answers(contacts=("thief@example.com",), passwords=("Thief-made-5-this",))

    evidence = evaluate(hand_in(maria, thief))

    grades = {one.question: one.grade for one in evidence.grades.all()}
    assert (grades["contacts"], grades["passwords"]) == (Grade.NONE, Grade.NONE)
    assert evidence.as_of < stolen_at


def test_the_address_that_names_the_account_is_no_answer(maria):
    typed = Answers(contacts=("maria@example.org", "MARIA@example.org"))

    evidence = evaluate(hand_in(maria, typed))

    assert evidence.grades.get(question="contacts").grade == Grade.NOTHING


def test_more_than_six_on_one_account_in_a_day_are_one_case(maria):
    tickets = [hand_in(maria) for _ in range(policy.FOLDED_BEYOND_A_DAY + 2)]

    evaluation.evaluate_due()

    for ticket in tickets:
        ticket.refresh_from_db()
    folded = [ticket.folded_into for ticket in tickets]
    assert {ticket.state for ticket in tickets} == {TicketState.IN_REVIEW}
    assert folded == [None] * policy.FOLDED_BEYOND_A_DAY + [tickets[0]] * 2


def test_a_claim_with_a_held_proof_is_folded_into_nothing(maria):
    make_totp(maria)
    for _ in range(policy.FOLDED_BEYOND_A_DAY):
        hand_in(maria)
    owner = hand_in(maria)
    make_proof(owner, ProofClass.MAIL)

    evaluate(owner)

    assert (owner.state, owner.folded_into) == (TicketState.IN_REVIEW, None)


def test_competing_claims_raise_the_risk(maria):
    make_proof(make_reviewed(maria), ProofClass.MAIL)
    ticket = hand_in(maria)

    evaluate(ticket)

    assert ["competing_claims", 30] in ticket.risk_reasons
    assert ticket.risk == RiskLevel.HIGH
