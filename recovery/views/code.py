"""The code that was mailed to the contact."""

import contextlib
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts.errors import ChallengeError, ChallengeExhausted, LimitReached, ResendTooSoon
from accounts.middleware import PortalRequest
from accounts.models import Challenge
from accounts.normalise import email
from accounts.policy import OWN_TICKET_CODES_PER_CONTACT, ChallengeKind
from accounts.services import budgets, challenges
from accounts.views import deliveries
from recovery import policy, queries, wording
from recovery.enums import TicketState
from recovery.errors import StaleTicket
from recovery.forms.walk import CodeForm
from recovery.models import RecoveryTicket
from recovery.services import opening
from recovery.views.tickets import after_code, with_ticket


@sensitive_post_parameters("code")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@with_ticket(TicketState.AWAITING_CODE)
def code(request: PortalRequest, ticket: RecoveryTicket) -> HttpResponse:
    """Take the code; the fifth wrong one closes the request."""
    form = CodeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            opening.accept_code(ticket, form.cleaned_data["code"], client=request.client)
        except ChallengeExhausted:
            return render(request, "recovery/ended.html")
        except ChallengeError as error:
            form.add_error("code", wording.refusal(error))
        except StaleTicket:
            return redirect("recovery:code")
        else:
            request.session.cycle_key()
            return after_code(ticket)
    sent = challenges.state(policy.OPENING_CODE, ticket.subject)
    context = {
        "form": form,
        "ticket": ticket,
        "poll_url": reverse("recovery:code"),
        **count_context(policy.OPENING_CODE, sent),
    }
    if sent:
        context |= _sending_context(sent, queries.sends_counted_by(ticket, request.client))
    return render(request, "recovery/code.html", context)


@never_cache
@require_POST
@with_ticket(TicketState.AWAITING_CODE)
def resend(request: PortalRequest, ticket: RecoveryTicket) -> HttpResponse:
    """Send a new code; why none goes out stands on the code page."""
    with contextlib.suppress(ResendTooSoon, LimitReached, ChallengeExhausted):
        opening.resend_code(ticket, email(ticket.contact), client=request.client)
    return redirect("recovery:code")


def count_context(kind: ChallengeKind, sent: Challenge | None) -> dict[str, Any]:
    """Give which code counts and how often it may be typed: what every page with a field says."""
    if sent is None:
        return {"tries_left": kind.attempts}
    return {
        "code_number": sent.number,
        "sent_at": sent.sent_at,
        "tries_left": challenges.tries_left(kind, sent),
    }


def _sending_context(sent: Challenge, counted_by: tuple[str, ...]) -> dict[str, Any]:
    """Give what became of the mail with the code; see queries.sends_counted_by."""
    rule = OWN_TICKET_CODES_PER_CONTACT
    sends_left = max(0, rule.limit - budgets.peek(rule, *counted_by))
    context = deliveries.context_of(policy.OPENING_CODE, sent)
    return context | {
        "can_resend": sends_left > 0 and not context["is_held_up"],
        "sends_left": sends_left,
    }
