"""A password proves nothing while the account is paused, nor once it was changed (attack 29)."""

import pytest

from accounts.errors import WrongPassword
from accounts.services import passwords, restrictions, totp
from accounts.tests.factories import PASSWORD, make_client
from recovery.enums import ProofClass, TicketState
from recovery.models import RecoveryTicket
from recovery.services import authenticator_proofs
from recovery.tests.factories import make_claimant, make_proof, make_ticket

NEW = "Silver-kettle-4-meadow"
pytestmark = pytest.mark.django_db


@pytest.fixture
def ticket(maria, app):
    return make_ticket(maria, state=TicketState.AWAITING_PROOF)


def test_the_password_of_a_paused_account_is_a_wrong_one(ticket, maria):
    make_proof(ticket, ProofClass.MAIL)
    _freeze(maria)

    with pytest.raises(WrongPassword):
        _password(ticket)

    assert _state() == TicketState.AWAITING_PROOF


def test_a_password_shown_before_the_pause_counts_no_more(ticket, maria, app):
    _password(ticket)
    _freeze(maria)

    _token(ticket, app)

    assert _state() == TicketState.AWAITING_PROOF


def test_a_password_that_was_changed_since_it_was_shown_counts_no_more(ticket, maria, app):
    _password(ticket)
    passwords.change(maria, PASSWORD, NEW, client=make_client())

    _token(ticket, app)

    assert _state() == TicketState.AWAITING_PROOF


def test_a_password_that_still_stands_counts(ticket, app):
    _password(ticket)

    _token(ticket, app)

    assert _state() == TicketState.ON_HOLD


def _freeze(user):
    restrictions.freeze(user, "recovery_undone", make_client())


def _password(ticket):
    authenticator_proofs.accept_password(ticket, PASSWORD, client=make_claimant())


def _token(ticket, app):
    authenticator_proofs.accept_token(ticket, totp.current_code(app), client=make_claimant())


def _state():
    return RecoveryTicket.objects.get().state
