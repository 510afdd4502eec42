"""The link of a notice: who reads it says whether something was them."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from accounts.middleware import PortalRequest
from activity.enums import IncidentOrigin, IncidentState, OwnerVerdict
from activity.errors import DeadReport, TooLateToTakeBack
from activity.forms.verdict import VerdictForm
from activity.models import ReportLink
from activity.services import contents, incidents, report_links, verdicts
from activity.services.folding import More
from activity.views import doing


# The token in the address is what allows the press, no cookie does, so there is nothing to forge;
# and under the page's no-referrer a browser sends an Origin that the check would refuse
# (docs/decisions/0013).
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: PortalRequest, token: str) -> HttpResponse:
    """Show what was told and what a press will do; only the press does it."""
    form = VerdictForm(request.POST)
    try:
        link = report_links.find(token)
        if request.method != "POST" or not form.is_valid():
            return _outcome(request, link) if _has_acted(link) else _page(request, link)
        if form.cleaned_data["verdict"] == OwnerVerdict.NOT_ME:
            incidents.report_by_link(link, client=request.client)
            return _outcome(request, report_links.find(token))
        return _me(request, link, token)
    except DeadReport:
        return render(request, "activity/report_gone.html")


def _me(request: PortalRequest, link: ReportLink, token: str) -> HttpResponse:
    """Take back what this link did; where it did nothing, keep that it was the owner."""
    incident = link.incident
    if not (incident and _has_acted(link) and incident.has_paused):
        if link.contact is None:
            return _outcome(request, link)
        is_believed = verdicts.vouch_by_link(link, client=request.client)
        return _done(request, link, "vouched" if is_believed else "heard")
    try:
        incidents.take_back(incident, client=request.client, link=link)
    except TooLateToTakeBack:
        return _outcome(request, report_links.find(token), is_late=True)
    return _done(request, link, "taken_back")


def _has_acted(link: ReportLink) -> bool:
    """Tell whether pressing again would do nothing more."""
    incident = link.incident
    return bool(incident and (link.contact is None or incident.state == IncidentState.OPEN))


def _page(request: PortalRequest, link: ReportLink) -> HttpResponse:
    event, contact = link.event, link.contact
    now = timezone.now()
    told = contents.context_of(event, contact, More(), now) if contact else {}
    context = {
        "told": told,
        "when": event.at,
        "is_sign_in": contents.kind_of(event) != contents.CHANGED,
        "pauses": bool(contact and report_links.has_say(contact, now)),
        "is_paused": event.user is not None and event.user.frozen_at is not None,
    }
    return render(request, "activity/report.html", context)


def _outcome(request: PortalRequest, link: ReportLink, *, is_late: bool = False) -> HttpResponse:
    return _done(request, link, _state_of(link), is_late=is_late)


def _state_of(link: ReportLink) -> str:
    """Give how a report stands: what templates/activity/report_done.html has words for."""
    incident, user = link.incident, link.event.user
    if incident is None or user is None:
        raise DeadReport
    if incident.state == IncidentState.TAKEN_BACK:
        return "taken_back"
    if incident.origin == IncidentOrigin.LINK_WITHOUT_SAY:
        return "told_staff"
    if user.frozen_at is None:
        return "over"
    return "paused" if incident.has_paused else "noted"


def _done(
    request: PortalRequest, link: ReportLink, state: str, *, is_late: bool = False
) -> HttpResponse:
    context = {
        "state": state,
        "is_late": is_late,
        "incident": link.incident,
        "when": link.event.at,
        **(_pause(link) if state == "paused" else {}),
    }
    return render(request, "activity/report_done.html", context)


def _pause(link: ReportLink) -> dict[str, Any]:
    """Give what was done, as far as its reader may know, and until when it can be taken back."""
    incident, user = link.incident, link.event.user
    if incident is None or user is None:
        return {}
    is_full = link.contact is None or contents.is_told_in_full(link.contact, link.event)
    can_undo = incidents.can_be_taken_back(incident, user)
    return {
        "done": doing.sentences_of(incident, is_full=is_full),
        "undo_until": incident.undo_until if can_undo else None,
    }
