"""Answers are handed in: once, by who may, and alike for every account."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.errors import LimitReached
from accounts.services import budgets
from accounts.tests.factories import make_user
from activity.enums import EventKind
from activity.models import SecurityEvent
from outbox.models import Message
from recovery import policy, queries
from recovery.enums import CancelCause, NoticeKind, Reason, TicketState, Verdict
from recovery.errors import StaleTicket
from recovery.evidence import Answers
from recovery.models import Evidence, Notice, RecoveryTicket
from recovery.services import questionnaires
from recovery.tests.factories import make_claimant, make_ticket

S = TicketState
ANSWERS = Answers(first_name="Maria", passwords=("Old-lamp-3-blue",), places=(("DE", "Berlin"),))
COMPLETENESS = {
    "about": "little",
    "sign_ins": "little",
    "devices": "nothing",
    "addresses": "nothing",
    "passwords": "little",
}
NOTE = "My employer closed the mailbox."
pytestmark = pytest.mark.django_db


@pytest.fixture
def ticket():
    return make_ticket(make_user(), state=S.AWAITING_PROOF)


def submit(ticket, **fields):
    return questionnaires.submit(ticket, ANSWERS, NOTE, client=make_claimant(), **fields)


def test_answers_wait_for_the_grading_task(ticket):
    before = timezone.now()

    answer_at = submit(ticket, reason=Reason.LOST_MAIL)

    stored = RecoveryTicket.objects.get()
    assert (stored.state, stored.reason) == (S.EVALUATING, Reason.LOST_MAIL)
    assert stored.answer_at == answer_at == ticket.answer_at
    earliest, latest = before + policy.ANSWER_EARLIEST, timezone.now() + policy.ANSWER_LATEST
    assert earliest <= answer_at <= latest
    evidence = Evidence.objects.get()
    assert Answers.from_json(evidence.answers) == ANSWERS
    assert (evidence.note, evidence.completeness) == (NOTE, COMPLETENESS)
    assert evidence.graded_at is None
    assert [event.kind for event in SecurityEvent.objects.all()] == [EventKind.EVIDENCE_RECEIVED]


def test_the_database_holds_neither_answers_nor_note_in_clear(ticket):
    submit(ticket)

    with connection.cursor() as cursor:
        cursor.execute("SELECT answers, note FROM recovery_evidence")
        stored = "".join(cursor.fetchone())
    for typed in ("Maria", "Old-lamp", "Berlin", "employer"):
        assert typed not in stored


def test_no_note_is_none(ticket):
    questionnaires.submit(ticket, ANSWERS, "", client=make_claimant())

    assert Evidence.objects.get().note is None


def test_what_happened_stays_when_the_question_was_left_out(ticket):
    RecoveryTicket.objects.update(reason=Reason.TAKEOVER)

    submit(ticket)

    assert RecoveryTicket.objects.get().reason == Reason.TAKEOVER


@pytest.mark.parametrize(
    "state", [S.AWAITING_CODE, S.EVALUATING, S.IN_REVIEW, S.ON_HOLD, S.APPROVED, S.DENIED]
)
def test_another_state_takes_no_answers_and_counts_nothing(state):
    ticket = make_ticket(make_user(), state=state)

    with pytest.raises(StaleTicket):
        submit(ticket)

    assert not Evidence.objects.exists()
    assert _used(ticket) == 0


def test_what_has_run_out_takes_no_answers(ticket):
    RecoveryTicket.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    ticket.refresh_from_db()

    with pytest.raises(StaleTicket):
        submit(ticket)

    assert not Evidence.objects.exists()


def test_a_second_press_is_refused_and_given_back(ticket):
    as_read_before = RecoveryTicket.objects.get()
    submit(ticket)

    with pytest.raises(StaleTicket):
        submit(as_read_before)

    assert Evidence.objects.count() == 1
    assert _used(ticket) == 1


def test_twice_a_day_is_enough_and_the_third_changes_nothing(ticket):
    for number in range(policy.QUESTIONNAIRES_A_DAY.limit):
        submit(_again(ticket, number))
    third = _again(ticket, 9)

    with pytest.raises(LimitReached):
        submit(third)

    third.refresh_from_db()
    assert (third.state, third.evidence.count()) == (S.AWAITING_PROOF, 0)


def test_six_in_thirty_days_is_enough(ticket, time_machine):
    start = timezone.now()
    for number in range(policy.QUESTIONNAIRES_A_MONTH.limit):
        time_machine.move_to(start + number * timedelta(days=2))
        submit(_again(ticket, number))
    time_machine.move_to(start + timedelta(days=14))

    with pytest.raises(LimitReached):
        submit(_again(ticket, 9))


def test_a_stranger_uses_up_only_their_own_tries(ticket):
    for number in range(policy.QUESTIONNAIRES_A_DAY.limit):
        stranger = make_ticket(
            ticket.user, state=S.AWAITING_PROOF, contact=f"x{number}@example.net"
        )
        other = _again(stranger, number)
        submit(stranger)
        submit(other)

    assert submit(ticket)


def test_dots_and_tags_of_one_mailbox_are_one_claimant(ticket):
    user = ticket.user
    for spelt in ("a.b@gmail.com", "ab+1@gmail.com"):
        submit(make_ticket(user, state=S.AWAITING_PROOF, contact=spelt))

    with pytest.raises(LimitReached):
        submit(make_ticket(user, state=S.AWAITING_PROOF, contact="ab@googlemail.com"))


def test_the_page_can_say_until_when_it_rests(ticket):
    assert questionnaires.rests_until(ticket, timezone.now()) is None
    for number in range(policy.QUESTIONNAIRES_A_DAY.limit):
        submit(_again(ticket, number))

    until = questionnaires.rests_until(ticket, timezone.now())

    assert timezone.now() < until <= timezone.now() + timedelta(days=1)
    assert questionnaires.rests_until(ticket, until) is None


def test_a_stopped_ticket_takes_answers_and_gets_nowhere():
    ticket = _stopped(make_user())
    drawn_at_the_stop = ticket.answer_at

    answer_at = submit(ticket)

    ticket.refresh_from_db()
    assert (ticket.state, ticket.cancelled_from) == (S.CANCELLED, S.EVALUATING)
    assert ticket.answer_at == answer_at != drawn_at_the_stop
    assert queries.shown_state(ticket, timezone.now()) == S.EVALUATING
    assert queries.shown_state(ticket, answer_at) == S.CANCELLED
    assert Answers.from_json(Evidence.objects.get().answers) == ANSWERS


@pytest.mark.parametrize("cause", [CancelCause.WITHDRAWN, CancelCause.CODES, CancelCause.REPLACED])
def test_what_its_claimant_ended_takes_no_answers(cause):
    ticket = _stopped(make_user(), cancel_cause=cause)

    with pytest.raises(StaleTicket):
        submit(ticket)


def test_known_unknown_stopped_and_frozen_make_the_same_statements():
    now = timezone.now()
    tickets = [
        make_ticket(make_user(), state=S.AWAITING_PROOF),
        make_ticket(None, state=S.AWAITING_PROOF),
        make_ticket(make_user(), state=S.AWAITING_PROOF, is_frozen=True),
        make_ticket(
            make_user(),
            state=S.AWAITING_PROOF,
            contested_at=now,
            contested_reason="objection",
        ),
        _stopped(make_user()),
        _stopped(make_user(), cancel_cause=CancelCause.RIVAL),
    ]
    taken = []
    for ticket in tickets:
        with CaptureQueriesContext(connection) as captured:
            submit(ticket)
        taken.append(_statements(captured))

    assert taken == [taken[0]] * len(tickets)
    assert len(taken[0]) == 5


def test_nothing_is_sent_or_planned_by_handing_in(ticket):
    submit(ticket)
    submit(_stopped(make_user()))

    assert not Message.objects.exists()
    assert not Notice.objects.filter(kind=NoticeKind.ANSWERED).exists()


def test_what_staff_asked_for_is_answered_and_a_new_time_is_drawn():
    told = timezone.now() - timedelta(hours=3)
    ticket = make_ticket(
        make_user(),
        state=S.AWAITING_PROOF,
        verdict=Verdict.MORE,
        effect_at=told,
        told_reasons=["need_history"],
        answer_at=told,
    )

    answer_at = submit(ticket)

    ticket.refresh_from_db()
    assert (ticket.verdict, ticket.effect_at, ticket.told_reasons) == ("", None, [])
    assert ticket.answer_at == answer_at > timezone.now()


@pytest.mark.services
@pytest.mark.django_db(transaction=True)
def test_of_ten_presses_at_once_one_is_taken():
    ticket = make_ticket(make_user(), state=S.AWAITING_PROOF)
    gate = Barrier(10)
    refused = []

    def press():
        own = RecoveryTicket.objects.get(pk=ticket.pk)
        gate.wait()
        try:
            submit(own)
        except (StaleTicket, LimitReached) as error:
            refused.append(type(error).__name__)
        finally:
            connection.close()

    threads = [Thread(target=press) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (Evidence.objects.count(), len(refused)) == (1, 9)
    assert _used(ticket) == 1


def _again(ticket, number):
    """Give another ticket of the same claimant on the same account."""
    return make_ticket(
        ticket.user,
        state=S.AWAITING_PROOF,
        contact=ticket.contact,
        reference=f"BCDF{number:04}",
    )


def _stopped(user, **fields):
    values = {"answer_at": timezone.now() + timedelta(hours=13), "cancel_cause": "objection"}
    return make_ticket(user, state=S.CANCELLED, **values | fields)


def _statements(captured):
    """Give the statements but for their values, without brackets of transactions."""
    texts = [query["sql"].lstrip() for query in captured]
    return [text[:20] for text in texts if text.startswith(("SELECT", "INSERT", "UPDATE"))]


def _used(ticket):
    claimant = (ticket.contact_limit_key, ticket.identifier_key)
    return budgets.peek(policy.QUESTIONNAIRES_A_DAY, *claimant)
