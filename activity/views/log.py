"""The list of what happened."""

import uuid
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.decorators import signed_in_required
from accounts.middleware import OwnerRequest
from activity import policy, wording
from activity.models import SecurityEvent
from activity.queries import Key, page_of_events

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


@never_cache
@require_safe
@signed_in_required
def log(request: OwnerRequest) -> HttpResponse:
    """Show the last 30 days of the account, newest first, page by page."""
    page = page_of_events(
        request.user,
        since=timezone.now() - policy.EVENTS_SHOWN,
        before=read_key(request.GET.get("before", "")),
        after=read_key(request.GET.get("after", "")),
        size=policy.EVENTS_PER_PAGE,
    )
    context = {
        "days": _by_day(page.events),
        "newer_url": _url("after", page.newer),
        "older_url": _url("before", page.older),
    }
    return render(request, "activity/log.html", context)


def write_key(key: Key) -> str:
    """Give a key as text for a URL: microseconds since 1970, and the id."""
    return f"{(key.at - EPOCH) // MICROSECOND}-{key.id.hex}"


def read_key(text: str) -> Key | None:
    """Read what ``write_key`` wrote; None for anything else, which shows the newest page."""
    microseconds, _dash, name = text.partition("-")
    try:
        at = EPOCH + int(microseconds) * MICROSECOND
        return Key(at, uuid.UUID(hex=name))
    except (ValueError, OverflowError):
        return None


def _url(name: str, key: Key | None) -> str:
    return f"{reverse('activity:log')}?{name}={write_key(key)}" if key else ""


def _by_day(events: list[SecurityEvent]) -> list[dict[str, Any]]:
    """Group events, which come newest first, by the reader's own day."""
    days = groupby(events, key=lambda event: timezone.localtime(event.at).date())
    return [
        {"date": date, "entries": [wording.entry_of(event) for event in of_day]}
        for date, of_day in days
    ]
