"""A person is asked to look again at what was refused."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts.middleware import PortalRequest
from recovery.errors import AppealUsed
from recovery.services import appeals
from recovery.views import tickets


@never_cache
@require_POST
def appeal(request: PortalRequest) -> HttpResponse:
    """Hand this browser's refused request to a person, as a new one."""
    ticket = tickets.current_ticket(request)
    if ticket is None:
        return redirect("recovery:status")
    try:
        asked = appeals.ask(ticket, client=request.client)
    except AppealUsed:
        messages.info(
            request,
            _("A person was asked already, for this request or for another one not long ago."),
        )
    else:
        tickets.bind(request, asked)
        request.session.cycle_key()
    return redirect("recovery:status")
