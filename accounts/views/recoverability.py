"""What the owner could do after each loss."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.decorators import signed_in_required, step_up_required
from accounts.middleware import OwnerRequest
from accounts.views import standing


@never_cache
@require_safe
@signed_in_required
@step_up_required
def recoverability(request: OwnerRequest) -> HttpResponse:
    """Show it loss by loss; behind a confirmation, because it tells a thief what to take first."""
    found = standing.look_at(request)
    if found.outlook is None:
        raise Http404
    context = {
        "standing": found,
        "outlooks": [
            {
                "lost": each.lost,
                "ways": standing.ways_of(each),
                "takes": each.takes,
                "needs_people": each.needs_people,
            }
            for each in found.outlook.outlooks
        ],
        "soon": found.outlook.soon,
    }
    return render(request, "accounts/recoverability.html", context)
