"""Answers are graded and emptied in every path, whoever is asked about."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.errors import HashingBusy
from accounts.tests.factories import make_user
from accounts.tests.threads import run_at_once
from activity.enums import EventKind
from activity.models import SecurityEvent
from recovery import policy
from recovery.enums import (
    CancelCause,
    Grade,
    NoticeKind,
    Outcome,
    Resets,
    RiskLevel,
    TicketState,
    Verdict,
)
from recovery.evidence import Answers
from recovery.models import Evidence, EvidenceGrade, Notice
from recovery.services import evaluation
from recovery.tests.evidence import BAD, OLD, evaluate, hand_in, make_maria

pytestmark = pytest.mark.django_db


@pytest.fixture
def maria():
    return make_maria()


def test_answers_above_the_bar_go_to_two_people_and_are_emptied(maria):
    ticket = hand_in(maria)

    evidence = evaluate(ticket)

    assert (evidence.answers, evidence.note) == (None, "please")
    assert (evidence.is_above_bar, evidence.is_thin, evidence.graded_at is None) == (
        True,
        False,
        False,
    )
    assert (ticket.state, ticket.outcome, ticket.people) == (
        TicketState.IN_REVIEW,
        Outcome.REVIEW,
        2,
    )
    assert (ticket.resets, ticket.needs_check, ticket.needs_held_proof) == (
        Resets.PASSWORD,
        False,
        False,
    )
    assert (ticket.risk, ticket.hold_length) == (RiskLevel.MEDIUM, timedelta(days=7))
    assert (ticket.epoch, ticket.verdict, ticket.effect_at) == (maria.epoch, "", None)
    assert ticket.first_due_at > ticket.in_review_at


def test_grades_say_how_each_question_was_answered_and_nothing_of_the_answer(maria):
    evidence = evaluate(hand_in(maria))

    grades = {one.question: one.grade for one in evidence.grades.all()}
    assert grades["passwords"] == Grade.MATCH
    assert grades["contacts"] == Grade.MATCH
    assert grades["created"] == Grade.NEAR
    assert grades["places"] == Grade.LEFT_OUT
    assert "Rossi" not in str(list(EvidenceGrade.objects.values()))


def test_review_is_recorded_and_its_notice_planned(maria):
    ticket = hand_in(maria)

    evaluate(ticket)

    assert SecurityEvent.objects.filter(user=maria, kind=EventKind.TICKET_IN_REVIEW).count() == 1
    assert list(Notice.objects.values_list("ticket", "kind")) == [(ticket.pk, NoticeKind.REVIEW)]


def test_answers_below_the_bar_are_refused_at_the_answer_time_and_not_before(maria):
    ticket = hand_in(maria, BAD)

    evidence = evaluate(ticket)

    assert (evidence.answers, evidence.is_above_bar) == (None, False)
    assert (ticket.state, ticket.verdict, ticket.outcome) == (
        TicketState.EVALUATING,
        Verdict.DENY,
        Outcome.DENY,
    )
    assert (ticket.effect_at, ticket.told_reasons) == (ticket.answer_at, [])
    assert not Notice.objects.exists()


def test_an_unknown_account_is_refused_by_the_same_work(maria, verified):
    known, unknown = hand_in(maria, BAD), hand_in(None, BAD)

    evaluate(known)
    evidence = evaluate(unknown)

    assert len(verified) == 12
    assert evidence.answers is None
    assert (unknown.state, unknown.verdict) == (known.state, known.verdict)
    assert unknown.effect_at == unknown.answer_at
    assert {one.grade for one in evidence.grades.all()} <= {Grade.NOTHING, Grade.LEFT_OUT}


def test_an_inactive_account_is_as_unknown(maria):
    maria.is_active = False
    maria.save()
    ticket = hand_in(maria)

    evidence = evaluate(ticket)

    assert (evidence.score, ticket.verdict) == (0, Verdict.DENY)


@pytest.mark.parametrize(
    ("state", "fields"),
    [
        (
            TicketState.CANCELLED,
            {"cancelled_at": timezone.now(), "cancel_cause": CancelCause.WITHDRAWN},
        ),
        (TicketState.EXPIRED, {}),
        (TicketState.IN_REVIEW, {}),
        (TicketState.DENIED, {}),
    ],
)
def test_answers_are_emptied_where_the_ticket_has_gone_on(maria, state, fields):
    ticket = hand_in(maria, state=state, **fields)

    evidence = evaluate(ticket)

    assert (ticket.state, evidence.answers, evidence.is_above_bar) == (state, None, True)
    assert not Notice.objects.exists()


def test_a_ticket_that_an_owner_stopped_gets_its_answer_as_all_others(maria):
    ticket = hand_in(
        maria,
        state=TicketState.CANCELLED,
        cancelled_at=timezone.now(),
        cancelled_from=TicketState.EVALUATING,
        cancel_cause=CancelCause.OBJECTION,
    )

    evaluate(ticket)

    notice = Notice.objects.get()
    assert (notice.kind, notice.due_at) == (NoticeKind.ANSWERED, ticket.answer_at)
    assert ticket.state == TicketState.CANCELLED


def test_a_stop_that_was_taken_back_leaves_no_ticket_lying(maria):
    ticket = hand_in(
        maria,
        state=TicketState.CANCELLED,
        cancelled_at=timezone.now(),
        cancelled_from=TicketState.EVALUATING,
        cancel_cause=CancelCause.OBJECTION,
    )
    evaluate(ticket)
    type(ticket).objects.filter(pk=ticket.pk).update(
        state=TicketState.EVALUATING, cancelled_at=None, cancelled_from="", cancel_cause=""
    )

    evaluate(ticket)

    assert ticket.state == TicketState.IN_REVIEW


def test_graded_twice_it_leads_on_once(maria):
    ticket = hand_in(maria)

    assert evaluation.evaluate_due() == 1
    assert evaluation.evaluate_due() == 0
    assert Notice.objects.count() == 1
    assert ticket.evidence.get().grades.count() == 11


def test_a_worker_that_was_killed_is_made_up_for_after_its_lease(maria, time_machine):
    ticket = hand_in(maria)
    Evidence.objects.update(claimed_until=timezone.now() + policy.EVALUATION_LEASE)

    assert evaluation.evaluate_due() == 0
    time_machine.move_to(timezone.now() + policy.EVALUATION_LEASE + timedelta(seconds=1))
    assert evaluation.evaluate_due() == 1
    assert evaluate(ticket).answers is None


def test_a_worker_whose_lease_another_took_writes_nothing(maria, monkeypatch):
    ticket = hand_in(maria)
    compare = evaluation.passwords.compare_former

    def overtaken(*args, **options):
        Evidence.objects.update(claimed_until=timezone.now() + timedelta(minutes=9))
        return compare(*args, **options)

    monkeypatch.setattr(evaluation.passwords, "compare_former", overtaken)
    evaluation.evaluate_due()

    ticket.refresh_from_db()
    assert (ticket.state, EvidenceGrade.objects.count()) == (TicketState.EVALUATING, 0)
    assert ticket.evidence.get().answers is not None


def test_a_worker_that_finds_no_slot_for_hashing_leaves_the_answers_for_the_next_sweep(
    maria, monkeypatch
):
    ticket = hand_in(maria)

    def busy(*args, **options):
        raise HashingBusy

    with monkeypatch.context() as full:
        full.setattr(evaluation.passwords, "compare_former", busy)
        assert evaluation.evaluate_due() == 0

    assert evaluation.evaluate_due() == 1
    assert evaluate(ticket).answers is None


def test_a_ticket_that_moved_while_it_was_graded_is_graded_again(maria, monkeypatch):
    ticket = hand_in(maria)
    compare = evaluation.passwords.compare_former

    def stopped_meanwhile(*args, **options):
        type(ticket).objects.filter(pk=ticket.pk).update(
            state=TicketState.CANCELLED,
            cancelled_at=timezone.now(),
            cancelled_from=TicketState.EVALUATING,
            cancel_cause=CancelCause.OBJECTION,
        )
        return compare(*args, **options)

    with monkeypatch.context() as racing:
        racing.setattr(evaluation.passwords, "compare_former", stopped_meanwhile)
        assert evaluation.evaluate_due() == 0
    assert evaluation.evaluate_due() == 1

    evaluate(ticket)
    assert (ticket.state, ticket.verdict) == (TicketState.CANCELLED, "")
    assert Notice.objects.get().kind == NoticeKind.ANSWERED


def test_answers_that_nobody_can_read_are_emptied_and_count_for_nothing(maria):
    ticket = hand_in(maria)
    Evidence.objects.update(answers={"places": "?", "nonsense": 1})

    evidence = evaluate(ticket)

    assert (evidence.answers, evidence.score) == (None, 0)
    assert ticket.verdict == Verdict.DENY


@pytest.mark.services
@pytest.mark.django_db(transaction=True)
def test_of_two_workers_at_once_one_grades():
    user = make_user(email="maria@example.org")
    for _ in range(10):
        hand_in(user, Answers(first_name="Maria", passwords=(OLD,)))

    found = run_at_once(2, lambda _number: evaluation.evaluate_due())

    assert sum(found) == 10
    assert EvidenceGrade.objects.count() == 10 * 11
    assert not Evidence.objects.filter(answers__isnull=False).exists()


@pytest.fixture
def verified(monkeypatch):
    """Record which passwords were verified."""
    calls = []
    own = evaluation.passwords.check_password

    def record(raw, *args, **options):
        calls.append(raw)
        return own(raw, *args, **options)

    monkeypatch.setattr(evaluation.passwords, "check_password", record)
    return calls
