"""Objections: by the link of a notice, and from a signed-in browser."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from accounts.decorators import signed_in_required
from accounts.middleware import OwnerRequest, PortalRequest
from accounts.models import User
from activity import places, useragents
from recovery import policy, queries
from recovery.enums import LinkOutcome, LinkRight
from recovery.errors import DeadLink
from recovery.forms.walk import ChoiceForm
from recovery.models import NoticeLink, RecoveryTicket
from recovery.services import objections


# The token in the address is what allows the press, no cookie does, so there is nothing to forge;
# and under the page's no-referrer a browser sends an Origin that the check would refuse.
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: PortalRequest, token: str) -> HttpResponse:
    """Show what the link will do; only a press of a button does it."""
    try:
        link = objections.find_link(token)
    except DeadLink:
        return render(request, "recovery/stop_gone.html")
    form = ChoiceForm(request.POST)
    if request.method != "POST" or not form.is_valid():
        return _link_page(request, link)
    try:
        if form.cleaned_data["choice"] == "stop":
            outcome = objections.stop(link, client=request.client)
        else:
            outcome = objections.say_mine(link, client=request.client)
    except DeadLink:
        return render(request, "recovery/stop_gone.html")
    return _outcome_page(request, outcome, link)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@signed_in_required
def object_in_session(request: OwnerRequest) -> HttpResponse:
    """Stop a recovery from a signed-in browser, as far as that browser outranks it."""
    form = ChoiceForm(request.POST)
    ticket = _claim_meant(request.user, form)
    if ticket is None:
        return redirect("accounts:security")
    if request.method != "POST" or not form.is_valid():
        return render(request, "recovery/stop.html", {"link": _facts(ticket), "variant": ""})
    if form.cleaned_data["choice"] == "mine":
        return redirect("accounts:security")
    try:
        outcome = objections.object_in_session(ticket, request.user, client=request.client)
    except DeadLink:
        return redirect("accounts:security")
    return _outcome_page(request, outcome, None)


def _claim_meant(user: User, form: ChoiceForm) -> RecoveryTicket | None:
    """Give the request that the page showed, which need not be the newest by now."""
    claims = queries.claims_of(user)
    if form.is_valid() and form.cleaned_data["reference"]:
        claims = claims.filter(reference=form.cleaned_data["reference"])
    return claims.first()


def _link_page(request: PortalRequest, link: NoticeLink) -> HttpResponse:
    if objections.has_acted(link):
        return _outcome_page(request, LinkOutcome(link.outcome), link)
    variant = "undo" if link.right == LinkRight.UNDO else ""
    context = {"link": _facts(link.ticket), "variant": variant}
    return render(request, "recovery/stop.html", context)


def _facts(ticket: RecoveryTicket) -> dict[str, Any]:
    return {
        "what": _("A request to get back into the account"),
        "when": ticket.opened_at,
        "device": useragents.read(ticket.agent).label,
        "place": places.find(ticket.address or "").words,
        "reference": ticket.reference,
        "frozen_for": policy.FREEZE_LIVES,
    }


def _outcome_page(
    request: PortalRequest, outcome: LinkOutcome, link: NoticeLink | None
) -> HttpResponse:
    context = {
        "outcome": outcome,
        "take_back_until": objections.take_back_until(link) if link else None,
    }
    return render(request, "recovery/stop_done.html", context)
