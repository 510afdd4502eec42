"""The case file: read by who has the case, and by who may look without deciding."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.decorators import step_up_required
from accounts.models import User
from accounts.services import held_forms
from outbox.channels.base import Rendered
from recovery import cases, eligibility, lanes, policy, staff_wording, wording
from recovery.admin.pages import OPEN, REVIEW, draw, staff_page, ticket_or_404
from recovery.cases import CaseFile
from recovery.enums import LIVE_STATES, REASONS_OF, StaffReason, Verdict
from recovery.errors import (
    ClaimLost,
    MayNotDecide,
    PutBackTooOften,
    StaleTicket,
    VerdictRefused,
)
from recovery.forms.review import CheckForm, DecisionForm, reasons_field
from recovery.models import RecoveryTicket
from recovery.services import identity_checks, reveals, reviews

CASE = "admin:recovery_case"
QUEUE = "admin:recovery_queue"
AUDITOR = "activity.view_auditentry"
# What is pressed to choose a verdict (static/js/keys.js).
KEYS = {Verdict.APPROVE: "a", Verdict.DENY: "d", Verdict.MORE: "m", Verdict.PASS_ON: "s"}


@require_safe
def case(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show a case file; each opening is in the audit chain."""
    # A check that waited for its confirmation.
    held = held_forms.take(request.session, request.path)
    return page(request, pk, check_form=CheckForm(initial=held) if held else None)


@require_POST
@step_up_required(page=CASE)
def check(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Record that somebody saw who the person is."""
    form = CheckForm(request.POST)
    if not form.is_valid():
        return page(request, pk, check_form=form)
    ticket = ticket_or_404(pk)
    try:
        identity_checks.record(
            ticket,
            request.user,  # type: ignore[arg-type]
            form.cleaned_data["way"],
            form.cleaned_data["place"],
            form.cleaned_data["checked_at"],
            client=request.client,  # type: ignore[attr-defined]
        )
    except MayNotDecide as refused:
        messages.error(request, may_not(refused))
    except VerdictRefused as refused:
        form.add_error(refused.field, refused.message)
        return page(request, pk, check_form=form)
    except StaleTicket:
        messages.warning(request, _("The case has moved on meanwhile. Nothing was recorded."))
    else:
        messages.success(request, _("The check is recorded."))
    return redirect(CASE, pk=pk)


@require_POST
def reveal(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show the addresses in clear on this one answer, and record it."""
    try:
        revealed = reveals.reveal_address(ticket_or_404(pk), request.user)  # type: ignore[arg-type]
    except ClaimLost:
        return lost(request)
    except MayNotDecide as refused:
        messages.error(request, may_not(refused))
        return redirect(QUEUE)
    return page(request, pk, revealed=revealed)


@require_POST
def put_back(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Give the case back to the queue."""
    try:
        reviews.put_back(ticket_or_404(pk), request.user)  # type: ignore[arg-type]
    except ClaimLost:
        return lost(request)
    except PutBackTooOften:
        messages.error(
            request,
            _("You have put back two cases today. Decide this one, or say that you should not."),
        )
        return redirect(CASE, pk=pk)
    messages.success(request, _("The case is back in the queue."))
    return redirect(QUEUE)


@require_POST
def recuse(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Give the case to others for good."""
    try:
        reviews.recuse(ticket_or_404(pk), request.user)  # type: ignore[arg-type]
    except ClaimLost:
        return lost(request)
    messages.success(request, _("Others decide this case. It will not come to you again."))
    return redirect(QUEUE)


def page(
    request: HttpRequest,
    pk: UUID,
    *,
    form: DecisionForm | None = None,
    check_form: CheckForm | None = None,
    preview: Rendered | None = None,
    is_previewed: bool = False,
    revealed: tuple[str, str] | None = None,
) -> HttpResponse:
    """Draw the case file for who may open it; others are sent to the queue, or away."""
    staff: User = request.user  # type: ignore[assignment]
    file = cases.case_file(pk, staff)
    if file is None:
        raise Http404
    is_with = has_claim(file.ticket, staff)
    if not (is_with or may_look(file, staff)):
        if staff.has_perm(REVIEW):
            return lost(request)
        raise PermissionDenied
    view = reviews.note_view(file.ticket, staff)
    draft = file.draft if is_with and form is None else {}
    form = form or decision_form(file, initial=draft or None)
    return draw(
        request,
        "case_file.html",
        _("Case %(reference)s") % {"reference": _dashed(file.ticket.reference)},
        file=file,
        ticket=file.ticket,
        view=view,
        viewer_name=str(staff),
        is_with=is_with,
        bars=[] if is_with else eligibility.bars(staff, file.ticket),
        form=form,
        groups=reason_groups(form, file),
        suggested_hold=staff_wording.length(file.suggestion.hold) if file.suggestion.hold else "",
        open_slots=range(max(0, file.suggestion.people - len(file.ballots))),
        draft=draft,
        check_form=check_form or CheckForm(initial={"checked_at": timezone.localtime()}),
        may_check=staff.has_perm(OPEN),
        preview=preview,
        is_previewed=is_previewed,
        revealed=revealed,
        risk_badge=staff_wording.RISKS.get(file.ticket.risk),
        now=timezone.now(),
    )


def decision_form(file: CaseFile, data: Any = None, initial: Any = None) -> DecisionForm:
    """Give the form for a case; a new one begins with nothing chosen but the suggested wait."""
    hours = int(file.suggestion.hold.total_seconds() // 3600)
    return DecisionForm(
        data,
        initial=initial or {"hold": hours},
        shortest=file.suggestion.hold,
        young=[(item.key, item.words) for item in file.young],
    )


def reason_groups(form: DecisionForm, file: CaseFile) -> list[dict[str, Any]]:
    """Give verdicts with their keys and reasons, each with what the person reads."""
    groups = []
    suggestion = file.suggestion
    for verdict, reasons in REASONS_OF.items():
        name = reasons_field(verdict)
        ticked = form[name].value() or [] if reasons else []
        options = [
            {
                "value": reason,
                "label": StaffReason(reason).label,
                "told": _told(verdict, reason),
                "is_ticked": reason in ticked,
                "is_suggested": verdict == suggestion.verdict and reason in suggestion.reasons,
            }
            for reason in reasons
        ]
        errors: list[Any] = list(form.errors.get(name, [])) if reasons else []
        groups.append(
            {
                "verdict": verdict,
                "key": KEYS[verdict],
                "name": name,
                "options": options,
                "errors": errors,
            }
        )
    return groups


def _told(verdict: Verdict, reason: StaffReason) -> str:
    """Give what the person reads of a reason; of an approval for a reason of its own nothing."""
    if verdict == Verdict.APPROVE and reason == StaffReason.OTHER:
        return ""
    return " ".join(wording.told([reason]))


def has_claim(ticket: RecoveryTicket, staff: User) -> bool:
    """Tell whether a case is with somebody; a claim that lapsed is renewed, if nobody took it."""
    if ticket.claimed_by_id != staff.pk or not staff.has_perm(REVIEW):
        return False
    if lanes.is_with(ticket, staff, timezone.now()):
        return True
    try:
        reviews.require_claim(ticket, staff)
    except ClaimLost:
        return False
    return True


def may_look(file: CaseFile, staff: User) -> bool:
    """Tell whether somebody may read a case without having it."""
    if staff.is_superuser or staff.has_perm(AUDITOR):
        return True
    # Who decided may read on what became of it, and does not watch the account for ever.
    is_recent = file.ticket.moved_at > timezone.now() - policy.CLEAR_AFTER_REVIEW
    is_open = is_recent or file.ticket.state in LIVE_STATES
    has_decided = any(ballot.is_own for ballot in (*file.ballots, *file.voided))
    return staff.has_perm(REVIEW) and has_decided and is_open


def lost(request: HttpRequest) -> HttpResponse:
    """Lead to the queue whoever has not, or no longer, got the case."""
    messages.warning(
        request,
        _(
            "This case is not with you. What you filled in is kept; press “Claim the next one” to "
            "go on."
        ),
    )
    return redirect(QUEUE)


def may_not(refused: MayNotDecide) -> str:
    """Say why somebody may not decide."""
    reasons = "; ".join(str(eligibility.Bar(bar).label) for bar in refused.bars)
    return _("Not by you: %(reasons)s.") % {"reasons": reasons}


def urls() -> list[URLPattern]:
    """Give the pages of a case, by their path under /admin/."""
    at = "recovery/cases/<uuid:pk>/"
    return [
        path(at, staff_page(case), name="recovery_case"),
        path(f"{at}check/", staff_page(check, OPEN), name="recovery_case_check"),
        path(f"{at}reveal/", staff_page(reveal, REVIEW), name="recovery_case_reveal"),
        path(f"{at}put-back/", staff_page(put_back, REVIEW), name="recovery_case_put_back"),
        path(f"{at}recuse/", staff_page(recuse, REVIEW), name="recovery_case_recuse"),
    ]


def _dashed(reference: str) -> str:
    return f"{reference[:4]}-{reference[4:]}"
