"""Completing what people decided: in the claimant's browser, after a code, and with care after."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Contact, User
from accounts.queries import account_name, find_account
from accounts.tests.factories import make_contact, make_device, make_totp, make_user
from recovery import policy
from recovery.enums import Resets, TicketState, Verdict
from recovery.errors import CodeLapsed, NotApproved, ProofLapsed, StaleTicket
from recovery.services import completion, expiry, holds, status
from recovery.tests.factories import make_claimant, make_proof, make_ticket
from recovery.tests.staff import make_staff, make_vote

S = TicketState
NEW = "Silver-kettle-4-meadow"
CLAIMANT = "claimant@example.net"
THIEF = "thief@example.net"
pytestmark = pytest.mark.django_db


def invited(user, **fields):
    """Make a ticket whose wait is over and whose claimant typed a status code a minute ago."""
    now = timezone.now()
    values = {
        "people": 2,
        "verdict": Verdict.APPROVE,
        "reasons": ["evidence", "new_place"],
        "hold_length": timedelta(days=3),
        "hold_from": now - timedelta(days=4),
        "hold_until": now - timedelta(hours=1),
        "claimant_shown_at": now - timedelta(minutes=1),
    }
    return make_ticket(user, state=S.APPROVED, **{"contact": CLAIMANT} | values | fields)


def complete(ticket, **client):
    completion.complete(ticket, NEW, client=make_claimant(**client))


def test_no_held_proof_is_asked_for_where_evidence_was_enough(maria):
    ticket = invited(maria)

    complete(ticket)

    assert ticket.state == S.COMPLETED


@pytest.mark.parametrize(
    "fields",
    [
        {"claimant_shown_at": None},
        {"claimant_shown_at": timezone.now() - policy.CLAIMANT_CODE_LIVES},
        {"browser_hash": "of another one"},
    ],
)
def test_without_a_fresh_code_in_this_browser_nothing_is_completed(maria, fields):
    ticket = invited(maria, **fields)

    with pytest.raises(CodeLapsed):
        complete(ticket)

    ticket.refresh_from_db()
    assert ticket.state == S.APPROVED


def test_where_it_rested_on_a_held_proof_one_is_asked_for_again(maria):
    ticket = invited(maria, needs_held_proof=True)

    with pytest.raises(ProofLapsed):
        complete(ticket)
    make_proof(ticket)
    complete(ticket)

    assert ticket.state == S.COMPLETED


def test_none_of_those_who_decided_completes_it(maria):
    ticket = invited(maria)
    decider = make_staff()
    make_vote(ticket, decider)
    make_device(decider, "cookie of the decider")

    with pytest.raises(NotApproved):
        complete(ticket, device="cookie of the decider")


def test_the_address_of_the_claimant_joins_the_account_and_counts_later(maria):
    complete(invited(maria))

    joined = Contact.objects.get(user=maria, match_key=CLAIMANT)
    assert joined.signs_in is False
    assert joined.counts_from - timezone.now() > timedelta(days=6, hours=23)


def test_an_address_that_people_took_off_does_not_come_back(maria):
    make_contact(maria, CLAIMANT, suspended_at=timezone.now())
    ticket = invited(maria)

    complete(ticket)

    assert ticket.state == S.COMPLETED
    assert Contact.objects.get(match_key=CLAIMANT).suspended_at is not None


def test_where_the_name_was_a_thiefs_the_claimants_address_becomes_it(maria):
    """As suspensions.carry_out leaves it: the thief's address still stands where the name does."""
    _let_a_thief_name(maria, suspended_at=timezone.now())
    ticket = invited(maria)

    complete(ticket)

    assert find_account(CLAIMANT, timezone.now()) == maria
    assert account_name(User.objects.get(pk=maria.pk)) == CLAIMANT
    assert find_account(THIEF, timezone.now()) is None
    signs_in = Contact.objects.filter(user=maria, signs_in=True, removed_at=None)
    assert [contact.value for contact in signs_in] == [CLAIMANT]


def test_the_owners_removed_name_is_put_back_where_they_write_from_it(maria):
    own = _let_a_thief_name(maria, suspended_at=timezone.now())
    verified_at = own.verified_at
    ticket = invited(maria, contact=own.value)

    complete(ticket)

    own.refresh_from_db()
    assert (own.removed_at, own.signs_in, own.verified_at) == (None, True, verified_at)
    assert own.counts_from - timezone.now() > timedelta(days=6, hours=23)
    assert find_account(own.value, timezone.now()) == maria
    assert Contact.objects.filter(match_key=own.match_key).count() == 1


def test_a_name_that_nobody_took_off_stays(maria):
    complete(invited(maria))

    assert account_name(User.objects.get(pk=maria.pk)) == "maria@example.org"


def test_the_name_of_another_account_becomes_no_second_name(maria):
    make_user(email=CLAIMANT)
    _let_a_thief_name(maria, suspended_at=timezone.now())

    complete(invited(maria))

    joined = Contact.objects.get(user=maria, match_key=CLAIMANT)
    assert (joined.signs_in, joined.removed_at) == (False, None)


def test_a_thief_who_claims_with_the_suspended_name_does_not_get_it_back(maria):
    _let_a_thief_name(maria, suspended_at=timezone.now())

    complete(invited(maria, contact=THIEF))

    assert find_account(THIEF, timezone.now()) is None


def _let_a_thief_name(maria, **fields):
    """Make the owner's name a removed one and a thief's the present one; give the owner's."""
    now = timezone.now()
    own = maria.contacts.get()
    Contact.objects.filter(pk=own.pk).update(removed_at=now - timedelta(days=3))
    at = now - timedelta(days=4)
    make_contact(maria, THIEF, verified_at=at, signs_in=True, **fields)
    return own


@pytest.mark.parametrize(
    ("fields", "restricted_for"),
    [
        ({}, policy.RESTRICTED_AFTER_EVIDENCE),
        ({"resets": Resets.BOTH}, policy.RESTRICTED_AFTER_BOTH),
        ({"resets": Resets.BOTH, "needs_held_proof": True}, policy.RESTRICTED_AFTER_EVIDENCE),
    ],
)
def test_the_account_is_restricted_for_a_while(maria, fields, restricted_for):
    make_totp(maria)
    ticket = invited(maria, **fields)
    make_proof(ticket)

    complete(ticket)

    left = User.objects.get(pk=maria.pk).restricted_until - timezone.now()
    assert restricted_for - timedelta(minutes=1) < left <= restricted_for


def test_an_account_that_was_changed_meanwhile_goes_back_to_people(maria):
    ticket = invited(maria)
    User.objects.filter(pk=maria.pk).update(epoch=maria.epoch + 1)
    ticket.user.refresh_from_db()

    with pytest.raises(ProofLapsed):
        complete(ticket)
    completion.ask_again(ticket)

    ticket.refresh_from_db()
    assert (ticket.state, ticket.contested_reason) == (S.IN_REVIEW, "epoch_changed")
    assert (ticket.verdict, ticket.people) == ("", 2)


def test_a_change_at_the_last_moment_lets_nothing_through(maria):
    ticket = invited(maria)
    _ = ticket.user  # as it was read
    User.objects.filter(pk=maria.pk).update(epoch=maria.epoch + 1)

    with pytest.raises((ProofLapsed, StaleTicket)):
        complete(ticket)
    completion.ask_again(ticket)

    ticket.refresh_from_db()
    assert ticket.state == S.IN_REVIEW


def test_a_wait_of_people_on_a_changed_account_is_contested(maria):
    ticket = invited(maria)
    type(ticket).objects.filter(pk=ticket.pk).update(state=S.ON_HOLD)
    User.objects.filter(pk=maria.pk).update(epoch=maria.epoch + 1)

    assert holds.release_due() == 0

    ticket.refresh_from_db()
    assert (ticket.state, ticket.contested_reason) == (S.IN_REVIEW, "epoch_changed")


def test_an_invitation_that_nobody_took_ends(maria):
    ticket = invited(maria, hold_until=None, hold_from=None)
    type(ticket).objects.filter(pk=ticket.pk).update(expires_at=timezone.now())

    expiry.expire_due()

    ticket.refresh_from_db()
    assert ticket.state == S.EXPIRED


def test_a_status_code_opens_it_in_the_browser_that_typed_it(maria, code_for):
    ticket = invited(maria, claimant_shown_at=None)
    client = make_claimant(browser="another-browser")
    asked = status.ask(ticket.reference, None, client=client)

    status.accept_code(asked, code_for(CLAIMANT, "recovery.status_code"), client=client)
    ticket.refresh_from_db()
    completion.complete(ticket, NEW, client=client)

    assert ticket.state == S.COMPLETED
