"""Put removed addresses back: one of them, all that were replaced, or by the mailed link."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from accounts import errors, policy
from accounts.decorators import signed_in_required, step_up_required
from accounts.forms.contacts import ReplacementForm
from accounts.middleware import OwnerRequest, PortalRequest
from accounts.services import removed_contacts as service
from accounts.services import sessions, step_up
from accounts.views import masking
from accounts.views.contacts import refusals_lead_back


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@signed_in_required
@step_up_required
@refusals_lead_back
def restore_one(request: OwnerRequest, pk: int) -> HttpResponse:
    """Put one removed address back, after saying from when it counts."""
    contact = service.listed(request.user, timezone.now()).filter(pk=pk).first()
    if contact is None:
        raise Http404
    if request.method == "POST":
        strong = step_up.is_strong(request.session)
        try:
            service.restore(request.user, pk, client=request.client, is_strong=strong)
        except errors.OnFileAlready as error:
            raise Http404 from error
        _keep(request)
        messages.success(request, _("It is on your account again."))
        return redirect("accounts:contacts")
    context = {
        "shown": masking.shown(request, contact.value),
        "kind": contact.kind,
        "counts_after": None if contact.is_in_doubt else policy.CONTACT_COUNTS_AFTER,
    }
    return render(request, "accounts/contact_restore.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@signed_in_required
@step_up_required
@refusals_lead_back
def restore(request: OwnerRequest) -> HttpResponse:
    """Undo that all addresses were replaced: "it was me" or "this was not me"."""
    user = request.user
    until = service.replaced_until(user)
    if until is None:
        return redirect("accounts:contacts")
    form = ReplacementForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        strong = step_up.is_strong(request.session)
        service.undo_replacement(user, client=request.client, is_strong=strong)
        _keep(request)
        if form.cleaned_data["choice"] == ReplacementForm.NOT_ME:
            messages.success(
                request,
                _(
                    "The old addresses are back, and everybody else is signed out. "
                    "Now choose a new password."
                ),
            )
            return redirect("accounts:password")
        messages.success(request, _("The old addresses are back on your account."))
        return redirect("accounts:contacts")
    context = {
        "replaced_until": until,
        "removed": [
            masking.shown(request, each.value) for each in service.listed(user, timezone.now())
        ],
        "counts_after": policy.CONTACT_COUNTS_AFTER,
    }
    return render(request, "accounts/contacts_replaced.html", context)


# The token in the address is what allows the press, no cookie does, so there is nothing to forge
# (docs/decisions/0013).
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def undo(request: PortalRequest, token: str) -> HttpResponse:
    """Show what the mailed link will do; only a press of the button does it."""
    try:
        link = service.find_undo(token)
        context = {
            "address": link.contact.value,
            "removed_at": link.contact.removed_at,
            "works_until": link.expires_at,
            "counts_after": policy.CONTACT_COUNTS_AFTER,
        }
        if request.method == "POST":
            contact = service.use_undo(link, client=request.client)
            counts_from = None if contact.is_in_doubt else contact.counts_from
            context |= {"outcome": "done", "counts_from": counts_from}
    except errors.DeadLink:
        return render(request, "accounts/contact_undo_gone.html")
    except errors.OnFileAlready:
        context["outcome"] = "there"
    except errors.Forbidden:
        context["outcome"] = "paused"
    return render(request, "accounts/contact_undo.html", context)


def _keep(request: OwnerRequest) -> None:
    """Pay with the confirmation, as adding does, and keep this session."""
    step_up.spend(request.session)
    sessions.keep(request, client=request.client)
