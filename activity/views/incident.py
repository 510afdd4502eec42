"""What a report did, what is left for its owner, and the way to take it back."""

import uuid

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.decorators import signed_in_required
from accounts.middleware import OwnerRequest
from accounts.services import sessions
from activity import wording
from activity.enums import IncidentOrigin
from activity.errors import TooLateToTakeBack
from activity.models import Incident
from activity.services import incidents
from activity.views import doing


@never_cache
@require_safe
@signed_in_required
def incident(request: OwnerRequest, incident_id: uuid.UUID) -> HttpResponse:
    """Show one report of the person's own account; others' do not exist for them."""
    found = _own(request, incident_id)
    is_own = incidents.is_of(found, request.client)
    can_undo = is_own and incidents.can_be_taken_back(found, request.user)
    context = {
        "incident": found,
        "what": wording.title_of(found.event) if found.event else "",
        "done": doing.sentences_of(found),
        "is_own": is_own,
        "needs_password": request.user.password_spent_at is not None,
        "undo_until": found.undo_until if can_undo else None,
    }
    return render(request, "activity/incident.html", context)


@never_cache
@require_POST
@signed_in_required(page="activity:incident")
def undo(request: OwnerRequest, incident_id: uuid.UUID) -> HttpResponse:
    """Take a report back, in the browser that made it."""
    found = _own(request, incident_id)
    found.user = request.user  # whose epoch grows, for the session that is kept
    try:
        incidents.take_back(found, client=request.client)
    except TooLateToTakeBack:
        messages.warning(
            request,
            _(
                "That cannot be taken back any more: the time is over, it was pressed in another "
                "browser, or the account was changed since."
            ),
        )
    else:
        sessions.keep(request, client=request.client)
    return redirect("activity:incident", incident_id)


def _own(request: OwnerRequest, incident_id: uuid.UUID) -> Incident:
    """Give a report of this account that its owner may see: not what staff alone were told."""
    rows = Incident.objects.select_related("event").filter(user=request.user, pk=incident_id)
    found = rows.exclude(origin=IncidentOrigin.LINK_WITHOUT_SAY).first()
    if found is None:
        raise Http404
    return found
