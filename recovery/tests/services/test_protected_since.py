"""An account that was protected after the decision is not given back by that decision."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from accounts.tests.factories import make_user
from recovery import policy
from recovery.enums import Outcome, TicketState
from recovery.errors import ProofLapsed
from recovery.services import completion, holds
from recovery.tests.deciding import read
from recovery.tests.factories import make_claimant, make_proof, make_ticket

S = TicketState
SINCE = [{"is_protected": True}, {"is_staff": True}, {"is_superuser": True}]
pytestmark = pytest.mark.django_db


@pytest.fixture
def maria():
    return make_user(email="maria@example.org")


def make_waited(maria, **fields):
    now = timezone.now()
    times = {"hold_from": now - 3 * policy.DAY, "hold_until": now - timedelta(hours=1)}
    return make_ticket(maria, state=S.ON_HOLD, **times | fields)


@pytest.mark.parametrize("since", SINCE)
def test_a_wait_for_proofs_ends_with_the_proofs_of_a_protected_account(maria, since):
    ticket = make_waited(maria, reasons=["phone_alone"])
    User.objects.update(**since)

    holds.release_due()

    assert (read(ticket).state, read(ticket).hold_until) == (S.AWAITING_PROOF, None)


def test_a_wait_that_people_set_ends_with_two_superusers(maria):
    ticket = make_waited(maria, people=2, reasons=["evidence"], outcome=Outcome.REVIEW)
    User.objects.update(is_protected=True)

    holds.release_due()

    assert (read(ticket).state, read(ticket).outcome) == (S.IN_REVIEW, Outcome.SUPERUSERS)


@pytest.mark.parametrize("row", ["phone_alone", policy.PROTECTED_ROW])
def test_a_wait_on_what_it_was_decided_as_ends_as_it_should(maria, row):
    ticket = make_waited(maria, reasons=[row])
    User.objects.update(is_protected=row == policy.PROTECTED_ROW)

    holds.release_due()

    assert read(ticket).state == S.APPROVED


def test_an_approved_request_is_completed_on_no_account_that_was_protected_since(maria):
    ticket = make_ticket(maria, state=S.APPROVED, reasons=["one_proof"])
    make_proof(ticket)
    assert completion.require_ready(read(ticket), client=make_claimant()) == maria
    User.objects.update(is_protected=True)

    with pytest.raises(ProofLapsed):
        completion.require_ready(read(ticket), client=make_claimant())
    completion.ask_again(read(ticket))

    assert read(ticket).state == S.AWAITING_PROOF
