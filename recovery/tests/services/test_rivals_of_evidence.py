"""Claims that rest on answers, once another claim of the account was completed."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.tests.factories import make_user
from recovery.enums import CancelCause, ContestedReason, TicketState
from recovery.models import Notice, RecoveryTicket
from recovery.services import completion, evaluation, rivals
from recovery.tests.evidence import BAD, GOOD, hand_in, make_maria
from recovery.tests.factories import make_claimant, make_proof, make_ticket
from recovery.tests.staff import make_evidence, make_reviewed, make_staff, make_vote

S = TicketState
NEW = "Silver-kettle-4-meadow"
pytestmark = pytest.mark.django_db


@pytest.fixture
def maria():
    return make_user(email="maria@example.org")


def complete(user):
    """Complete a claim of the account that its browser proved a minute ago."""
    ticket = make_ticket(user, state=S.APPROVED)
    make_proof(ticket)
    completion.complete(ticket, NEW, client=make_claimant())


def read(ticket):
    return RecoveryTicket.objects.get(pk=ticket.pk)


@pytest.mark.parametrize(
    ("is_above_bar", "ends_in", "cause"),
    [(True, S.IN_REVIEW, ""), (False, S.CANCELLED, CancelCause.RIVAL)],
)
def test_answers_compete_above_the_bar_alone(maria, is_above_bar, ends_in, cause):
    rival = make_reviewed(maria)
    make_evidence(rival, is_above_bar=is_above_bar)
    complete(maria)

    rivals.settle_due()

    after = read(rival)
    assert (after.state, after.cancel_cause) == (ends_in, cause)
    assert bool(after.contested_at) is is_above_bar


def test_an_approval_that_was_given_before_is_void(maria):
    now = timezone.now()
    rival = make_reviewed(maria, verdict="approve", effect_at=now + timedelta(hours=2))
    make_evidence(rival)
    votes = [make_vote(rival, make_staff()) for _ in range(2)]
    complete(maria)

    rivals.settle_due()

    after = read(rival)
    assert (after.state, after.verdict, after.effect_at) == (S.IN_REVIEW, "", None)
    assert after.contested_reason == ContestedReason.RIVAL_COMPLETED
    assert [vote.void_reason for vote in rival.votes.order_by("pk")] == ["rival"] * len(votes)


@pytest.mark.parametrize(
    ("answers", "ends_in"), [(GOOD, S.IN_REVIEW), (BAD, S.CANCELLED)], ids=["good", "bad"]
)
def test_answers_are_graded_before_it_is_settled_who_competes(answers, ends_in):
    maria = make_maria()
    rival = hand_in(maria, answers)
    complete(maria)

    assert rivals.settle_due() == 0
    assert read(rival).state == S.EVALUATING

    evaluation.evaluate_due()
    rivals.settle_due()

    assert read(rival).state == ends_in


def test_who_lost_with_answers_hears_at_the_answer_time_and_not_why(maria):
    rival = make_reviewed(maria)
    make_evidence(rival, is_above_bar=False)
    complete(maria)

    rivals.settle_due()

    notice = Notice.objects.get(ticket=rival, kind="answered")
    assert notice.due_at == rival.answer_at


def test_those_that_compete_become_one_case_of_the_oldest(maria):
    others = [_waiting_with_proof(maria, days) for days in (1, 3, 2)]
    complete(maria)

    rivals.settle_due()

    youngest, oldest, middle = (read(ticket) for ticket in others)
    assert {ticket.state for ticket in (youngest, oldest, middle)} == {S.IN_REVIEW}
    heads = {ticket.folded_into_id for ticket in (youngest, oldest, middle)}
    assert heads == {None, oldest.pk}
    assert oldest.folded_into_id is None


def test_a_case_that_nobody_has_joins_it_and_one_that_somebody_has_does_not(maria):
    now = timezone.now()
    head, waiting, dealt = (
        make_reviewed(maria, in_review_at=now - timedelta(hours=hours)) for hours in (9, 5, 4)
    )
    for ticket in (head, waiting, dealt):
        make_evidence(ticket)
    until = now + timedelta(minutes=5)
    RecoveryTicket.objects.filter(pk=dealt.pk).update(claimed_by=make_staff(), claimed_until=until)
    complete(maria)

    rivals.settle_due()

    assert [read(one).folded_into_id for one in (head, waiting, dealt)] == [None, head.pk, None]


def test_claims_on_other_accounts_are_of_no_case(maria):
    own = _waiting_with_proof(maria, 1)
    strangers = _waiting_with_proof(make_user(), 2)
    complete(maria)

    rivals.settle_due()

    assert read(own).folded_into_id is None
    assert (read(strangers).state, read(strangers).contested_at) == (S.ON_HOLD, None)


def _waiting_with_proof(user, days):
    ticket = make_ticket(user, state=S.ON_HOLD, opened_at=timezone.now() - timedelta(days=days))
    make_proof(ticket)
    return ticket
