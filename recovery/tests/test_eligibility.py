"""Who may decide which case: every bar by itself, and the queue by the same rules."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Contact, User
from accounts.tests.factories import make_client, make_contact, make_device, make_user
from activity.models import AccountView
from recovery import eligibility, policy
from recovery.eligibility import Bar
from recovery.enums import DealEnd, Outcome, Reason, TicketState, Verdict
from recovery.models import Deal, RecoveryTicket
from recovery.tests.factories import make_ticket
from recovery.tests.staff import REVIEWER, SECURITY, make_reviewed, make_staff, make_vote
from vault import digests

pytestmark = pytest.mark.django_db
LENAS = "lena@staff.example"


@pytest.fixture
def lena() -> User:
    return make_staff(email=LENAS)


@pytest.fixture
def case() -> RecoveryTicket:
    return make_reviewed(make_user(email="maria@example.org"))


def own_account(case, lena):
    RecoveryTicket.objects.filter(pk=case.pk).update(user=lena)


def opened(case, lena):
    RecoveryTicket.objects.filter(pk=case.pk).update(opened_by=lena)


def claims_with_address(case, lena):
    key = Contact.objects.get(user=lena).limit_key
    RecoveryTicket.objects.filter(pk=case.pk).update(contact_limit_key=key)


def claims_with_removed_address(case, lena):
    make_contact(lena, "old@staff.example", removed_at=timezone.now())
    RecoveryTicket.objects.filter(pk=case.pk).update(contact_limit_key="old@staff.example")


def address_with_tag_on_account(case, lena):
    make_contact(case.user, "lena+maria@staff.example")


def own_device(case, lena):
    make_device(lena, token="shared")
    hashed = digests.token_hash("shared")
    RecoveryTicket.objects.filter(pk=case.pk).update(device_hash=hashed)


def forgotten_device(case, lena):
    own_device(case, lena)
    lena.devices.update(forgotten_at=timezone.now())


def saw_account(case, lena):
    AccountView.objects.create(staff=lena, user=case.user)


def voted(case, lena):
    make_vote(case, lena)


def passed_on_by_her(case, lena):
    now = timezone.now()
    make_vote(case, lena, Verdict.PASS_ON, voided_at=now, void_reason="passed_on")


def recused(case, lena):
    Deal.objects.create(ticket=case, reviewer=lena, ended_at=timezone.now(), end=DealEnd.RECUSED)


def passed_on(case, lena):
    RecoveryTicket.objects.filter(pk=case.pk).update(is_passed_on=True)


def for_superusers(case, lena):
    RecoveryTicket.objects.filter(pk=case.pk).update(outcome=Outcome.SUPERUSERS)


def of_a_colleague(case, lena):
    User.objects.filter(pk=case.user_id).update(is_staff=True)


def no_role(case, lena):
    lena.user_permissions.clear()


def not_staff_any_more(case, lena):
    User.objects.filter(pk=lena.pk).update(is_staff=False)


def paused(case, lena):
    User.objects.filter(pk=lena.pk).update(frozen_at=timezone.now(), frozen_cause="x")


BARRED = [
    (own_account, Bar.OWN_ACCOUNT),
    (opened, Bar.OPENED),
    (claims_with_address, Bar.SHARED_ADDRESS),
    (claims_with_removed_address, Bar.SHARED_ADDRESS),
    (address_with_tag_on_account, Bar.SHARED_ADDRESS),
    (own_device, Bar.OWN_DEVICE),
    (forgotten_device, Bar.OWN_DEVICE),
    (saw_account, Bar.SAW_ACCOUNT),
    (voted, Bar.VOTED),
    (passed_on_by_her, Bar.VOTED),
    (recused, Bar.RECUSED),
    (passed_on, Bar.SECURITY_ONLY),
    (for_superusers, Bar.SUPERUSERS_ONLY),
    (of_a_colleague, Bar.SUPERUSERS_ONLY),
    (no_role, Bar.NO_ROLE),
    (not_staff_any_more, Bar.NO_ROLE),
    (paused, Bar.NO_ROLE),
]


def fresh(staff: User) -> User:
    return User.objects.get(pk=staff.pk)


def test_nothing_bars_a_reviewer_from_a_strangers_case(case, lena):
    assert eligibility.bars(lena, case) == []
    assert list(eligibility.dealable_to(lena)) == [case]


def test_case_of_no_account_is_dealt_too(lena):
    case = make_reviewed(None)

    assert eligibility.bars(lena, case) == []
    assert list(eligibility.dealable_to(lena)) == [case]


@pytest.mark.parametrize(("make_so", "bar"), BARRED)
def test_each_reason_bars_and_the_case_is_not_dealt(case, lena, make_so, bar):
    make_so(case, lena)

    assert bar in eligibility.bars(fresh(lena), case)
    assert list(eligibility.dealable_to(fresh(lena))) == []


@pytest.mark.parametrize(("make_so", "bar"), BARRED)
def test_each_reason_bars_from_the_case_that_it_is_folded_into(lena, make_so, bar):
    head = make_reviewed(make_user())
    folded = make_reviewed(make_user(), folded_into=head)
    make_so(folded, lena)

    assert bar in eligibility.bars(fresh(lena), head)
    assert list(eligibility.dealable_to(fresh(lena))) == []


def test_superuser_who_saw_the_profile_does_not_decide(case):
    root = make_staff(is_superuser=True)
    AccountView.objects.create(staff=root, user=case.user)

    assert eligibility.bars(root, case) == [Bar.SAW_ACCOUNT]


def test_view_of_long_ago_bars_nobody(case, lena):
    long_ago = timezone.now() - policy.SAW_ACCOUNT_FOR - timedelta(minutes=1)
    AccountView.objects.create(staff=lena, user=case.user, last_at=long_ago)
    AccountView.objects.create(staff=lena, user=make_user())

    assert eligibility.bars(lena, case) == []


def test_votes_that_were_voided_by_a_change_may_be_cast_anew(case, lena):
    make_vote(case, lena, voided_at=timezone.now(), void_reason="epoch")

    assert eligibility.bars(lena, case) == []


def test_security_and_superusers_decide_what_is_theirs(case):
    passed_on(case, None)
    assert eligibility.bars(make_staff(*SECURITY), case) == []
    for_superusers(case, None)

    assert eligibility.bars(make_staff(is_superuser=True), case) == []


def test_browser_of_the_claim_is_barred_signed_in_or_not(case, lena):
    assert eligibility.bars(lena, case, client=make_client(browser="the-browser")) == [
        Bar.OWN_DEVICE
    ]
    assert eligibility.bars(lena, case, client=make_client(browser="another", device="")) == []


def test_bars_cost_one_statement_beside_the_permissions(case, lena, django_assert_num_queries):
    lena.has_perm("recovery.review_recoveryticket")

    with django_assert_num_queries(1):
        eligibility.bars(lena, case)


@pytest.mark.parametrize("rows", [1, 6])
def test_dealing_costs_one_statement(lena, django_assert_num_queries, rows):
    for _ in range(rows):
        make_reviewed(make_user())
    lena.has_perm("recovery.review_recoveryticket")

    with django_assert_num_queries(1):
        assert len(eligibility.dealable_to(lena)) == rows


def test_most_urgent_lane_and_then_the_earliest_due_comes_first(lena):
    now = timezone.now()
    late = make_reviewed(make_user(), first_due_at=now - timedelta(hours=2))
    later = make_reviewed(make_user(), first_due_at=now + timedelta(hours=2))
    takeover = make_reviewed(
        make_user(), reason=Reason.TAKEOVER, first_due_at=now + timedelta(hours=5)
    )

    assert list(eligibility.dealable_to(lena)) == [takeover, late, later]


def test_what_waits_for_nobody_is_not_dealt(lena):
    now = timezone.now()
    head = make_reviewed(make_user())
    make_reviewed(make_user(), folded_into=head)
    make_reviewed(make_user(), verdict=Verdict.DENY, effect_at=now + timedelta(hours=1))
    make_reviewed(make_user(), expires_at=now - timedelta(minutes=1))
    make_reviewed(make_user(), claimed_by=make_staff(), claimed_until=now + timedelta(minutes=1))
    make_ticket(make_user(), state=TicketState.ON_HOLD)
    lapsed = make_reviewed(
        make_user(), claimed_by=make_staff(), claimed_until=now - timedelta(minutes=1)
    )

    assert set(eligibility.dealable_to(lena)) == {head, lapsed}


def test_what_was_put_back_is_not_dealt_again_the_same_day(case, lena):
    deal = Deal.objects.create(
        ticket=case, reviewer=lena, ended_at=timezone.now(), end=DealEnd.RETURNED
    )
    assert list(eligibility.dealable_to(lena)) == []
    assert list(eligibility.dealable_to(make_staff())) == [case]

    Deal.objects.filter(pk=deal.pk).update(ended_at=timezone.now() - timedelta(hours=25))

    assert list(eligibility.dealable_to(lena)) == [case]


def test_only_people_who_can_decide_are_counted():
    make_staff(*REVIEWER)
    make_staff()
    make_staff(is_superuser=True)
    make_staff(is_active=False)
    make_user()

    assert eligibility.count_with("review_recoveryticket") == 3
    assert eligibility.count_with("approve_recoveryticket") == 2


def test_browser_of_a_decider_is_known(case, lena):
    make_device(lena, token="office")
    client = make_client(device="office")
    assert not eligibility.is_browser_of_staff(case, client)

    make_vote(case, lena)

    assert eligibility.is_browser_of_staff(case, client)
    assert not eligibility.is_browser_of_staff(case, make_client(device=""))
