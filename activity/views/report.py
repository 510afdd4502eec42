"""The link of a notice: who reads it says whether something was them."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from accounts.middleware import PortalRequest


# The token in the address is what allows the press (docs/decisions/0013).
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: PortalRequest, token: str) -> HttpResponse:
    """Show what was told and what a press will do; only the press does it."""
    return render(request, "activity/report_gone.html")
