"""The two buttons under an event: this was me, this wasn't me."""

import uuid

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts.decorators import signed_in_required
from accounts.middleware import OwnerRequest


@never_cache
@require_POST
@signed_in_required
def verdict(request: OwnerRequest, event_id: uuid.UUID) -> HttpResponse:
    """Take the answer to one of the person's own events."""
    return redirect("activity:event", event_id)
