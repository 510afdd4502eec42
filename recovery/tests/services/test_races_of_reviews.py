"""Several at once, on PostgreSQL: one vote a person, one agreement, one case a person."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from accounts.tests.factories import make_user
from accounts.tests.threads import run_at_once
from activity.models import AuditEntry
from recovery import policy
from recovery.enums import Verdict
from recovery.models import Deal, RecoveryTicket, Vote
from recovery.services import reviews, verdicts
from recovery.tests.deciding import STAFF_BROWSER, approval, deal, denial, read
from recovery.tests.staff import make_evidence, make_reviewed, make_staff

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]
ROUNDS = 200


@pytest.fixture(autouse=True)
def on_postgresql():
    if connection.vendor != "postgresql":
        pytest.skip("races need PostgreSQL")


def case_of(user) -> RecoveryTicket:
    case = make_reviewed(user)
    make_evidence(case)
    return case


def is_vote(result: object) -> bool:
    return isinstance(result, Vote)


def test_one_approver_in_two_tabs_gives_one_vote():
    lena = make_staff()
    for _ in range(ROUNDS):
        case = case_of(make_user())
        deal(case, lena)

        results = run_at_once(
            2,
            lambda number, case=case: verdicts.decide(
                case, lena, (approval(), denial())[number], client=STAFF_BROWSER
            ),
        )

        assert [is_vote(result) for result in results].count(True) == 1, results
        assert Vote.objects.filter(ticket=case).count() == 1
        assert read(case).verdict == ""


def test_two_approvers_with_one_claim_give_one_vote():
    lena, omar = make_staff(), make_staff()
    for _ in range(ROUNDS):
        case = case_of(make_user())
        deal(case, lena)
        lapsed = timezone.now() - timedelta(minutes=1)
        RecoveryTicket.objects.filter(pk=case.pk).update(claimed_until=lapsed)

        def work(number, case=case):
            if number:
                reviews.take(case, omar)
                return verdicts.decide(case, omar, approval(), client=STAFF_BROWSER)
            return verdicts.decide(case, lena, approval(), client=STAFF_BROWSER)

        reviews.budgets.reset(policy.REVIEWS_PER_PERSON, str(omar.pk))
        results = run_at_once(2, work)

        votes = Vote.objects.filter(ticket=case, voided_at=None)
        agreed = read(case).verdict == Verdict.APPROVE
        # Whoever comes first ends the claim or takes it; both may vote, one after the other.
        assert votes.count() == sum(map(is_vote, results)) >= 1, results
        assert agreed is (votes.count() == 2)
        assert AuditEntry.objects.filter(subject=case.subject).count() == votes.count()


def test_next_deals_one_case_to_a_person_and_no_case_twice():
    staff = [make_staff() for _ in range(3)]
    for _ in range(ROUNDS // 4):
        Deal.objects.all().delete()
        RecoveryTicket.objects.all().delete()
        for one in staff:
            reviews.budgets.reset(policy.REVIEWS_PER_PERSON, str(one.pk))
        for _number in range(4):
            make_reviewed(None)

        results = run_at_once(6, lambda number: reviews.next_for(staff[number % 3]))

        assert all(isinstance(result, RecoveryTicket) for result in results), results
        assert [results[i].pk == results[i + 3].pk for i in range(3)] == [True] * 3
        assert len({result.pk for result in results}) == 3
        assert Deal.objects.filter(ended_at=None).count() == 3
        for one in staff:
            assert reviews.budgets.peek(policy.REVIEWS_PER_PERSON, str(one.pk)) == 1
