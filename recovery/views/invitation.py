"""The link of an invitation: one button, which sends a code."""

from dataclasses import asdict

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from accounts.decorators import edge_limit
from accounts.errors import LimitReached
from accounts.middleware import PortalRequest
from accounts.services.sessions import name_browser
from recovery.errors import DeadLink
from recovery.services import invitations, status
from recovery.views import tickets


# As the stop link: the token in the address allows the press, and under no-referrer the check
# would refuse what the browser sends. The press gives away nothing but a mail to the claimant.
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@edge_limit("status")
def go_on(request: PortalRequest, token: str) -> HttpResponse:
    """Show what the link is for; the press sends a code, which opens the request here."""
    try:
        invitation = invitations.find(token)
    except DeadLink:
        return render(request, "recovery/go_on_gone.html")
    ticket = invitation.ticket
    if request.method != "POST":
        return render(request, "recovery/go_on.html", {"ticket": ticket})
    name_browser(request.session)
    try:
        asked = status.ask(ticket.reference, None, client=request.client)
    except LimitReached as error:
        context = {"ticket": ticket, "until": error.until}
        return render(request, "recovery/go_on.html", context, status=429)
    request.session[tickets.STATUS_ASKED] = asdict(asked) | {"address": ""}
    return redirect("recovery:status")
