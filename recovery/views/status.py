"""How a request is doing."""

from contextlib import suppress
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts.decorators import edge_limit
from accounts.errors import ChallengeError, LimitReached
from accounts.middleware import PortalRequest
from accounts.normalise import Address
from accounts.services.sessions import name_browser
from recovery import policy, promises, queries, wording
from recovery.enums import LIVE_STATES, Resets, TicketState
from recovery.errors import StaleTicket
from recovery.forms.walk import CodeForm, StatusForm
from recovery.models import Evidence, RecoveryTicket
from recovery.services import status as service
from recovery.services import withdrawal
from recovery.views import tickets
from recovery.views.code import count_context

GO_ON = {
    TicketState.AWAITING_CODE: ("recovery:code", "main"),
    TicketState.AWAITING_PROOF: ("recovery:proof", "main"),
    TicketState.APPROVED: ("recovery:password", "main"),
    TicketState.COMPLETED: ("accounts:sign_in", "main"),
}


@sensitive_post_parameters("code")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@edge_limit("status")
def status(request: PortalRequest) -> HttpResponse:
    """Show this browser's request; another one after a code to its address."""
    if request.method == "POST" and "code" in request.POST:
        return _take_code(request)
    if request.method == "POST":
        return _ask(request)
    if "other" in request.GET or "reference" in request.GET:
        request.session.pop(tickets.STATUS_ASKED, None)
        return _form_page(request, StatusForm(initial=request.GET.dict()))
    if tickets.STATUS_ASKED in request.session:
        return _code_page(request, CodeForm())
    ticket = tickets.current_ticket(request)
    if ticket is None:
        return _form_page(request, StatusForm())
    return render(request, "recovery/status_view.html", _view(ticket, timezone.now()))


@never_cache
@require_POST
def withdraw(request: PortalRequest) -> HttpResponse:
    """End this browser's request because its claimant no longer needs it."""
    ticket = tickets.current_ticket(request)
    if ticket is not None and queries.shown_state(ticket, timezone.now()) in LIVE_STATES:
        with suppress(StaleTicket):  # it has ended meanwhile: the page says so
            withdrawal.withdraw(ticket, client=request.client)
    return redirect("recovery:status")


def _ask(request: PortalRequest) -> HttpResponse:
    form = StatusForm(request.POST)
    if not form.is_valid():
        return _form_page(request, form)
    reference: str = form.cleaned_data["reference"]
    contact: Address | None = form.cleaned_data.get("contact")
    try:
        if contact and not reference:
            service.mail_requests(contact, client=request.client)
            return render(request, "recovery/status_sent.html", {"contact": contact.value})
        name_browser(request.session)
        asked = service.ask(reference, contact, client=request.client)
    except LimitReached as error:
        return _form_page(request, form, until=error.until)
    request.session[tickets.STATUS_ASKED] = asdict(asked) | {
        "address": contact.value if contact else ""
    }
    return redirect("recovery:status")


def _take_code(request: PortalRequest) -> HttpResponse:
    asked = _asked(request)
    if asked is None:
        return redirect("recovery:status")
    form = CodeForm(request.POST)
    if form.is_valid():
        try:
            ticket = service.accept_code(asked, form.cleaned_data["code"], client=request.client)
        except ChallengeError as error:
            form.add_error("code", wording.refusal(error))
        except StaleTicket:
            request.session.pop(tickets.STATUS_ASKED, None)
            return redirect("recovery:status")
        else:
            request.session.pop(tickets.STATUS_ASKED, None)
            tickets.bind(request, ticket)
            request.session.cycle_key()
            return redirect("recovery:status")
    return _code_page(request, form)


def _asked(request: PortalRequest) -> service.Asked | None:
    kept = request.session.get(tickets.STATUS_ASKED)
    return service.Asked(key=kept["key"], ticket=kept["ticket"]) if kept else None


def _form_page(request: PortalRequest, form: StatusForm, **context: object) -> HttpResponse:
    status_code = 429 if context.get("until") else 200
    return render(request, "recovery/status.html", {"form": form, **context}, status=status_code)


def _code_page(request: PortalRequest, form: CodeForm) -> HttpResponse:
    """Show the field for the code; whether there is such a request is never told here."""
    asked = _asked(request)
    sent = service.state(asked) if asked else None
    context = {
        "form": form,
        "address": request.session[tickets.STATUS_ASKED]["address"],
        **count_context(policy.STATUS_CODE, sent),
    }
    return render(request, "recovery/status_code.html", context)


def _view(ticket: RecoveryTicket, now: datetime) -> dict[str, Any]:
    shown = TicketState(queries.shown_state(ticket, now))
    answered = _answered(ticket, shown)
    more = wording.asked_for(ticket) if shown == TicketState.AWAITING_PROOF else []
    face = _face(ticket, shown, is_answered=answered is not None, is_asked_for_more=bool(more))
    appeal_until = queries.appeal_until(ticket, now)
    return {
        "ticket": ticket,
        "face": face.name,
        "title": face.title,
        "lead": wording.LONGER_THAN_SAID if _is_overdue(ticket, shown, now) else face.lead,
        "moments": _moments(ticket, shown, answered),
        "actions": _actions(ticket, shown, adds=answered is not None),
        "hold": _hold(ticket, now) if shown == TicketState.ON_HOLD else None,
        "more": more,
        "refused": _refused(ticket, answered, now) if appeal_until else None,
        "appeal_until": appeal_until,
        "waits": wording.waits_after_evidence(),
        **_next_date(ticket, shown),
    }


def _answered(ticket: RecoveryTicket, shown: TicketState) -> Evidence | None:
    """Give the newest answers of the questionnaire where the page speaks of them."""
    if shown not in (TicketState.EVALUATING, TicketState.CANCELLED):
        return None
    newest = ticket.evidence.order_by("-submitted_at")
    return newest.only("completeness", "submitted_at").first()


def _face(
    ticket: RecoveryTicket, shown: TicketState, *, is_answered: bool, is_asked_for_more: bool
) -> wording.Face:
    if is_asked_for_more:
        return wording.MORE_ASKED
    if shown == TicketState.EVALUATING and is_answered and not ticket.appeal_of_id:
        return wording.ANSWERED
    return wording.face(shown, ticket.resets)


def _refused(ticket: RecoveryTicket, answered: Evidence | None, now: datetime) -> dict[str, Any]:
    """Give what the person is told after a refusal: a function of what they typed, or of people."""
    is_told = ticket.state == TicketState.DENIED and (ticket.answer_at or now) <= now
    return {
        "completeness": wording.completeness_told(answered.completeness) if answered else [],
        "reasons": wording.told(ticket.told_reasons) if is_told else [],
    }


def _is_overdue(ticket: RecoveryTicket, shown: TicketState, now: datetime) -> bool:
    """Tell whether the time has passed by which the person was to hear."""
    return shown == TicketState.EVALUATING and bool(ticket.answer_at and ticket.answer_at <= now)


def _moments(
    ticket: RecoveryTicket, shown: TicketState, answered: Evidence | None
) -> list[dict[str, Any]]:
    """Give what the person has been told, in order of time."""
    moments: list[dict[str, Any]] = [
        {"label": _("Asked for"), "at": ticket.opened_at, "state": "past"}
    ]
    if ticket.code_accepted_at:
        typed_at = ticket.code_accepted_at
        moments.append({"label": _("Code typed in"), "at": typed_at, "state": "past"})
    if answered:
        label, sent_at = _("You sent your answers"), answered.submitted_at
        moments.append({"label": label, "at": sent_at, "state": "past"})
    if shown in (TicketState.ON_HOLD, TicketState.APPROVED, TicketState.COMPLETED):
        moments.append({"label": _("Accepted"), "at": ticket.decided_at, "state": "past"})
    if shown == TicketState.COMPLETED:
        is_new = ticket.resets != Resets.SECOND_STEP
        done = _("Password set") if is_new else _("Second step turned off")
        moments.append({"label": done, "at": ticket.completed_at, "state": "past"})
    else:
        words = wording.state_in_words(shown, ticket.resets)
        moments.append({"label": words, "at": None, "state": "now"})
    return moments


def _next_date(ticket: RecoveryTicket, shown: TicketState) -> dict[str, Any]:
    if shown == TicketState.EVALUATING and ticket.answer_at and ticket.answer_at > timezone.now():
        if not promises.has_enough_people():
            return {}  # a date that nobody is there to keep
        return {"until": ticket.answer_at, "until_label": _("You will hear from us by")}
    if shown in (TicketState.AWAITING_CODE, TicketState.AWAITING_PROOF, TicketState.APPROVED):
        return {"until": ticket.expires_at, "until_label": _("You can go on until")}
    return {}


def _actions(ticket: RecoveryTicket, shown: TicketState, *, adds: bool) -> list[dict[str, str]]:
    """Give the buttons. adds: something can be shown while the answers are looked at."""
    actions = []
    if shown in GO_ON:
        name, style = GO_ON[shown]
        actions.append(_action(reverse(name), _("Go on"), style))
    elif shown == TicketState.ON_HOLD:
        actions.append(_action(reverse("recovery:proof"), _("Add what you found"), "main"))
    elif shown == TicketState.EVALUATING and adds:
        actions.append(_action(reverse("recovery:proof"), _("Add what you found"), ""))
    elif shown not in LIVE_STATES:
        actions.append(_action(reverse("recovery:start"), _("Start again"), "main"))
    if shown in LIVE_STATES:
        withdraw_url = reverse("recovery:withdraw")
        actions.append(_action(withdraw_url, _("Withdraw this request"), "quiet", "post"))
    return actions


def _action(url: str, label: str, style: str, method: str = "get") -> dict[str, str]:
    return {"url": url, "label": label, "style": style, "method": method}


def _hold(ticket: RecoveryTicket, now: datetime) -> dict[str, Any] | None:
    """Give the waiting period once it has begun, and how much of it is over in per cent."""
    if ticket.hold_from is None or ticket.hold_until is None:
        return None
    share = (now - ticket.hold_from) / (ticket.hold_until - ticket.hold_from)
    return {
        "from": ticket.hold_from,
        "until": ticket.hold_until,
        "share": round(min(max(share, 0), 1) * 100),
    }
