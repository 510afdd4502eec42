"""One event with all that is known of it."""

import uuid

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.decorators import signed_in_required
from accounts.middleware import OwnerRequest
from activity import wording
from activity.queries import event_of


@never_cache
@require_safe
@signed_in_required
def event(request: OwnerRequest, event_id: uuid.UUID) -> HttpResponse:
    """Show one of the person's own events; others' do not exist for them."""
    found = event_of(request.user, event_id)
    if found is None:
        raise Http404
    context = {"entry": wording.entry_of(found), "details": wording.details_of(found)}
    return render(request, "activity/event.html", context)
