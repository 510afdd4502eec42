"""The two buttons under an event: this was me, this wasn't me."""

import uuid

from django.contrib import messages
from django.contrib.auth import logout
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts.decorators import signed_in_required
from accounts.errors import AccountChanged
from accounts.middleware import OwnerRequest
from accounts.services import sessions
from activity.enums import IncidentOrigin, OwnerVerdict
from activity.errors import NothingToReport
from activity.forms.verdict import VerdictForm
from activity.models import SecurityEvent
from activity.queries import event_of
from activity.services import incidents, report_links, verdicts


@never_cache
@require_POST
@signed_in_required(page="activity:event")
def verdict(request: OwnerRequest, event_id: uuid.UUID) -> HttpResponse:
    """Take the answer to one of the person's own events; others' do not exist for them."""
    event = event_of(request.user, event_id)
    if event is None:
        raise Http404
    form = VerdictForm(request.POST)
    if not form.is_valid():
        return redirect("activity:event", event_id)
    try:
        if form.cleaned_data["verdict"] == OwnerVerdict.ME:
            return _me(request, event)
        return _not_me(request, event)
    except NothingToReport:
        messages.info(request, _("There is nothing to answer here any more."))
    except AccountChanged:
        pass  # what came between has ended this session: its page says so, or asks to sign in
    return redirect("activity:event", event_id)


def _me(request: OwnerRequest, event: SecurityEvent) -> HttpResponse:
    if verdicts.vouch_in_session(request.user, event, client=request.client):
        messages.success(request, _("Thank you. We have written down that it was you."))
    else:
        messages.info(request, _("Thank you. We keep an eye on it."))
    return redirect("activity:log")


def _not_me(request: OwnerRequest, event: SecurityEvent) -> HttpResponse:
    # It is told by its name who may take the report back; the session's key changes meanwhile.
    sessions.name_browser(request.session)
    epoch = request.user.epoch
    incident = incidents.report_in_session(request.user, event, client=request.client)
    if request.user.epoch == epoch:  # it was reported before
        return redirect("activity:incident", incident.pk)
    if incident.origin != IncidentOrigin.YOUNG_SESSION:
        sessions.keep(request, client=request.client)
        return redirect("activity:incident", incident.pk)
    token = report_links.new_link_of_presser(incident, timezone.now())
    logout(request)
    return redirect("activity:report", token)
