"""A refusal is looked at again by people: once, in time, and for everybody alike."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.tests.factories import make_totp, make_user
from activity.enums import EventKind
from activity.models import SecurityEvent
from recovery import policy, queries
from recovery.enums import CancelCause, NoticeKind, Outcome, Resets, RiskLevel, TicketState
from recovery.errors import AppealUsed
from recovery.models import Evidence, Notice, RecoveryTicket
from recovery.services import appeals
from recovery.tests.factories import make_claimant, make_ticket
from recovery.tests.staff import make_evidence
from vault import digests

S = TicketState
pytestmark = pytest.mark.django_db


def make_refused(user, **fields):
    """Make a ticket that was refused an hour ago, with graded answers below the bar."""
    values = {"answer_at": timezone.now() - timedelta(hours=1), "risk": RiskLevel.MEDIUM}
    ticket = make_ticket(user, state=S.DENIED, **values | fields)
    make_evidence(ticket, score=30, is_above_bar=False, note="Please look.")
    return ticket


def make_stopped(user, **fields):
    """Make a ticket that somebody stopped after its answers, and whose answer time has come."""
    values = {
        "answer_at": timezone.now() - timedelta(hours=1),
        "cancelled_at": timezone.now() - timedelta(hours=3),
        "cancelled_from": S.EVALUATING,
        "cancel_cause": CancelCause.OBJECTION,
    }
    ticket = make_ticket(user, state=S.CANCELLED, **values | fields)
    make_evidence(ticket, score=30, is_above_bar=False)
    return ticket


def ask(ticket):
    return appeals.ask(ticket, client=make_claimant(network="203.0.113.9"))


def test_people_look_at_a_refusal_again():
    refused = make_refused(make_user())
    before = timezone.now()

    appeal = ask(refused)

    appeal.refresh_from_db()
    assert (appeal.appeal_of, appeal.state, appeal.user) == (refused, S.IN_REVIEW, refused.user)
    assert (appeal.people, appeal.needs_check, appeal.outcome) == (2, True, Outcome.REVIEW)
    assert appeal.hold_length == 14 * policy.DAY
    assert (appeal.resets, appeal.risk) == (Resets.PASSWORD, RiskLevel.MEDIUM)
    assert appeal.epoch == refused.user.epoch
    assert appeal.browser_hash == digests.token_hash(make_claimant().browser)
    assert (appeal.identifier, appeal.contact) == (refused.identifier, refused.contact)
    assert appeal.reference != refused.reference
    assert appeal.first_due_at >= before + policy.FIRST_DECISION_WITHIN
    assert appeal.answer_at == appeal.first_due_at
    assert queries.shown_state(appeal, timezone.now()) == S.EVALUATING
    assert [event.kind for event in SecurityEvent.objects.all()] == [EventKind.TICKET_APPEALED]
    assert [notice.kind for notice in Notice.objects.filter(ticket=appeal)] == [NoticeKind.REVIEW]


def test_grades_and_note_go_with_it_and_answers_never():
    refused = make_refused(make_user())

    appeal = ask(refused)

    copied = appeal.evidence.get()
    assert (copied.score, copied.is_above_bar, copied.note) == (30, False, "Please look.")
    assert copied.answers is None
    assert sorted(copied.grades.values_list("question", "grade", "score")) == sorted(
        refused.evidence.get().grades.values_list("question", "grade", "score")
    )


def test_answers_that_nobody_graded_stay_where_they_are():
    refused = make_refused(make_user())
    refused.evidence.all().delete()
    Evidence.objects.create(ticket=refused, answers={"first_name": "Maria"})

    appeal = ask(refused)

    assert not appeal.evidence.exists()


def test_where_two_step_is_on_both_are_reset():
    user = make_user()
    make_totp(user)

    assert ask(make_refused(user)).resets == Resets.BOTH


def test_the_operator_keeps_second_steps_of_a_group(settings):
    settings.NO_RESET_GROUPS = ["Finance"]
    user = make_user()
    make_totp(user)
    user.groups.add(Group.objects.create(name="Finance"))

    appeal = ask(make_refused(user))

    assert (appeal.resets, appeal.outcome) == (Resets.PASSWORD, Outcome.REVIEW)


def test_of_a_protected_account_superusers_decide():
    appeal = ask(make_refused(make_user(is_protected=True)))

    assert (appeal.outcome, appeal.people) == (Outcome.SUPERUSERS, 2)


def test_once_for_a_request(time_machine):
    time_machine.move_to(timezone.now())
    refused = make_refused(make_user())
    ask(refused)
    assert queries.appeal_until(refused, timezone.now()) is None

    with pytest.raises(AppealUsed):
        ask(refused)

    assert RecoveryTicket.objects.filter(appeal_of=refused).count() == 1


def test_once_in_fourteen_days_for_a_claimant_whatever_the_account(time_machine):
    first = make_refused(make_user(), contact="me@gmail.com")
    ask(first)
    second = make_refused(make_user(), contact="m.e+2@gmail.com", identifier_key="other")

    with pytest.raises(AppealUsed):
        ask(second)

    now = timezone.now() + policy.APPEALS_PER_CLAIMANT.window + timedelta(minutes=1)
    time_machine.move_to(now)
    RecoveryTicket.objects.filter(pk=second.pk).update(answer_at=now - timedelta(hours=1))
    second.refresh_from_db()
    assert ask(second)


def test_an_appeal_that_was_refused_can_be_appealed_against_later(time_machine):
    appeal = ask(make_refused(make_user()))
    now = timezone.now() + timedelta(days=15)
    time_machine.move_to(now)
    RecoveryTicket.objects.filter(pk=appeal.pk).update(
        state=S.DENIED, answer_at=now - timedelta(hours=1)
    )
    appeal.refresh_from_db()

    assert ask(appeal).appeal_of == appeal


@pytest.mark.parametrize(
    ("state", "fields"),
    [
        (S.AWAITING_PROOF, {}),
        (S.EVALUATING, {}),
        (S.IN_REVIEW, {}),
        (S.ON_HOLD, {}),
        (S.APPROVED, {}),
        (S.COMPLETED, {}),
        (S.EXPIRED, {}),
        (S.CANCELLED, {"cancel_cause": CancelCause.WITHDRAWN, "cancelled_from": S.EVALUATING}),
        (S.CANCELLED, {"cancel_cause": CancelCause.REPLACED, "cancelled_from": S.AWAITING_CODE}),
        (S.CANCELLED, {"cancel_cause": CancelCause.CODES, "cancelled_from": S.AWAITING_CODE}),
        (S.CANCELLED, {}),  # stopped, before anything was shown: it looks open
        (S.DENIED, {"contact": "gone"}),
    ],
)
def test_only_what_was_refused_can_be_looked_at_again(state, fields):
    fields = dict(fields)
    is_cleared = fields.pop("contact", None)
    ticket = make_ticket(make_user(), state=state, **fields)
    if is_cleared:
        RecoveryTicket.objects.filter(pk=ticket.pk).update(contact="")
        ticket.refresh_from_db()

    assert queries.appeal_until(ticket, timezone.now()) is None
    with pytest.raises(AppealUsed):
        ask(ticket)


def test_before_the_answer_time_nothing_is_refused_yet():
    refused = make_refused(make_user(), answer_at=timezone.now() + timedelta(hours=1))

    with pytest.raises(AppealUsed):
        ask(refused)


def test_it_can_be_asked_for_until_fourteen_days_after_the_answer():
    refused = make_refused(make_user())
    last = refused.answer_at + policy.APPEAL_LIVES

    assert queries.appeal_until(refused, timezone.now()) == last
    assert queries.appeal_until(refused, last - timedelta(seconds=1)) == last
    assert queries.appeal_until(refused, last) is None


def test_a_refusal_by_staff_counts_from_when_it_took_effect():
    told = timezone.now() - timedelta(minutes=5)
    refused = make_refused(make_user(), verdict="deny", effect_at=told)

    assert queries.appeal_until(refused, timezone.now()) == told + policy.APPEAL_LIVES


def test_known_unknown_stopped_and_disabled_look_and_cost_the_same(settings):
    settings.NO_RESET_GROUPS = ["Finance"]
    tickets = [
        make_refused(make_user()),
        make_refused(None),
        make_stopped(make_user()),
        make_stopped(make_user(), cancel_cause=CancelCause.RIVAL),
        make_refused(make_user(is_active=False)),
    ]
    taken, shown = [], []
    for ticket in tickets:
        with CaptureQueriesContext(connection) as captured:
            appeal = ask(ticket)
        texts = [query["sql"].lstrip() for query in captured]
        taken.append([text[:24] for text in texts if "SAVEPOINT" not in text])
        shown.append((queries.shown_state(appeal, timezone.now()), appeal.people))

    assert taken == [taken[0]] * len(tickets)
    assert shown == [(S.EVALUATING, 2)] * len(tickets)
