"""Maria, what she can show, and her request that waits for it."""

import pytest

from accounts.models import TotpDevice, User
from accounts.tests.factories import make_recovery_codes, make_totp, make_user
from recovery.enums import TicketState
from recovery.models import RecoveryTicket
from recovery.tests.factories import make_ticket
from recovery.tests.staff import make_evidence, make_reviewed, make_staff


@pytest.fixture
def maria() -> User:
    return make_user(email="maria@example.org")


@pytest.fixture
def app(maria: User) -> TotpDevice:
    return make_totp(maria)


@pytest.fixture
def codes(maria: User) -> list[str]:
    _code_set, printed = make_recovery_codes(maria)
    return printed


@pytest.fixture
def ticket(maria: User) -> RecoveryTicket:
    return make_ticket(maria, state=TicketState.AWAITING_PROOF)


@pytest.fixture
def case(maria: User) -> RecoveryTicket:
    ticket = make_reviewed(maria)
    make_evidence(ticket)
    return ticket


@pytest.fixture
def lena() -> User:
    return make_staff(first_name="Lena")


@pytest.fixture
def omar() -> User:
    return make_staff(first_name="Omar")
