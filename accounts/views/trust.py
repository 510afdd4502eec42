"""Ask again in a browser that was trusted."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts.decorators import signed_in_required
from accounts.middleware import OwnerRequest
from accounts.services import trust
from accounts.services.paths import own_path


@never_cache
@require_POST
@signed_in_required
def forget(request: OwnerRequest, pk: UUID) -> HttpResponse:
    """End the trust of one of one's own browsers and lead back; others' do not exist here."""
    if not trust.forget(request.user, pk, client=request.client):
        raise Http404
    messages.success(request, _("That browser is asked for the second step again."))
    return redirect(own_path(request) or "accounts:two_step")
