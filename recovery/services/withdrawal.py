"""The claimant no longer needs a request."""

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

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

    One that was stopped or refused, of which its claimant knows nothing, ends in the same way.
    """
    with transaction.atomic():
        if ticket.state == TicketState.CANCELLED or _is_unheard(ticket):
            _withdraw_ended(ticket)
        else:
            transitions.move(ticket, TicketState.CANCELLED, cancel_cause=CancelCause.WITHDRAWN)
        record_event(
            ticket.user, EventKind.TICKET_CANCELLED, client=client, reference=ticket.reference
        )


def _is_unheard(ticket: RecoveryTicket) -> bool:
    """Tell of a refusal that its claimant does not know of yet."""
    is_later = bool(ticket.answer_at and ticket.answer_at > timezone.now())
    return ticket.state == TicketState.DENIED and is_later


def _withdraw_ended(ticket: RecoveryTicket) -> None:
    unheard = Q(cancel_cause__in=queries.SILENT_CAUSES) | Q(state=TicketState.DENIED)
    rows = RecoveryTicket.objects.filter(unheard, pk=ticket.pk)
    if not rows.update(cancel_cause=CancelCause.WITHDRAWN):
        raise StaleTicket(ticket.pk)
