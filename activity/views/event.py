"""One event with all that is known of it, and the two answers to it."""

import uuid
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.decorators import signed_in_required
from accounts.middleware import OwnerRequest
from activity import policy, why, wording
from activity.enums import Area, EventKind, IncidentOrigin
from activity.models import SecurityEvent
from activity.queries import incident_of, known_of
from activity.services import incidents, telling


@never_cache
@require_safe
@signed_in_required
def event(request: OwnerRequest, event_id: uuid.UUID) -> HttpResponse:
    """Show one of the person's own events; others' do not exist for them."""
    known = known_of(request.user, event_id)
    if known is None:
        raise Http404
    context = {
        "entry": wording.entry_of(known.event),
        "details": wording.details_of(known.event),
        "why": why.sentences_of(known.event, known.before),
        **_answer(request, known.event),
    }
    return render(request, "activity/event.html", context)


def _answer(request: OwnerRequest, found: SecurityEvent) -> dict[str, Any]:
    """Give what its owner has said, may say, and what follows from it."""
    can_answer = incidents.can_be_answered(found)
    return {
        "event": found,
        "is_sign_in": found.kind == EventKind.SIGNED_IN,
        "is_recovery": found.area == Area.RECOVERY,
        "is_refused": found.area == Area.REFUSED,
        "had_password": found.kind == EventKind.SECOND_STEP_FAILED,
        "can_answer": can_answer,
        "is_heard": wording.is_heard(found),
        "pauses": can_answer and _origin(request, found) != IncidentOrigin.OLD_SESSION,
        "take_back_minutes": int(policy.TAKE_BACK.total_seconds() // 60),
        "incident_url": _incident_url(found),
        "is_past": not can_answer and found.kind in incidents.ANSWERABLE,
        # Where it is put right without a report.
        "way": telling.way_of(found) if found.area == Area.CHANGE else None,
    }


def _incident_url(found: SecurityEvent) -> str:
    """Give the page of the report of an event, or that the event tells of; "" for none."""
    incident = incident_of(found)
    name = incident.pk if incident else found.details.get("incident")
    return reverse("activity:incident", args=[name]) if name else ""


def _origin(request: OwnerRequest, found: SecurityEvent) -> IncidentOrigin:
    return incidents.origin_of(request.session.row, request.user, found)
