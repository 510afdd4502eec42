"""Staff saw who somebody is."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.tests.factories import make_client
from activity.models import AuditEntry
from recovery import facts
from recovery.enums import CheckWay, Outcome, ProofClass, TicketState, Verdict
from recovery.errors import MayNotDecide, StaleTicket, VerdictRefused
from recovery.models import IdentityCheck, Proof, RecoveryTicket
from recovery.services import identity_checks
from recovery.tests.deciding import STAFF_BROWSER, read
from recovery.tests.factories import make_ticket
from recovery.tests.staff import make_staff, make_vote
from vault import digests

pytestmark = pytest.mark.django_db


def record(ticket, staff, *, place="Front desk", at=None, client=STAFF_BROWSER):
    return identity_checks.record(
        ticket, staff, CheckWay.DESK, place, at or timezone.now(), client=client
    )


def test_check_is_kept_as_proof_and_in_the_chain_without_its_place(case, lena):
    check = record(case, lena, place=" Front desk ")

    assert (check.checked_by, check.place) == (lena, "Front desk")
    proof = Proof.objects.get()
    assert (proof.proof_class, proof.is_strong) == (ProofClass.PERSON, True)
    entry = AuditEntry.objects.get(action="recovery:identity:checked")
    assert (entry.actor, entry.subject, entry.reason) == (f"user:{lena.pk}", case.subject, "desk")
    assert "Front" not in str(entry.details)


def test_check_is_no_proof_that_the_claimants_browser_holds(case, lena):
    record(case, lena)

    held = facts.held_proofs(case, digests.token_hash("the-browser"), timezone.now())
    assert held == []


@pytest.mark.parametrize("fields", [{"opened_by": True}, {"voted": True}])
def test_who_opened_the_case_or_voted_may_record_a_check(case, lena, fields):
    if "voted" in fields:
        make_vote(case, lena)
    else:
        RecoveryTicket.objects.update(opened_by=lena)

    record(case, lena)

    assert IdentityCheck.objects.count() == 1


def test_nobody_checks_themselves(case, lena):
    RecoveryTicket.objects.update(user=lena)

    with pytest.raises(MayNotDecide) as refusal:
        record(case, lena)

    assert "own_account" in refusal.value.bars
    assert not Proof.objects.exists()


def test_nobody_checks_the_claim_of_their_own_browser(case, lena):
    with pytest.raises(MayNotDecide):
        record(case, lena, client=make_client(browser="the-browser"))


def test_role_without_the_right_records_nothing(case):
    with pytest.raises(MayNotDecide) as refusal:
        record(case, make_staff("review_recoveryticket"))

    assert refusal.value.bars == ["no_role"]


def test_superusers_alone_check_for_their_own_cases(case, lena):
    RecoveryTicket.objects.update(outcome=Outcome.SUPERUSERS)

    with pytest.raises(MayNotDecide):
        record(case, lena)

    record(case, make_staff(is_superuser=True))


@pytest.mark.parametrize("place", ["", "   ", "x" * 121])
def test_place_must_be_said(case, lena, place):
    with pytest.raises(VerdictRefused) as refusal:
        record(case, lena, place=place)

    assert refusal.value.field == "place"


@pytest.mark.parametrize("shift", [timedelta(hours=1), timedelta(days=-3)])
def test_time_must_be_possible(case, lena, shift):
    with pytest.raises(VerdictRefused) as refusal:
        record(case, lena, at=timezone.now() + shift)

    assert refusal.value.field == "checked_at"
    assert not IdentityCheck.objects.exists()


@pytest.mark.parametrize("state", [TicketState.CANCELLED, TicketState.APPROVED])
def test_ended_or_decided_ticket_takes_no_check(maria, lena, state):
    with pytest.raises(StaleTicket):
        record(make_ticket(maria, state=state), lena)


def test_agreed_case_takes_no_check(case, lena):
    RecoveryTicket.objects.update(verdict=Verdict.DENY, effect_at=timezone.now())

    with pytest.raises(StaleTicket):
        record(case, lena)


def test_what_was_asked_for_goes_back_to_staff_with_the_check(maria, lena):
    ticket = make_ticket(
        maria, state=TicketState.AWAITING_PROOF, verdict=Verdict.MORE, told_reasons=["need_check"]
    )

    record(ticket, lena)

    assert (read(ticket).state, read(ticket).verdict) == (TicketState.IN_REVIEW, "")


def test_check_alone_moves_nothing(maria, lena):
    ticket = make_ticket(maria, state=TicketState.AWAITING_PROOF)

    record(ticket, lena)

    assert read(ticket).state == TicketState.AWAITING_PROOF
