"""From proofs to a decision: what a ticket becomes."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.services import sessions
from accounts.tests.factories import make_user
from activity.enums import EventKind
from recovery import policy
from recovery.enums import NoticeKind, Outcome, ProofClass, Resets, TicketState
from recovery.errors import StaleTicket
from recovery.facts import AccountFacts
from recovery.models import Notice, RecoveryTicket
from recovery.models.proof import LONG_UNPROVED
from recovery.services import decisions
from recovery.tests.factories import make_proof, make_ticket

S = TicketState
pytestmark = pytest.mark.django_db


@pytest.fixture
def maria():
    return make_user(email="maria@example.org")


@pytest.fixture
def ticket(maria):
    return make_ticket(maria, state=S.AWAITING_PROOF)


def test_one_strong_proof_approves_for_an_hour(ticket):
    events = _follow(ticket, make_proof(ticket))

    assert events == [EventKind.TICKET_APPROVED]
    assert (ticket.state, ticket.outcome, ticket.epoch) == (S.APPROVED, Outcome.APPROVE, 1)
    left = ticket.expires_at - timezone.now()
    assert timedelta(minutes=59) < left <= policy.HELD_PROOF_LIVES


def test_a_weak_proof_leaves_the_ticket_where_it_is(ticket):
    events = _follow(ticket, make_proof(ticket, is_strong=False))

    assert (events, ticket.state, ticket.outcome) == ([], S.AWAITING_PROOF, "")


def test_two_contacts_of_an_account_with_two_step_wait_three_days(ticket):
    proofs = [make_proof(ticket), make_proof(ticket, ProofClass.PHONE)]

    events = _follow(ticket, *proofs, had_two_step=True, has_two_step=True)

    assert events == [EventKind.TICKET_HELD]
    assert (ticket.state, ticket.hold_length) == (S.ON_HOLD, timedelta(days=3))
    assert (ticket.hold_from, ticket.hold_until) == (None, None)
    assert list(Notice.objects.values_list("kind", flat=True)) == [NoticeKind.HELD]


def test_staff_with_one_proof_get_nowhere_by_themselves():
    ticket = make_ticket(make_user(is_staff=True), state=S.AWAITING_PROOF)

    events = _follow(ticket, make_proof(ticket))

    assert (events, ticket.state) == ([], S.AWAITING_PROOF)


def test_a_contact_unproved_for_too_long_waits(ticket):
    _follow(ticket, make_proof(ticket, marks=[LONG_UNPROVED]))

    assert (ticket.state, ticket.hold_length) == (S.ON_HOLD, policy.LONG_UNPROVED_HOLD)


def test_a_place_never_seen_is_noted_for_completion(ticket):
    _follow(ticket, make_proof(ticket), is_new_place=True)

    assert ticket.reasons == ["one_proof", "new_place"]


@pytest.mark.parametrize(("had", "has"), [(True, False), (False, True)])
def test_a_second_step_changed_in_the_last_days_leads_to_people(ticket, had, has):
    _follow(ticket, make_proof(ticket), had_two_step=had, has_two_step=has)

    assert (ticket.state, ticket.contested_reason) == (S.IN_REVIEW, "account_changed")


def test_a_contested_ticket_leads_to_people_where_it_would_be_approved(maria):
    marked = {"contested_at": timezone.now(), "contested_reason": "objection"}
    ticket = make_ticket(maria, state=S.AWAITING_PROOF, **marked)

    _follow(ticket, make_proof(ticket))

    assert (ticket.state, ticket.contested_reason) == (S.IN_REVIEW, "objection")


def test_a_frozen_claim_with_a_strong_proof_leads_to_people(maria):
    ticket = make_ticket(maria, state=S.AWAITING_PROOF, is_frozen=True)

    _follow(ticket, make_proof(ticket))

    assert (ticket.state, ticket.contested_reason) == (S.IN_REVIEW, "stopped_before")
    assert ticket.answer_at is not None


def test_a_frozen_claim_without_a_proof_stays_where_every_other_does(maria):
    ticket = make_ticket(maria, state=S.AWAITING_PROOF, is_frozen=True)

    _follow(ticket)

    assert (ticket.state, ticket.contested_at) == (S.AWAITING_PROOF, None)


def test_of_a_decision_and_a_withdrawal_one_moves(ticket):
    RecoveryTicket.objects.update(state=S.EXPIRED)

    with pytest.raises(StaleTicket):
        _follow(ticket, make_proof(ticket))

    assert not Notice.objects.exists()


def test_after_a_wait_one_proof_is_enough(maria):
    ticket = _waited(maria)

    events = _follow(ticket, make_proof(ticket), had_two_step=True, has_two_step=True)

    assert (events, ticket.state) == ([EventKind.TICKET_APPROVED], S.APPROVED)
    assert (ticket.resets, ticket.policy_version) == (Resets.SECOND_STEP, "test")
    assert ticket.expires_at == ticket.hold_until + policy.INVITATION_LIVES


def test_after_a_wait_a_weak_proof_is_not_enough(maria):
    ticket = _waited(maria)

    _follow(ticket, make_proof(ticket, is_strong=False), had_two_step=True, has_two_step=True)

    assert ticket.state == S.AWAITING_PROOF


@pytest.mark.parametrize("ended", [timedelta(hours=-1), policy.INVITATION_LIVES])
def test_a_wait_that_is_not_over_or_long_over_does_not_count(maria, ended):
    ticket = _waited(maria, ended=ended)
    proofs = [make_proof(ticket), make_proof(ticket, ProofClass.PHONE)]

    _follow(ticket, *proofs, had_two_step=True, has_two_step=True)

    assert (ticket.state, ticket.hold_until) == (S.ON_HOLD, None)


def test_a_wait_before_a_change_of_the_account_does_not_count(maria):
    ticket = _waited(maria)
    sessions.raise_epoch(maria)

    _follow(ticket, make_proof(ticket), had_two_step=True, has_two_step=True)

    assert ticket.state == S.AWAITING_PROOF


def test_an_objection_after_a_wait_leads_to_people_however_long_it_was_waited(maria):
    ticket = _waited(maria)
    decisions.contest(ticket, "objection")

    _follow(ticket, make_proof(ticket), had_two_step=True, has_two_step=True)

    assert (ticket.state, ticket.contested_reason) == (S.IN_REVIEW, "objection")


def test_a_second_wait_begins_with_notices_of_its_own(maria):
    ticket = make_ticket(maria, state=S.AWAITING_PROOF)
    first = Notice.objects.create(
        ticket=ticket, kind=NoticeKind.HELD, settled_at=timezone.now() - timedelta(days=4)
    )

    _follow(ticket, make_proof(ticket, marks=[LONG_UNPROVED]))

    second = Notice.objects.get()
    assert (second.kind, second.settled_at) == (NoticeKind.HELD, None)
    assert second.pk != first.pk


@pytest.mark.parametrize("state", [S.ON_HOLD, S.APPROVED])
def test_contesting_what_was_decided_hands_it_to_people(maria, state):
    ticket = make_ticket(maria, state=state)

    decisions.contest(ticket, "objection")

    ticket.refresh_from_db()
    assert (ticket.state, ticket.contested_reason) == (S.IN_REVIEW, "objection")
    assert ticket.expires_at > timezone.now() + timedelta(days=29)


@pytest.mark.parametrize("state", [S.AWAITING_CODE, S.AWAITING_PROOF])
def test_contesting_what_was_not_decided_is_a_mark_and_tells_nothing(maria, state):
    ticket = make_ticket(maria, state=state)
    ends = ticket.expires_at

    decisions.contest(ticket, "objection")

    ticket.refresh_from_db()
    assert (ticket.state, ticket.expires_at, ticket.answer_at) == (state, ends, None)
    assert ticket.contested_at is not None


def test_contesting_twice_keeps_the_first_mark(maria):
    ticket = make_ticket(maria, state=S.IN_REVIEW)
    decisions.contest(ticket, "objection")
    first = ticket.contested_at

    decisions.contest(ticket, "rival_completed")

    ticket.refresh_from_db()
    assert (ticket.contested_at, ticket.contested_reason) == (first, "objection")


def test_contesting_what_has_ended_changes_nothing(maria):
    ticket = make_ticket(maria, state=S.COMPLETED)

    decisions.contest(ticket, "objection")

    ticket.refresh_from_db()
    assert (ticket.state, ticket.contested_at) == (S.COMPLETED, None)


def _follow(ticket, *proofs, **facts):
    return decisions.follow(ticket, AccountFacts(user=ticket.user, **facts), list(proofs))


def _waited(user, *, ended=timedelta(minutes=5)):
    """Make a ticket whose wait ended so long ago, and whose proofs lapsed since."""
    until = timezone.now() - ended
    return make_ticket(
        user,
        state=S.AWAITING_PROOF,
        hold_length=policy.DAY,
        hold_from=until - policy.DAY,
        hold_until=until,
        resets=Resets.SECOND_STEP,
        outcome=Outcome.HOLD,
        policy_version="test",
        decided_at=until - policy.DAY,
        epoch=user.epoch,
    )
