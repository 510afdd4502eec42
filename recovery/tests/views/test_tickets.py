"""Which page a ticket leads to: for whatever it may have come to, in no circle."""

from datetime import timedelta
from itertools import product

import pytest
from django.urls import reverse
from django.utils import timezone

from recovery.enums import LIVE_STATES, CancelCause, TicketState
from recovery.models import RecoveryTicket

S = TicketState
DAY = timedelta(days=1)
STANDS = [{"state": state} for state in S if state != S.CANCELLED] + [
    {"state": S.CANCELLED, "cancel_cause": cause, "cancelled_from": former}
    for cause, former in product(CancelCause, LIVE_STATES)
]
pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("stand", STANDS, ids=lambda stand: "-".join(stand.values()))
def test_no_page_leads_in_a_circle(client, own, maria, stand):
    ticket = own(maria, **stand)
    now = timezone.now()
    marks = product([None, now], [False, True], [now - DAY, now + DAY])

    for contested_at, is_frozen, end in marks:
        RecoveryTicket.objects.filter(pk=ticket.pk).update(
            state=stand["state"],
            contested_at=contested_at,
            is_frozen=is_frozen,
            expires_at=end,
            answer_at=end,
        )
        # The client raises RedirectCycleError for an address that it is sent to twice.
        page = client.get(reverse("recovery:code"), follow=True)

        assert page.status_code == 200
