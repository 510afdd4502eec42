"""What was changed on an account since a proof was shown ends the proof (attack 29)."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts.services import (
    authenticators,
    contact_changes,
    recovery_codes,
    sessions,
    totp,
)
from accounts.tests.factories import (
    make_client,
    make_code_device,
    make_contact,
)
from recovery import facts
from recovery.enums import TicketState
from recovery.models import RecoveryTicket
from recovery.services import authenticator_proofs
from recovery.tests.factories import make_claimant, make_proof, make_ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def ticket(maria, app):
    make_code_device(maria)  # two-step stays on, whatever else is removed
    return make_ticket(maria, state=TicketState.AWAITING_PROOF)


def test_two_proofs_shown_one_after_the_other_lead_on(ticket, app, codes):
    _show(_read(), totp.current_code(app))

    _show(_read(), codes[0])

    assert _state() == TicketState.APPROVED


def test_the_code_of_a_stolen_phone_counts_no_more_once_its_app_is_removed(ticket, app, codes):
    _show(_read(), totp.current_code(app))
    authenticators.remove(app, client=make_client())

    _show(_read(), codes[0])

    assert _state() == TicketState.AWAITING_PROOF


def test_a_contact_that_was_removed_since_proves_nothing(ticket, maria, app):
    lost = make_contact(maria, "old@example.org")
    make_proof(ticket, contact=lost)
    contact_changes.remove(maria, lost.pk, client=make_client(), is_strong=False)

    _show(_read(), totp.current_code(app))

    assert _state() == TicketState.AWAITING_PROOF


def test_a_printed_code_of_a_sheet_that_was_replaced_proves_nothing(ticket, maria, app, codes):
    _show(_read(), codes[0])
    recovery_codes.make(maria, replaces=_sheet_of(maria), client=make_client())

    _show(_read(), totp.current_code(app))

    assert _state() == TicketState.AWAITING_PROOF


def test_what_is_shown_again_after_a_change_counts(ticket, maria, app, codes):
    _show(_read(), totp.current_code(app))
    recovery_codes.make(maria, replaces=_sheet_of(maria), client=make_client())
    make_proof(_read())

    with time_machine.travel(timezone.now() + timedelta(minutes=1)):
        _show(_read(), totp.current_code(app))

    assert _state() == TicketState.APPROVED


def test_a_code_compared_before_its_app_was_removed_proves_nothing(ticket, app, codes):
    """The request had read the account; the removal came before its proof was kept."""
    make_proof(ticket)
    read_before = _read()
    authenticators.remove(app, client=make_client())

    _show(read_before, codes[0])

    assert _state() == TicketState.AWAITING_PROOF


def test_held_proofs_are_those_of_the_account_as_it_is(ticket, maria):
    proof = make_proof(ticket)
    assert facts.held_proofs(ticket, proof.browser_hash, timezone.now()) == [proof]

    sessions.raise_epoch(maria)

    assert facts.held_proofs(ticket, proof.browser_hash, timezone.now()) == []


def _show(ticket, typed):
    """Type a code, as the page does that has read the ticket."""
    authenticator_proofs.accept_token(ticket, typed, client=make_claimant())


def _read():
    return RecoveryTicket.objects.select_related("user").get()


def _sheet_of(user):
    return user.recoverycodeset_set.get(confirmed=True).pk


def _state():
    return _read().state
