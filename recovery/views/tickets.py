"""Which ticket this browser has, and where it belongs."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils import timezone

from accounts.middleware import PortalRequest
from recovery import queries
from recovery.enums import Reason, TicketState
from recovery.models import RecoveryTicket
from vault import digests

TICKET = "recovery_ticket"  # session keys
CONTACT_TYPED = "recovery_contact"
STATUS_ASKED = "recovery_status"
HELD_PASSWORDS = "recovery_held"  # encrypted

View = Callable[..., HttpResponse]
PAGES = {
    TicketState.AWAITING_CODE: "recovery:code",
    TicketState.AWAITING_PROOF: "recovery:proof",
    TicketState.APPROVED: "recovery:password",
    TicketState.COMPLETED: "recovery:done",
}


Stand = tuple[str, datetime | None]


def bind(request: PortalRequest, ticket: RecoveryTicket) -> None:
    """Make the ticket this browser's; what an earlier one left behind is forgotten."""
    request.session[TICKET] = str(ticket.pk)
    request.session.pop(CONTACT_TYPED, None)
    request.session.pop(HELD_PASSWORDS, None)


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
    return _where(lambda ticket, now: queries.shown_state(ticket, now) in states)


def with_open_ticket(view: View) -> View:
    """Let a view run only for a ticket to which something more can be shown; it gets the ticket."""
    return _where(queries.takes_proofs)(view)


def _where(fits: Callable[[RecoveryTicket, datetime], bool]) -> Callable[[View], View]:
    def decorate(view: View) -> View:
        @wraps(view)
        def run(request: PortalRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            ticket = current_ticket(request)
            if ticket is None:
                return redirect("recovery:start")
            if not fits(ticket, timezone.now()):
                return to_its_page(ticket)
            return view(request, ticket, *args, **kwargs)

        return run

    return decorate


def to_its_page(ticket: RecoveryTicket) -> HttpResponseRedirect:
    """Send the person to where the ticket stands, as far as they may know it."""
    shown = queries.shown_state(ticket, timezone.now())
    return redirect(PAGES.get(TicketState(shown), "recovery:status"))


def after_code(ticket: RecoveryTicket) -> HttpResponseRedirect:
    """Send the person on from the code; who lost the second step has the password to show."""
    shown = queries.shown_state(ticket, timezone.now())
    if shown == TicketState.AWAITING_PROOF and ticket.reason == Reason.LOST_STEP:
        return redirect("recovery:proof_password")
    return to_its_page(ticket)


def after_proof(ticket: RecoveryTicket, was: Stand) -> HttpResponseRedirect:
    """Send the person on from a proof. was: state and end of the wait before it.

    A wait that it did not shorten leads to what else could; so does a look that it did not end.
    """
    shown = queries.shown_state(ticket, timezone.now())
    is_as_before = was == (ticket.state, ticket.hold_until)
    if shown in (TicketState.ON_HOLD, TicketState.EVALUATING) and is_as_before:
        return redirect("recovery:proof")
    return to_its_page(ticket)


def shown_so_far(request: PortalRequest, ticket: RecoveryTicket) -> list[str]:
    """Give the words for what this browser has shown and what still counts."""
    browser = digests.token_hash(request.client.browser)
    return queries.accepted_classes(ticket, browser, timezone.now())
