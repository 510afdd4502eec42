"""Who has which case: dealt, lapsed, put back, recused, looked at."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from accounts.errors import LimitReached
from accounts.services import budgets
from activity.models import AuditEntry
from recovery import policy
from recovery.enums import DealEnd
from recovery.errors import ClaimLost, MayNotDecide, PutBackTooOften
from recovery.models import CaseView, Deal, RecoveryTicket, ReviewDraft
from recovery.services import reviews
from recovery.tests.deciding import deal, decide, read
from recovery.tests.staff import make_reviewed, make_staff

pytestmark = pytest.mark.django_db


def lapse(ticket: RecoveryTicket) -> None:
    past = timezone.now() - timedelta(minutes=1)
    RecoveryTicket.objects.filter(pk=ticket.pk).update(claimed_until=past)


def test_next_deals_the_case_for_a_quarter_of_an_hour(case, lena):
    dealt = reviews.next_for(lena)

    assert dealt == case
    assert read(case).claimed_by == lena
    left = read(case).claimed_until - timezone.now()
    assert timedelta(minutes=14) < left <= policy.CLAIM_LIVES
    assert [(row.reviewer, row.end) for row in Deal.objects.all()] == [(lena, "")]


def test_nothing_waits_and_nothing_is_counted(lena):
    assert reviews.next_for(lena) is None
    assert budgets.peek(policy.REVIEWS_PER_PERSON, str(lena.pk)) == 0


def test_next_gives_what_the_person_has_already_and_counts_it_once(case, lena, maria):
    first = reviews.next_for(lena)
    make_reviewed(maria, first_due_at=timezone.now() - timedelta(hours=9))

    again = reviews.next_for(lena)

    assert again == first == case
    assert Deal.objects.count() == 1
    assert budgets.peek(policy.REVIEWS_PER_PERSON, str(lena.pk)) == 1


def test_what_one_person_has_is_not_dealt_to_another(case, lena, omar):
    reviews.next_for(lena)

    assert reviews.next_for(omar) is None


def test_lapsed_case_goes_to_the_next_person(case, lena, omar):
    reviews.next_for(lena)
    lapse(case)

    assert reviews.next_for(omar) == case
    with pytest.raises(ClaimLost):
        reviews.require_claim(case, lena)
    assert sorted((row.reviewer.pk == lena.pk, row.end) for row in Deal.objects.all()) == [
        (False, ""),
        (True, "lapsed"),
    ]


def test_lapsed_case_that_nobody_took_is_theirs_again(case, lena):
    reviews.next_for(lena)
    lapse(case)

    reviews.require_claim(case, lena)

    assert read(case).claimed_until > timezone.now()


def test_twenty_cases_an_hour_and_no_more(lena, maria):
    for _ in range(policy.REVIEWS_PER_PERSON.limit):
        budgets.consume(policy.REVIEWS_PER_PERSON, str(lena.pk))
    make_reviewed(maria)

    with pytest.raises(LimitReached):
        reviews.next_for(lena)

    assert not Deal.objects.exists()


def test_decided_case_is_not_dealt_to_its_first_decider_again(case, lena, omar):
    decide(case, lena)

    assert reviews.next_for(lena) is None
    assert reviews.next_for(omar) == case


def test_case_is_put_back_twice_a_day_at_most(lena, maria):
    for _ in range(policy.BACK_AT_MOST):
        make_reviewed(maria)
        reviews.put_back(reviews.next_for(lena), lena)
    kept = make_reviewed(maria)
    reviews.next_for(lena)

    with pytest.raises(PutBackTooOften):
        reviews.put_back(kept, lena)

    assert read(kept).claimed_by == lena
    assert Deal.objects.filter(end=DealEnd.RETURNED).count() == policy.BACK_AT_MOST


def test_case_of_somebody_else_cannot_be_put_back(case, lena, omar):
    reviews.next_for(lena)

    with pytest.raises(ClaimLost):
        reviews.put_back(case, omar)

    assert read(case).claimed_by == lena


def test_whoever_recuses_themselves_never_gets_it_again(case, lena):
    reviews.next_for(lena)
    reviews.save_draft(case, lena, {"note": "I know her"})

    reviews.recuse(case, lena)

    assert read(case).claimed_by is None
    assert reviews.next_for(lena) is None
    assert draft_of(case, lena) == {}
    entry = AuditEntry.objects.get(action="recovery:case:recused")
    assert (entry.actor, entry.subject) == (f"user:{lena.pk}", case.subject)


def test_case_of_somebody_else_cannot_be_recused(case, lena, omar):
    reviews.next_for(lena)

    with pytest.raises(ClaimLost):
        reviews.recuse(case, omar)

    assert not AuditEntry.objects.exists()


def test_taking_one_case_of_many_keeps_the_rules(case, lena, omar):
    reviews.take(case, lena)
    assert read(case).claimed_by == lena
    assert budgets.peek(policy.REVIEWS_PER_PERSON, str(lena.pk)) == 1

    with pytest.raises(ClaimLost):
        reviews.take(case, omar)
    RecoveryTicket.objects.filter(pk=case.pk).update(opened_by=omar)
    with pytest.raises(MayNotDecide):
        reviews.take(case, omar)


def test_every_look_is_kept_and_told_of_once_a_claim(case, lena):
    deal(case, lena)
    first = reviews.note_view(case, lena)
    reviews.note_view(case, lena)
    assert AuditEntry.objects.filter(action="recovery:case:viewed").count() == 1

    deal(case, lena)
    second = reviews.note_view(case, lena)

    view = CaseView.objects.get()
    assert AuditEntry.objects.filter(action="recovery:case:viewed").count() == 2
    assert (view.first_at, view.audit_number) == (first.first_at, second.audit_number)
    assert view.audit_number > first.audit_number


def test_look_after_a_pause_is_told_of_again(case):
    viewer = make_staff("view_recoveryticket")
    reviews.note_view(case, viewer)
    CaseView.objects.update(
        first_at=timezone.now() - timedelta(hours=3), last_at=timezone.now() - timedelta(hours=2)
    )

    reviews.note_view(case, viewer)

    assert AuditEntry.objects.filter(action="recovery:case:viewed").count() == 2


def test_repeated_look_costs_two_statements(case, lena, django_assert_num_queries):
    reviews.note_view(case, lena)

    with django_assert_num_queries(2):
        reviews.note_view(case, lena)


def test_draft_is_kept_for_its_writer_alone_and_encrypted(case, lena, omar):
    reviews.save_draft(case, lena, {"note": "half a thought"})
    reviews.save_draft(case, lena, {"note": "a whole thought"})

    assert draft_of(case, lena) == {"note": "a whole thought"}
    assert draft_of(case, omar) == {}
    with connection.cursor() as cursor:
        cursor.execute("SELECT form FROM recovery_reviewdraft")
        assert "thought" not in str(cursor.fetchall())


def test_draft_is_gone_once_decided(case, lena):
    reviews.save_draft(case, lena, {"note": "a thought"})

    decide(case, lena)

    assert draft_of(case, lena) == {}


def draft_of(case, staff):
    """Give what is kept of somebody's draft, {} for nothing."""
    draft = ReviewDraft.objects.filter(ticket=case, reviewer=staff).first()
    return draft.form if draft else {}
