"""What a report did, what is left for its owner, and the way to take it back."""

import uuid

from django.http import Http404, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.decorators import signed_in_required
from accounts.middleware import OwnerRequest


@never_cache
@require_safe
@signed_in_required
def incident(request: OwnerRequest, incident_id: uuid.UUID) -> HttpResponse:
    """Show one report of the person's own account."""
    raise Http404


@never_cache
@require_POST
@signed_in_required
def undo(request: OwnerRequest, incident_id: uuid.UUID) -> HttpResponse:
    """Take a report back."""
    raise Http404
