"""What the owner and the apps above ask of the events."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from accounts.models import User
from activity.enums import EventKind
from activity.models import SecurityEvent

# What an attacker who is inside changes first (design.md section 2, "Age beats presence").
CHANGES = (
    EventKind.PASSWORD_CHANGED,
    EventKind.CONTACT_ADDED,
    EventKind.CONTACT_REMOVED,
    EventKind.CONTACT_SUSPENDED,
    EventKind.AUTHENTICATOR_ADDED,
    EventKind.AUTHENTICATOR_REMOVED,
)


@dataclass(frozen=True)
class Key:
    """The place of an event in the list: its time, and its id among events of one time."""

    at: datetime
    id: uuid.UUID


@dataclass(frozen=True)
class Page:
    """Events, newest first; ``newer`` and ``older`` are the keys to go on from, None at an end."""

    events: list[SecurityEvent]
    newer: Key | None
    older: Key | None


def page_of_events(
    user: User,
    *,
    since: datetime,
    before: Key | None = None,
    after: Key | None = None,
    size: int,
) -> Page:
    """Give one page of an account's events; two queries at most, at any depth of the list.

    before: the page of what is older than this key; after: of what is newer; neither: the newest.
    since: nothing older is shown.
    """
    rows = SecurityEvent.objects.filter(user=user, at__gte=since)
    if after:
        found = list(rows.filter(_newer_than(after)).order_by("at", "id")[: size + 1])
        events = found[:size][::-1]
        return _page(events, has_newer=len(found) > size, has_older=True)
    if before:
        rows = rows.filter(_older_than(before))
    found = list(rows.order_by("-at", "-id")[: size + 1])
    return _page(found[:size], has_newer=before is not None, has_older=len(found) > size)


def event_of(user: User, event_id: uuid.UUID) -> SecurityEvent | None:
    """Give one of the account's own events; None for others' and for unknown ids."""
    return SecurityEvent.objects.filter(user=user, pk=event_id).first()


def has_changed_recently(user: User, since: datetime, until: datetime) -> bool:
    """Tell whether password, contacts or authenticators were changed in [since, until)."""
    changes = SecurityEvent.objects.filter(user=user, kind__in=CHANGES)
    return changes.filter(at__gte=since, at__lt=until).exists()


def _older_than(key: Key) -> Q:
    # The first condition is what the index is searched with; the other two only part equal times.
    return Q(at__lte=key.at) & (Q(at__lt=key.at) | Q(id__lt=key.id))


def _newer_than(key: Key) -> Q:
    return Q(at__gte=key.at) & (Q(at__gt=key.at) | Q(id__gt=key.id))


def _page(events: list[SecurityEvent], *, has_newer: bool, has_older: bool) -> Page:
    if not events:
        return Page(events=[], newer=None, older=None)
    first, last = events[0], events[-1]
    return Page(
        events=events,
        newer=Key(first.at, first.id) if has_newer else None,
        older=Key(last.at, last.id) if has_older else None,
    )
