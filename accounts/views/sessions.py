"""Where the account is signed in, and how to end that."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.decorators import signed_in_required
from accounts.middleware import OwnerRequest
from accounts.services import sessions as service
from accounts.views import browsers


@never_cache
@require_http_methods(["GET", "POST"])
@signed_in_required
def sessions(request: OwnerRequest) -> HttpResponse:
    """List the signed-in and the trusted browsers; a POST ends all sessions but this one."""
    if request.method == "POST":
        service.end_all(request.user, client=request.client, keep_session=request.session.key_hash)
        messages.success(request, _("You are signed out everywhere else."))
        return redirect("accounts:sessions")
    context = {
        "sessions": browsers.show_sessions(service.list_of(request.user), request),
        "browsers": browsers.show_trusted(request),
        "back": request.path,
    }
    return render(request, "accounts/sessions.html", context)


@never_cache
@require_POST
@signed_in_required
def end_session(request: OwnerRequest, session_hash: str) -> HttpResponse:
    """End one session of one's own; others' do not exist here, and nothing tells them apart."""
    if service.end(session_hash, request.user, client=request.client):
        messages.success(request, _("That browser is signed out."))
    return redirect("accounts:sessions")
