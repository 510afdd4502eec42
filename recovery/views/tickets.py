"""Which ticket this browser has, and where it belongs."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils import timezone

from accounts.middleware import PortalRequest
from recovery import queries
from recovery.enums import TicketState
from recovery.models import RecoveryTicket
from vault import digests

TICKET = "recovery_ticket"  # session keys
CONTACT_TYPED = "recovery_contact"
STATUS_ASKED = "recovery_status"

View = Callable[..., HttpResponse]
PAGES = {
    TicketState.AWAITING_CODE: "recovery:code",
    TicketState.AWAITING_PROOF: "recovery:proof",
    TicketState.APPROVED: "recovery:password",
    TicketState.COMPLETED: "recovery:done",
}


def bind(request: PortalRequest, ticket: RecoveryTicket) -> None:
    """Make the ticket this browser's; what an earlier one left behind is forgotten."""
    request.session[TICKET] = str(ticket.pk)
    request.session.pop(CONTACT_TYPED, None)


def current_ticket(request: PortalRequest) -> RecoveryTicket | None:
    """Give the ticket of this browser, or None; a ticket that moved to another is not it."""
    pk = request.session.get(TICKET)
    if not pk:
        return None
    ticket = RecoveryTicket.objects.select_related("user").filter(pk=pk).first()
    if ticket is None or ticket.browser_hash != digests.token_hash(request.client.browser):
        return None
    return ticket


def with_ticket(*states: TicketState) -> Callable[[View], View]:
    """Let a view run only for a ticket that shows one of ``states``; it gets the ticket.

    No ticket in this browser: back to start. Another state: to the page where it belongs.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def run(request: PortalRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            ticket = current_ticket(request)
            if ticket is None:
                return redirect("recovery:start")
            if queries.shown_state(ticket, timezone.now()) not in states:
                return to_its_page(ticket)
            return view(request, ticket, *args, **kwargs)

        return run

    return decorate


def to_its_page(ticket: RecoveryTicket) -> HttpResponseRedirect:
    """Send the person to where the ticket stands, as far as they may know it."""
    shown = queries.shown_state(ticket, timezone.now())
    return redirect(PAGES.get(TicketState(shown), "recovery:status"))
