"""The claimant ends a request, also one that somebody stopped without their knowledge."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.tests.factories import make_user
from activity.enums import EventKind
from activity.models import SecurityEvent
from recovery import queries
from recovery.enums import CancelCause, TicketState
from recovery.errors import ForbiddenMove, StaleTicket
from recovery.services import withdrawal
from recovery.tests.factories import make_claimant, make_ticket

S = TicketState
pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("user", [make_user, lambda: None], ids=["known", "unknown"])
def test_a_ticket_is_withdrawn_once_and_recorded(user):
    ticket = make_ticket(user(), state=S.AWAITING_PROOF)

    withdrawal.withdraw(ticket, client=make_claimant())
    with pytest.raises(StaleTicket):
        withdrawal.withdraw(ticket, client=make_claimant())

    ticket.refresh_from_db()
    assert (ticket.state, ticket.cancel_cause) == (S.CANCELLED, CancelCause.WITHDRAWN)
    assert list(SecurityEvent.objects.values_list("kind", flat=True)) == [
        EventKind.TICKET_CANCELLED
    ]


@pytest.mark.parametrize("cause", queries.SILENT_CAUSES)
def test_what_was_stopped_ends_for_its_claimant_like_any_other(cause):
    ticket = make_ticket(make_user(), state=S.CANCELLED, cancel_cause=cause)

    withdrawal.withdraw(ticket, client=make_claimant())

    ticket.refresh_from_db()
    shown = queries.shown_state(ticket, timezone.now() + timedelta(days=1))
    assert (ticket.cancel_cause, shown) == (CancelCause.WITHDRAWN, S.CANCELLED)


@pytest.mark.parametrize("state", [S.COMPLETED, S.DENIED, S.EXPIRED])
def test_what_has_ended_cannot_be_withdrawn(state):
    ticket = make_ticket(make_user(), state=state)

    with pytest.raises(ForbiddenMove):
        withdrawal.withdraw(ticket, client=make_claimant())
