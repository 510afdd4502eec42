"""One person's decision: previewed, kept through a confirmation, and cast."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from accounts.models import User
from accounts.services import step_up
from outbox.channels.base import Rendered
from recovery import cases
from recovery.admin.case_file import CASE, QUEUE, decision_form, has_claim, lost, may_not, page
from recovery.admin.pages import REVIEW, staff_page
from recovery.cases import CaseFile
from recovery.enums import Verdict
from recovery.errors import ClaimLost, MayNotDecide, StaleTicket, VerdictRefused
from recovery.forms.review import DecisionForm, reasons_field
from recovery.services import previews, reviews, verdicts
from recovery.services.verdicts import Choice

KEEP, PREVIEW = "keep", "preview"


@sensitive_post_parameters("note")
@require_POST
def decide(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Keep what was filled in; then show the mail, or cast the vote of who has just confirmed."""
    staff: User = request.user  # type: ignore[assignment]
    file = cases.case_file(pk, staff)
    if file is None:
        raise Http404
    form = decision_form(file, request.POST)
    # Before anything is refused, so that neither a lapse nor the confirmation loses it.
    if file.ticket.deals.filter(reviewer=staff).exists():
        reviews.save_draft(file.ticket, staff, form.kept())
    if not has_claim(file.ticket, staff):
        return lost(request)
    wanted = request.POST.get("do", "")
    if wanted == KEEP:
        messages.success(request, _("Kept. The case stays with you for now."))
        return redirect(CASE, pk=pk)
    if not form.is_valid():
        return page(request, pk, form=form)
    if wanted == PREVIEW:
        return page(request, pk, form=form, preview=_preview(file, form), is_previewed=True)
    if not step_up.is_fresh(request.session, timezone.now()):
        return redirect_to_login(reverse(CASE, args=[pk]), login_url="accounts:step_up")
    return _cast(request, file, form)


def urls() -> list[URLPattern]:
    """Give the one page, by its path under /admin/."""
    at = "recovery/cases/<uuid:pk>/decide/"
    return [path(at, staff_page(decide, REVIEW), name="recovery_case_decide")]


def _cast(request: HttpRequest, file: CaseFile, form: DecisionForm) -> HttpResponse:
    ticket, staff = file.ticket, request.user
    try:
        verdicts.decide(ticket, staff, _choice(form), client=request.client)  # type: ignore[arg-type,attr-defined]
    except ClaimLost:
        return lost(request)
    except MayNotDecide as refused:
        messages.error(request, may_not(refused))
        return redirect(QUEUE)
    except StaleTicket:
        messages.warning(
            request, _("The case has changed meanwhile. Nothing was decided; look at it again.")
        )
        return redirect(CASE, pk=ticket.pk)
    except VerdictRefused as refused:
        _show_on(form, refused)
        return page(request, ticket.pk, form=form)
    messages.success(request, _("Your decision is written."))
    return redirect(QUEUE)


def _choice(form: DecisionForm) -> Choice:
    verdict = Verdict(form.cleaned_data["verdict"])
    is_approval = verdict == Verdict.APPROVE
    chosen: list[str] = form.cleaned_data["suspend"] if is_approval else []
    return Choice(
        verdict=verdict,
        reasons=form.reasons(),
        hold=form.hold_length() if is_approval else None,
        suspend_contacts=tuple(int(key) for key in chosen if key.isdigit()),
        suspend_authenticators=tuple(key for key in chosen if not key.isdigit()),
        note=form.cleaned_data["note"],
    )


def _preview(file: CaseFile, form: DecisionForm) -> Rendered | None:
    hold = form.hold_length()
    return previews.preview(
        file.ticket,
        Verdict(form.cleaned_data["verdict"]),
        form.reasons(),
        file.suggestion.hold if hold is None else hold,
        timezone.now(),
    )


def _show_on(form: DecisionForm, refused: VerdictRefused) -> None:
    """Put a refusal of the service at the field that it names."""
    verdict = form.cleaned_data["verdict"]
    names: dict[str, Any] = {"reasons": reasons_field(verdict)}
    field = names.get(refused.field, refused.field)
    form.add_error(field if field in form.fields else None, refused.message)
