"""Other claims of an account that was recovered."""

import pytest

from accounts.normalise import email
from accounts.tests.factories import make_client, make_user
from recovery.enums import CancelCause, TicketState
from recovery.models import RecoveryTicket
from recovery.services import completion, opening, rivals
from recovery.tests.factories import make_claimant, make_proof, make_ticket

S = TicketState
NEW = "Silver-kettle-4-meadow"
pytestmark = pytest.mark.django_db


@pytest.fixture
def approved():
    """Give a ticket that its browser proved a minute ago."""
    ticket = make_ticket(make_user(email="maria@example.org"), state=S.APPROVED)
    make_proof(ticket)
    return ticket


@pytest.mark.parametrize(
    ("state", "has_proof", "ends_in"),
    [
        (S.AWAITING_CODE, False, S.AWAITING_CODE),
        (S.AWAITING_PROOF, False, S.CANCELLED),
        (S.AWAITING_PROOF, True, S.AWAITING_PROOF),
        (S.ON_HOLD, True, S.IN_REVIEW),
        (S.APPROVED, True, S.IN_REVIEW),
        (S.IN_REVIEW, True, S.IN_REVIEW),
    ],
)
def test_rivals_without_a_proof_end_and_others_are_for_staff(approved, state, has_proof, ends_in):
    rival = make_ticket(approved.user, state=state)
    if has_proof:
        make_proof(rival)
    _complete(approved)

    rivals.settle_due()
    rivals.settle_due()

    rival.refresh_from_db()
    assert (rival.state, bool(rival.contested_at)) == (ends_in, has_proof)


def test_a_rival_whose_code_comes_too_late_proves_nothing(approved, code_for):
    client = make_client("198.51.100.7")
    rival = opening.open_ticket("maria@example.org", email("maria@example.org"), client=client)
    _complete(approved)
    rivals.settle_due()
    rival.refresh_from_db()

    opening.accept_code(rival, code_for("maria@example.org"), client=client)

    rival.refresh_from_db()
    assert (rival.state, rival.cancel_cause) == (S.AWAITING_PROOF, CancelCause.RIVAL)
    assert not rival.proofs.exists()


def test_tickets_of_other_accounts_are_no_rivals(approved):
    other = make_ticket(make_user(), state=S.AWAITING_PROOF)
    unknown = make_ticket(None, state=S.AWAITING_PROOF)
    _complete(approved)

    rivals.settle_due()

    states = RecoveryTicket.objects.filter(pk__in=[other.pk, unknown.pk])
    assert {ticket.state for ticket in states} == {S.AWAITING_PROOF}


def _complete(ticket):
    completion.complete(ticket, NEW, client=make_claimant())
