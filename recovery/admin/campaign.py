"""Cases alike: folded into one, parted again, refused at once."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.decorators import step_up_required
from accounts.services import held_forms
from recovery import errors, lanes
from recovery.admin.pages import REVIEW, SEE, draw, staff_page, ticket_or_404
from recovery.admin.rows import rows_of
from recovery.forms.staff import FoldForm
from recovery.models import RecoveryTicket
from recovery.services import campaigns, reviews

CAMPAIGN = "admin:recovery_campaign"
NOTE_LONGEST = 2000


@require_safe
def campaign(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show the cases alike, to the one who has been dealt this one."""
    ticket = ticket_or_404(pk)
    now = timezone.now()
    if not lanes.is_with(ticket, request.user, now):  # type: ignore[arg-type]
        return _lost(request)
    # What was written before confirming who one is.
    held = held_forms.take(request.session, request.path) or {}
    return _page(request, ticket, FoldForm(alike=[]), note=held.get("note", ""))


@require_POST
def fold(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Fold what was chosen into this case."""
    ticket = ticket_or_404(pk)
    alike = list(campaigns.alike(ticket))
    form = FoldForm(request.POST, alike=[str(other.pk) for other in alike])
    try:
        reviews.require_claim(ticket, request.user)  # type: ignore[arg-type]
        if not form.is_valid():
            return _page(request, ticket, form)
        chosen = [other for other in alike if str(other.pk) in form.cleaned_data["tickets"]]
        count = campaigns.fold(ticket, chosen, request.user)  # type: ignore[arg-type]
    except (errors.ClaimLost, errors.MayNotDecide, errors.StaleTicket) as error:
        return _refused(request, error)
    said = ngettext("%(count)d case folded in.", "%(count)d cases folded in.", count)
    messages.success(request, said % {"count": count})
    return redirect(CAMPAIGN, pk=pk)


@require_POST
def unfold(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Part again what was folded into this case."""
    ticket = ticket_or_404(pk)
    try:
        reviews.require_claim(ticket, request.user)  # type: ignore[arg-type]
        count = campaigns.unfold(ticket, request.user)  # type: ignore[arg-type]
    except (errors.ClaimLost, errors.MayNotDecide, errors.StaleTicket) as error:
        return _refused(request, error)
    said = ngettext(
        "%(count)d case waits on its own again.", "%(count)d cases wait on their own again.", count
    )
    messages.success(request, said % {"count": count})
    return redirect(CAMPAIGN, pk=pk)


@require_POST
@step_up_required(page=CAMPAIGN)
def refuse(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Refuse this case with everything that is folded into it."""
    ticket = ticket_or_404(pk)
    note = request.POST.get("note", "").strip()[:NOTE_LONGEST]
    try:
        reviews.require_claim(ticket, request.user)  # type: ignore[arg-type]
        campaigns.refuse(
            ticket,
            request.user,  # type: ignore[arg-type]
            client=request.client,  # type: ignore[attr-defined]
            note=note,
        )
    except (errors.ClaimLost, errors.MayNotDecide, errors.StaleTicket) as error:
        return _refused(request, error)
    except errors.VerdictRefused as error:
        return _page(request, ticket, FoldForm(alike=[]), note=note, problem=error.message)
    messages.success(request, _("Your decision is written: refuse, for all of them."))
    return redirect("admin:recovery_queue")


def urls() -> list[URLPattern]:
    """Give the pages of campaigns, by their path under /admin/."""
    at = "recovery/cases/<uuid:pk>/campaign/"
    return [
        path(at, staff_page(campaign, SEE, REVIEW), name="recovery_campaign"),
        path(f"{at}fold/", staff_page(fold, SEE, REVIEW), name="recovery_campaign_fold"),
        path(f"{at}part/", staff_page(unfold, SEE, REVIEW), name="recovery_campaign_part"),
        path(f"{at}refuse/", staff_page(refuse, SEE, REVIEW), name="recovery_campaign_refuse"),
    ]


def _page(
    request: HttpRequest,
    ticket: RecoveryTicket,
    form: FoldForm,
    *,
    note: str = "",
    problem: str = "",
) -> HttpResponse:
    now = timezone.now()
    staff: Any = request.user
    alike = lanes.with_columns(lanes.by_urgency(campaigns.alike(ticket)), now)
    folded = lanes.with_columns(lanes.by_urgency(ticket.folded.all()), now)
    tickets = list(alike)
    return draw(
        request,
        "campaign.html",
        _("Cases alike"),
        ticket=ticket,
        form=form,
        alike=list(zip(tickets, rows_of(tickets, staff, now), strict=True)),
        folded=rows_of(folded, staff, now),
        votes_needed=ticket.people,
        note=note,
        problem=problem,
    )


def _lost(request: HttpRequest) -> HttpResponse:
    messages.warning(request, _("This case is not with you any more. Nothing was changed."))
    return redirect("admin:recovery_queue")


def _refused(request: HttpRequest, error: errors.RecoveryError) -> HttpResponse:
    if isinstance(error, errors.MayNotDecide):
        messages.warning(request, _("You may not decide this case. Nothing was changed."))
    elif isinstance(error, errors.StaleTicket):
        messages.warning(request, _("Somebody was faster. Nothing was changed."))
    else:
        return _lost(request)
    return redirect("admin:recovery_queue")
