"""What one person cannot bring about alone (attacks.md 30 to 32)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Contact, User
from accounts.tests.factories import make_contact, make_user
from recovery.enums import Outcome, Verdict
from recovery.errors import MayNotDecide, StaleTicket
from recovery.models import Vote
from recovery.services import verdicts, voiding
from recovery.services.verdicts import Choice
from recovery.tests.deciding import STAFF_BROWSER, R, approval, deal, decide, denial, read
from recovery.tests.staff import (
    SECURITY,
    make_evidence,
    make_reviewed,
    make_staff,
)

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "loss", [{"is_active": False}, {"is_staff": False}, {"frozen_at": 1, "frozen_cause": "x"}]
)
def test_vote_of_somebody_who_left_since_does_not_count(case, lena, omar, loss):
    decide(case, lena, approval(reasons=(R.OLDER_SIDE,), hold=timedelta(days=20)))
    if "frozen_at" in loss:
        loss = loss | {"frozen_at": timezone.now()}
    User.objects.filter(pk=lena.pk).update(**loss)

    decide(case, omar)
    assert read(case).verdict == ""
    decide(case, make_staff())

    case = read(case)
    assert (case.verdict, case.told_reasons) == ("approve", ["rare_facts"])
    assert case.hold_length == timedelta(days=3)
    assert Vote.objects.get(decider=lena).void_reason == "not_counted"


def test_vote_of_somebody_who_lost_the_role_since_does_not_count(case, lena, omar):
    decide(case, lena)
    lena.user_permissions.clear()

    decide(case, omar)

    assert read(case).verdict == ""


def test_vote_of_somebody_whose_address_came_to_light_does_not_count(case, maria, lena, omar):
    decide(case, lena)
    make_contact(maria, Contact.objects.get(user=lena).value)

    decide(case, omar)

    assert read(case).verdict == ""


def test_staff_whose_role_was_taken_while_they_looked_cannot_vote(case, lena):
    deal(case, lena)
    lena.has_perm("recovery.review_recoveryticket")  # as a request has read it
    User.objects.filter(pk=lena.pk).update(is_staff=False)

    with pytest.raises(MayNotDecide) as refusal:
        verdicts.decide(case, lena, approval(), client=STAFF_BROWSER)

    assert refusal.value.bars == ["no_role"]


def test_change_of_the_account_voids_the_votes_and_is_looked_at_again(case, maria, lena, omar):
    decide(case, lena)
    User.objects.filter(pk=maria.pk).update(epoch=maria.epoch + 1)

    with pytest.raises(StaleTicket):
        decide(case, omar)

    case = read(case)
    vote = Vote.objects.get()
    assert (vote.decider, vote.void_reason) == (lena, "epoch")
    assert (case.contested_reason, case.verdict) == ("epoch_changed", "")
    assert case.epoch == maria.epoch + 1
    decide(case, omar)
    decide(case, lena)
    assert read(case).verdict == "approve"


def test_what_was_passed_on_is_decided_by_security_alone(case, lena, omar):
    decide(case, omar)
    decide(case, lena, Choice(Verdict.PASS_ON, ()))
    assert (read(case).is_passed_on, read(case).verdict) == (True, "")
    assert Vote.objects.get(decider=lena).void_reason == "passed_on"
    with pytest.raises(MayNotDecide) as refusal:
        decide(case, make_staff())
    assert refusal.value.bars == ["security_only"]

    decide(case, make_staff(*SECURITY))
    assert read(case).verdict == ""  # the approver's earlier vote does not count here
    decide(case, make_staff(*SECURITY))

    assert read(case).verdict == "approve"


def test_whoever_passed_it_on_is_not_asked_again(case, omar):
    security = make_staff(*SECURITY)
    decide(case, security, Choice(Verdict.PASS_ON, ()))

    with pytest.raises(MayNotDecide) as refusal:
        decide(case, security)

    assert refusal.value.bars == ["voted"]


@pytest.mark.parametrize(
    "standing",
    [{"is_staff": True}, {"is_superuser": True, "is_staff": True}, {"is_protected": True}],
)
def test_only_superusers_decide_on_protected_accounts(lena, standing):
    colleague = make_user(**standing)
    case = make_reviewed(colleague, outcome=Outcome.HOLD, contested_at=timezone.now())

    with pytest.raises(MayNotDecide) as refusal:
        decide(case, lena)

    assert refusal.value.bars == ["superusers_only"]


def test_two_superusers_decide_what_the_table_gives_to_them(maria):
    case = make_reviewed(maria, outcome=Outcome.SUPERUSERS, hold_length=None)
    make_evidence(case)
    first, second = (make_staff(is_superuser=True) for _ in range(2))

    decide(case, first)
    assert read(case).verdict == ""
    decide(case, second)

    assert read(case).verdict == "approve"


def test_what_is_folded_into_a_refused_case_is_refused_with_it(case, lena, omar):
    alike = make_reviewed(make_user(), folded_into=case, answer_at=timezone.now())

    for staff in (lena, omar):
        decide(case, staff, denial(reasons=(R.CAMPAIGN,)))

    alike = read(alike)
    assert (alike.verdict, alike.told_reasons, alike.folded_into) == ("deny", ["campaign"], case)
    assert alike.effect_at is not None


def test_what_is_folded_into_an_approved_case_waits_for_its_own_decision(case, lena, omar):
    alike = make_reviewed(make_user(), folded_into=case)

    for staff in (lena, omar):
        decide(case, staff)

    alike = read(alike)
    assert (alike.verdict, alike.effect_at, alike.folded_into) == ("", None, None)


def test_what_was_folded_in_after_the_first_vote_is_not_refused_with_it(case, lena, omar):
    decide(case, lena, denial())
    late = make_reviewed(make_user(), folded_into=case, in_review_at=timezone.now())

    decide(case, omar, denial())

    assert read(case).verdict == "deny"
    assert (read(late).verdict, read(late).folded_into) == ("", None)


def test_folded_ticket_takes_no_vote_of_its_own(case, lena):
    folded = make_reviewed(make_user(), folded_into=case)

    with pytest.raises(StaleTicket):
        decide(folded, lena)


def test_nobody_decides_a_case_into_which_their_own_is_folded(case, lena):
    make_reviewed(lena, folded_into=case)

    with pytest.raises(MayNotDecide) as refusal:
        decide(case, lena, denial())

    assert "own_account" in refusal.value.bars


def test_voiding_ends_what_was_agreed_on(case, lena, omar):
    decide(case, lena)
    decide(case, omar)

    assert voiding.void_all(read(case), "objection") == 2

    case = read(case)
    assert (case.verdict, case.effect_at, case.told_reasons) == ("", None, [])
    assert {vote.void_reason for vote in Vote.objects.all()} == {"objection"}
