"""Whose objection cancels a claim that answers carry, and which removed contacts still count."""

from contextlib import suppress
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.errors import WrongCode
from accounts.models import Contact
from accounts.normalise import email
from accounts.tests.factories import make_client, make_contact, make_user
from recovery import policy
from recovery.enums import LinkOutcome, TicketState
from recovery.models import RecoveryTicket
from recovery.services import objections, proofs
from recovery.tests.factories import make_claimant, make_link, make_proof, make_ticket
from recovery.tests.staff import make_evidence, make_reviewed

S = TicketState
DAY = timedelta(days=1)
OLD = "old@example.net"
pytestmark = pytest.mark.django_db


@pytest.fixture
def maria():
    return make_user(email="maria@example.org")


def stop(ticket, contact):
    link = objections.find_link(make_link(ticket, contact))
    return objections.stop(link, client=make_client("198.51.100.77"))


def show(ticket, code_for):
    """Ask for a code to the address and type it; where none went out it is one of nobody's."""
    proofs.send_contact_code(ticket, email(OLD), client=make_claimant())
    with suppress(WrongCode):
        proofs.accept_contact_code(
            ticket, code_for(OLD, "recovery.contact_code"), client=make_claimant()
        )


@pytest.mark.parametrize(
    ("younger_by", "outcome"),
    [(-DAY, LinkOutcome.STOPPED), (DAY * 0, LinkOutcome.TOLD_STAFF), (DAY, LinkOutcome.TOLD_STAFF)],
    ids=["older", "the same", "younger"],
)
def test_a_contact_cancels_what_answers_carry_where_it_is_older_than_they_rest_on(
    maria, younger_by, outcome
):
    as_of = timezone.now() - 60 * DAY
    contact = make_contact(maria, OLD, verified_at=as_of + younger_by)
    ticket = make_reviewed(maria)
    make_evidence(ticket, as_of=as_of)

    assert stop(ticket, contact) == outcome

    state = RecoveryTicket.objects.get().state
    assert state == (S.CANCELLED if outcome == LinkOutcome.STOPPED else S.IN_REVIEW)


def test_of_answers_and_proofs_the_older_decides(maria):
    contact = make_contact(maria, OLD, verified_at=timezone.now() - 50 * DAY)
    ticket = make_reviewed(maria)
    make_evidence(ticket, as_of=timezone.now() - 10 * DAY)
    make_proof(ticket, since=timezone.now() - 200 * DAY)

    assert stop(ticket, contact) == LinkOutcome.TOLD_STAFF


def test_answers_that_are_not_graded_yet_rest_on_the_account_before_its_young_changes(maria):
    contact = make_contact(maria, OLD, verified_at=timezone.now() - 50 * DAY)
    ticket = make_ticket(maria, state=S.EVALUATING)
    make_evidence(ticket, graded_at=None, as_of=None)

    assert stop(ticket, contact) == LinkOutcome.STOPPED


@pytest.mark.parametrize(
    ("days", "is_contested", "counts"),
    [
        ((30, 3), True, True),
        ((29, 3), True, False),
        ((300, 31), True, False),
        ((300, 3), False, False),
    ],
    ids=["long and lately", "not long", "not lately", "nothing is contested"],
)
def test_a_removed_contact_counts_where_it_was_on_file_long_and_somebody_disputes(
    maria, code_for, days, is_contested, counts
):
    now = timezone.now()
    on_file, removed = (number * DAY for number in days)
    make_contact(maria, OLD, verified_at=now - removed - on_file, removed_at=now - removed)
    ticket = make_ticket(maria, state=S.AWAITING_PROOF, contested_at=now if is_contested else None)

    show(ticket, code_for)

    assert [proof.is_strong for proof in ticket.proofs.all()] == [True] * counts


def test_a_suspended_contact_counts_for_nothing_however_long_it_was_there(maria, code_for):
    make_contact(maria, OLD, removed_at=timezone.now() - DAY, suspended_at=timezone.now())
    ticket = make_ticket(maria, state=S.AWAITING_PROOF, contested_at=timezone.now())

    show(ticket, code_for)

    assert not ticket.proofs.exists()


def test_a_contact_that_was_put_back_counts_on_a_contested_request_by_its_age(maria):
    """Whoever removes and restores the owner's address has not made it worth nothing."""
    now = timezone.now()
    contact = make_contact(maria, OLD, counts_from=now + 5 * DAY)
    contested = make_ticket(maria, state=S.AWAITING_PROOF, contested_at=now)
    plain = make_ticket(maria, state=S.AWAITING_PROOF)

    strong = [proofs.of_contact(one, contact, make_claimant()) for one in (contested, plain)]

    assert [proof.is_strong for proof in strong] == [True, False]
    assert contact.verified_at < contested.opened_at - policy.KEPT_LONG
    assert Contact.objects.filter(pk=contact.pk, removed_at=None).exists()
