"""Many requests alike."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.tests.factories import make_user
from activity.models import AuditEntry
from recovery.errors import ClaimLost, MayNotDecide, StaleTicket
from recovery.models import RecoveryTicket
from recovery.services import campaigns
from recovery.tests.deciding import NOTE, STAFF_BROWSER, deal, read
from recovery.tests.staff import make_reviewed, make_staff, make_vote

pytestmark = pytest.mark.django_db


@pytest.fixture
def others():
    return [make_reviewed(make_user()) for _ in range(2)]


def refuse(case, staff):
    return campaigns.refuse(case, staff, client=STAFF_BROWSER, note=NOTE)


def test_alike_are_those_of_its_network_or_contact_of_the_last_day(case, others, lena):
    now = timezone.now()
    same_contact = make_reviewed(
        make_user(), network="198.51.100.1", contact_limit_key=case.contact_limit_key
    )
    make_reviewed(make_user(), network="198.51.100.1")
    make_reviewed(make_user(), opened_at=now - timedelta(hours=25))
    make_vote(make_reviewed(make_user()), lena)
    deal(make_reviewed(make_user()), lena)

    assert set(campaigns.alike(case)) == {*others, same_contact}


def test_unknown_networks_are_not_alike(case, others):
    RecoveryTicket.objects.update(network="")

    assert not campaigns.alike(read(case)).exists()


def test_folded_tickets_are_one_case_in_the_chain(case, others, lena):
    assert campaigns.fold(case, others, lena) == 2

    assert [read(other).folded_into for other in others] == [case, case]
    entry = AuditEntry.objects.get(action="recovery:campaign:folded")
    assert entry.subject == case.subject
    assert set(entry.details["references"]) == {other.reference for other in others}


def test_nothing_is_folded_into_a_case_that_somebody_voted_on(case, others, lena, omar):
    make_vote(case, omar)

    with pytest.raises(StaleTicket):
        campaigns.fold(case, others, lena)

    assert not RecoveryTicket.objects.filter(folded_into__isnull=False).exists()


def test_case_that_is_not_alike_is_not_folded(case, lena):
    victim = make_reviewed(make_user(), network="198.51.100.1")

    with pytest.raises(StaleTicket):
        campaigns.fold(case, [victim], lena)

    assert read(victim).folded_into is None


def test_case_that_another_person_has_is_not_folded(case, others, lena, omar):
    deal(others[0], omar)

    with pytest.raises(StaleTicket):
        campaigns.fold(case, others, lena)


def test_own_case_is_not_folded_away(case, others, lena):
    RecoveryTicket.objects.filter(pk=others[0].pk).update(opened_by=lena)

    with pytest.raises(MayNotDecide):
        campaigns.fold(case, others, lena)

    assert read(others[1]).folded_into is None


def test_viewer_folds_nothing(case, others):
    with pytest.raises(MayNotDecide):
        campaigns.fold(case, others, make_staff("view_recoveryticket"))


def test_parted_tickets_wait_for_themselves_again(case, others, lena):
    campaigns.fold(case, others, lena)

    assert campaigns.unfold(case, lena) == 2

    assert [read(other).folded_into for other in others] == [None, None]
    assert AuditEntry.objects.filter(action="recovery:campaign:parted").count() == 1


def test_campaign_is_refused_by_two_people(case, others, lena, omar):
    campaigns.fold(case, others, lena)

    assert refuse(case, lena) == 0
    assert read(case).verdict == ""
    assert refuse(case, omar) == 3

    assert {read(one).verdict for one in (case, *others)} == {"deny"}
    assert AuditEntry.objects.filter(action="recovery:campaign:refused").count() == 1


def test_one_person_does_not_refuse_a_campaign_twice(case, others, lena):
    campaigns.fold(case, others, lena)
    refuse(case, lena)

    with pytest.raises(MayNotDecide) as refusal:
        refuse(case, lena)

    assert refusal.value.bars == ["voted"]
    assert read(case).verdict == ""


def test_campaign_that_another_person_has_is_not_refused(case, others, lena, omar):
    deal(case, omar)

    with pytest.raises(ClaimLost):
        refuse(case, lena)
