"""What the tests of pages share: a browser to which a ticket belongs."""

from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import User
from accounts.services.sessions import BROWSER
from accounts.tests.factories import make_user
from recovery.models import RecoveryTicket
from recovery.tests import factories
from recovery.tests.staff import make_staff
from recovery.views import tickets


@pytest.fixture
def maria() -> User:
    return make_user(email="maria@example.org", phone="+4915112345678")


@pytest.fixture
def deciders() -> list[User]:
    """Give two people who can decide; without them pages promise no date."""
    return [make_staff(), make_staff()]


@pytest.fixture
def own(client) -> Callable[..., RecoveryTicket]:
    """Give the function that makes a ticket, like ``make_ticket``, and binds it to ``client``."""

    def make(*args: Any, **fields: Any) -> RecoveryTicket:
        ticket = factories.make_ticket(*args, **fields)
        session = client.session
        session[BROWSER] = factories.BROWSER
        session[tickets.TICKET] = str(ticket.pk)
        session.save()
        return ticket

    return make
