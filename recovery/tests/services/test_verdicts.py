"""What staff decide together."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from accounts.tests.factories import make_client
from activity.models import AuditEntry
from recovery.enums import TicketState, Verdict
from recovery.errors import ClaimLost, MayNotDecide, StaleTicket
from recovery.models import RecoveryTicket, Vote
from recovery.services import reviews, verdicts
from recovery.tests.deciding import NOTE, STAFF_BROWSER, R, approval, deal, decide, denial, read
from recovery.tests.factories import make_ticket
from recovery.tests.staff import (
    REVIEWER,
    make_reviewed,
    make_staff,
)

pytestmark = pytest.mark.django_db


def test_two_different_people_approve_and_the_ticket_takes_the_verdict(case, lena, omar):
    decide(case, lena, approval(reasons=(R.RARE_FACTS,), hold=timedelta(days=5)))
    decide(case, omar, approval(reasons=(R.FAMILIAR_CONTEXT,)))

    case = read(case)
    assert (case.state, case.verdict) == (TicketState.IN_REVIEW, Verdict.APPROVE)
    assert case.told_reasons == ["rare_facts", "familiar_context"]
    assert case.hold_length == timedelta(days=5)
    assert case.effect_at == case.answer_at
    assert (case.claimed_by, case.claimed_until) == (None, None)


def test_one_vote_decides_nothing(case, lena):
    decide(case, lena)

    case = read(case)
    assert (case.verdict, case.effect_at, case.decided_at) == ("", None, None)
    assert case.claimed_by is None


def test_effect_comes_at_once_where_the_answer_time_is_over(maria, lena, omar):
    case = make_reviewed(maria, answer_at=timezone.now() - timedelta(hours=1))

    decide(case, lena, denial())
    decide(case, omar, denial())

    assert abs(read(case).effect_at - timezone.now()) < timedelta(minutes=1)


def test_second_vote_of_the_same_person_is_refused(case, lena):
    decide(case, lena)

    with pytest.raises(MayNotDecide) as refusal:
        decide(case, lena)

    assert refusal.value.bars == ["voted"]
    assert read(case).verdict == ""
    assert Vote.objects.count() == 1


def test_whoever_disagreed_is_followed_by_a_third_person(case, lena, omar):
    third = make_staff()
    decide(case, lena, approval())
    decide(case, omar, denial())
    assert read(case).verdict == ""

    decide(case, third, denial(reasons=(R.RARE_FACTS_DIFFER,)))

    case = read(case)
    assert (case.verdict, case.told_reasons) == ("deny", ["too_little", "rare_facts_differ"])


def test_vote_without_a_claim_is_refused(case, lena):
    with pytest.raises(ClaimLost):
        verdicts.decide(case, lena, approval(), client=STAFF_BROWSER)

    assert not Vote.objects.exists()


def test_vote_after_the_claim_went_to_somebody_else_is_refused(case, lena, omar):
    deal(case, lena)
    deal(case, omar)

    with pytest.raises(ClaimLost):
        verdicts.decide(case, lena, approval(), client=STAFF_BROWSER)

    assert not Vote.objects.exists()


def test_vote_after_the_case_was_put_back_is_refused(case, lena):
    deal(case, lena)
    reviews.put_back(case, lena)

    with pytest.raises(ClaimLost):
        verdicts.decide(case, lena, approval(), client=STAFF_BROWSER)


def test_lapsed_claim_that_nobody_took_still_decides(case, lena):
    deal(case, lena)
    RecoveryTicket.objects.update(claimed_until=timezone.now() - timedelta(hours=1))

    verdicts.decide(case, lena, approval(), client=STAFF_BROWSER)

    assert Vote.objects.get().decider == lena


@pytest.mark.parametrize(
    "state",
    [TicketState.AWAITING_PROOF, TicketState.ON_HOLD, TicketState.DENIED, TicketState.CANCELLED],
)
def test_ticket_that_is_not_in_review_takes_no_vote(maria, lena, state):
    ticket = make_ticket(maria, state=state)

    with pytest.raises(StaleTicket):
        decide(ticket, lena)

    assert read(ticket).state == state


def test_what_was_agreed_on_cannot_be_voted_on_again(case, lena, omar):
    decide(case, lena, denial())
    decide(case, omar, denial())

    with pytest.raises(StaleTicket):
        decide(case, make_staff(), approval())

    assert read(case).verdict == "deny"


def test_ticket_whose_time_is_over_takes_no_vote(maria, lena):
    case = make_reviewed(maria, expires_at=timezone.now() - timedelta(seconds=1))

    with pytest.raises(StaleTicket):
        decide(case, lena)


def test_reviewers_alone_cannot_approve(case, omar):
    for _ in range(2):
        decide(case, make_staff(*REVIEWER))
    assert read(case).verdict == ""

    decide(case, omar)

    assert read(case).verdict == "approve"


def test_reviewers_alone_refuse(case):
    for _ in range(2):
        decide(case, make_staff(*REVIEWER), denial())

    assert read(case).verdict == "deny"


def test_browser_of_the_claim_cannot_decide_it(case, lena):
    deal(case, lena)

    with pytest.raises(MayNotDecide) as refusal:
        verdicts.decide(case, lena, approval(), client=make_client(browser="the-browser"))

    assert refusal.value.bars == ["own_device"]


def test_votes_are_in_the_audit_chain(case, lena, omar):
    votes = [decide(case, staff) for staff in (lena, omar)]

    first, last = AuditEntry.objects.filter(action="recovery:ticket:decided").order_by("number")
    assert (first.actor, first.subject) == (f"user:{lena.pk}", case.subject)
    assert [first.details["vote"], last.details["vote"]] == [vote.pk for vote in votes]
    assert (last.reason, last.details["agreed"]) == ("approve", [vote.pk for vote in votes])
    assert [told["decider"] for told in last.details["votes"]] == [str(lena.pk), str(omar.pk)]
    assert NOTE not in str(last.details)


def test_chain_keeps_what_the_first_chose_until_the_second_has_chosen(case, lena, omar):
    vote = decide(case, lena, denial(reasons=(R.CONTRADICTION,)))

    entry = AuditEntry.objects.get(action="recovery:ticket:decided")
    assert (entry.reason, entry.details["votes"]) == ("", [])
    assert "deny" not in str(entry.details)
    assert "contradiction" not in str(entry.details)
    assert entry.details["seal"] == verdicts.seal_of(Vote.objects.get(pk=vote.pk))
    Vote.objects.filter(pk=vote.pk).update(verdict="approve")
    assert entry.details["seal"] != verdicts.seal_of(Vote.objects.get(pk=vote.pk))


def test_notes_are_not_in_clear_in_the_database(case, lena):
    decide(case, lena)

    with connection.cursor() as cursor:
        cursor.execute("SELECT note FROM recovery_vote")
        stored = bytes(str(cursor.fetchone()[0]), "utf-8")
    assert NOTE.encode() not in stored
    assert Vote.objects.get().note == NOTE
