"""The code that was mailed to the contact."""

import contextlib
from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts.errors import ChallengeError, ChallengeExhausted, LimitReached, ResendTooSoon
from accounts.middleware import PortalRequest
from accounts.models import Challenge
from accounts.normalise import email
from accounts.policy import OWN_TICKET_CODES_PER_CONTACT, ChallengeKind
from accounts.services import budgets, challenges
from outbox.queries import delivery_state
from recovery import policy, queries, wording
from recovery.enums import TicketState
from recovery.errors import StaleTicket
from recovery.forms.walk import CodeForm
from recovery.models import RecoveryTicket
from recovery.services import opening
from recovery.views.tickets import to_its_page, with_ticket

STYLES = {"good": "good", "problem": "danger", "wait": ""}


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
            return to_its_page(ticket)
    sent = challenges.state(policy.OPENING_CODE, ticket.subject)
    context = {"form": form, "ticket": ticket, "step": 2}
    counted_by = queries.sends_counted_by(ticket, request.client)
    context |= code_context(policy.OPENING_CODE, sent, counted_by)
    context["poll_url"] = reverse("recovery:code")
    return render(request, "recovery/code.html", context)


@never_cache
@require_POST
@with_ticket(TicketState.AWAITING_CODE)
def resend(request: PortalRequest, ticket: RecoveryTicket) -> HttpResponse:
    """Send a new code; why none goes out stands on the code page."""
    with contextlib.suppress(ResendTooSoon, LimitReached, ChallengeExhausted):
        opening.resend_code(ticket, email(ticket.contact), client=request.client)
    return redirect("recovery:code")


def code_context(
    kind: ChallengeKind, sent: Challenge | None, counted_by: tuple[str, ...]
) -> dict[str, Any]:
    """Give what a page with a code field says of the code that counts.

    counted_by: see queries.sends_counted_by; () where the page does not say how many are left.
    """
    if sent is None:
        return {"tries_left": kind.attempts}
    delivery = delivery_state(sent.message_id)
    rule = OWN_TICKET_CODES_PER_CONTACT
    sends_left = max(0, rule.limit - budgets.peek(rule, *counted_by))
    is_held_up = not delivery.is_settled and sent.number > 0 and delivery.style != "good"
    return {
        "delivery": {
            "words": delivery.words,
            "style": STYLES[delivery.style],
            "is_settled": delivery.is_settled,
        },
        "works_until": _works_until(kind, sent, delivery.at),
        "code_number": sent.number,
        "sent_at": sent.sent_at,
        "tries_left": challenges.tries_left(kind, sent),
        "resend_from": _later(challenges.resend_from(kind, sent)),
        "can_resend": sends_left > 0 and not is_held_up,
        "sends_left": sends_left,
        "from_address": settings.DEFAULT_FROM_EMAIL,
    }


def _works_until(
    kind: ChallengeKind, sent: Challenge, handed_at: datetime | None
) -> datetime | None:
    """Give until when the code works; None while its time has not begun."""
    return sent.expires_at if handed_at else None


def _later(at: datetime) -> datetime | None:
    return at if at > timezone.now() else None
