"""The claimant no longer needs a request."""

from django.db import transaction

from accounts.client import Client
from activity.enums import EventKind
from activity.services.events import record_event
from recovery import queries
from recovery.enums import CancelCause, TicketState
from recovery.errors import StaleTicket
from recovery.models import RecoveryTicket
from recovery.services import transitions


def withdraw(ticket: RecoveryTicket, *, client: Client) -> None:
    """End a ticket because its claimant says so; raises StaleTicket.

    One that was stopped, of which its claimant knows nothing, ends for them in the same way.
    """
    with transaction.atomic():
        if ticket.state == TicketState.CANCELLED:
            _withdraw_stopped(ticket)
        else:
            transitions.move(ticket, TicketState.CANCELLED, cancel_cause=CancelCause.WITHDRAWN)
        record_event(
            ticket.user, EventKind.TICKET_CANCELLED, client=client, reference=ticket.reference
        )


def _withdraw_stopped(ticket: RecoveryTicket) -> None:
    rows = RecoveryTicket.objects.filter(pk=ticket.pk, cancel_cause__in=queries.SILENT_CAUSES)
    if not rows.update(cancel_cause=CancelCause.WITHDRAWN):
        raise StaleTicket(ticket.pk)
