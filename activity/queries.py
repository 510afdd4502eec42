"""What the owner and the apps above ask of the events."""

import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Max, OuterRef, Q, QuerySet, Subquery

from accounts.models import User
from accounts.queries import NOBODY
from activity import policy
from activity.enums import Area, EventKind, OwnerVerdict
from activity.models import Incident, SecurityEvent
from activity.useragents import Agent

# What an attacker who is inside changes first (design.md section 2, "Age beats presence").
CHANGES = (
    EventKind.PASSWORD_CHANGED,
    # A roll-back may be a thief's too, and is one change whoever made it.
    EventKind.PASSWORD_SPENT,
    EventKind.CONTACT_ADDED,
    EventKind.CONTACT_REMOVED,
    EventKind.CONTACT_SUSPENDED,
    EventKind.CONTACT_RESTORED,
    EventKind.CONTACT_MARKED,
    EventKind.PRIMARY_CHANGED,
    EventKind.CONTACTS_REPLACED,
    EventKind.AUTHENTICATOR_ADDED,
    EventKind.AUTHENTICATOR_REMOVED,
    EventKind.AUTHENTICATOR_SUSPENDED,
    EventKind.AUTHENTICATOR_RESTORED,
    EventKind.TWO_STEP_ON,
    EventKind.TWO_STEP_OFF,
    EventKind.RECOVERY_CODES_MADE,
    # A recovery sets a new password or takes the second step away.
    EventKind.TICKET_COMPLETED,
    EventKind.SECOND_STEP_RESET,
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


@dataclass(frozen=True)
class Before:
    """The last sign-in before another that is taken for the owner's: when, and from where.

    country: ISO 3166-1 alpha-2 or "". place: words or "".
    """

    at: datetime
    country: str
    place: str


@dataclass(frozen=True)
class Known:
    """An event with what came before it; before: None where nothing that is kept did."""

    event: SecurityEvent
    before: Before | None


@dataclass(frozen=True)
class SignIns:
    """Sign-ins, added up. Each dictionary counts how many of them had what.

    places: (ISO 3166-1 alpha-2 or "", words of the place or ""). agents: what the browser said it
    was. networks: as Client.network has them.
    """

    count: int
    last_at: datetime | None
    places: dict[tuple[str, str], int]
    agents: dict[Agent, int]
    networks: dict[str, int]


@dataclass(frozen=True)
class Seen:
    """How many past sign-ins there are, and how many came from this network, country, device."""

    sign_ins: int
    network: int
    country: int
    device: int


def page_of_events(
    user: User,
    *,
    since: datetime,
    area: str = "",
    is_unanswered: bool = False,
    before: Key | None = None,
    after: Key | None = None,
    size: int,
) -> Page:
    """Give one page of an account's events; one query, at any depth of the list.

    before: the page of what is older than this key; after: of what is newer; neither: the newest.
    since: nothing older is shown. area: this one alone, "" for all. is_unanswered: only what its
    owner has not answered.
    """
    rows = SecurityEvent.objects.filter(user=user, at__gte=since)
    if area:
        rows = rows.filter(area=area)
    if is_unanswered:
        rows = rows.filter(_UNANSWERED)
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


def known_of(user: User, event_id: uuid.UUID) -> Known | None:
    """Give the same with what came before it; one query."""
    found = _with_before(SecurityEvent.objects.filter(user=user, pk=event_id)).first()
    return _known(found) if found else None


def incident_of(event: SecurityEvent) -> Incident | None:
    """Give the last report of an event; one query, and none for what was not reported."""
    if event.verdict != OwnerVerdict.NOT_ME:
        return None
    return Incident.objects.filter(event=event, user=event.user_id).order_by("-opened_at").first()


def unanswered_of(user: User, since: datetime) -> QuerySet[SecurityEvent]:
    """Give the unusual events that the owner has not answered, newest first."""
    rows = SecurityEvent.objects.filter(_UNANSWERED, user=user, at__gte=since)
    return rows.order_by("-at", "-id")


def unusual_of(user: User, since: datetime, limit: int = policy.UNUSUAL_SHOWN + 1) -> list[Known]:
    """Give the newest of them with what came before each; one query."""
    return [_known(row) for row in _with_before(unanswered_of(user, since))[:limit]]


def export_of(user: User, since: datetime) -> Iterator[SecurityEvent]:
    """Give all events, newest first, a thousand in memory at a time; one query."""
    rows = SecurityEvent.objects.filter(user=user, at__gte=since).order_by("-at", "-id")
    return rows.iterator(chunk_size=policy.EXPORT_BATCH)


def has_changed_recently(user: User, since: datetime, until: datetime) -> bool:
    """Tell whether password, contacts or authenticators were changed in [since, until)."""
    changes = SecurityEvent.objects.filter(user=user, kind__in=CHANGES)
    return changes.filter(at__gte=since, at__lt=until).exists()


def first_change_since(user: User | None, since: datetime, until: datetime) -> datetime | None:
    """Give the moment before the oldest change of [since, until); None where nothing was changed.

    What it changed carries a time a little before that of its event, in the same transaction: that
    much earlier is the moment given. One query, for nobody too.
    """
    changes = _events_of(user).filter(kind__in=CHANGES, at__gte=since, at__lt=until)
    oldest = changes.order_by("at").values_list("at", flat=True).first()
    return oldest - policy.RECORDED_WITHIN if oldest else None


def sign_ins_before(user: User | None, until: datetime, since: datetime) -> SignIns:
    """Give the account's sign-ins of [since, until), added up; one query, for nobody too.

    Complete ones alone; a flagged or disputed one is no history of the owner's.
    """
    groups = (
        _trusted_sign_ins(user)
        .filter(at__gte=since, at__lt=until)
        .values_list("country", "place", "browser", "system", "device", "network")
        .annotate(count=Count("pk"), last_at=Max("at"))
        .order_by()
    )
    places: Counter[tuple[str, str]] = Counter()
    agents: Counter[Agent] = Counter()
    networks: Counter[str] = Counter()
    last_at = None
    for country, place, browser, system, device, network, count, at in groups:
        places[country, place] += count
        agents[Agent(browser=browser, system=system, device=device)] += count
        networks[network] += count
        last_at = max(last_at or at, at)
    return SignIns(
        count=agents.total(),
        last_at=last_at,
        places=dict(places),
        agents=dict(agents),
        networks=dict(networks),
    )


def was_seen(
    user: User | None, *, network: str, country: str, device: str, until: datetime
) -> Seen:
    """Count the sign-ins before ``until`` that came from where somebody asks now.

    device: the digest of a device cookie (Client.device). What is empty was seen nowhere. One
    query, for nobody too.
    """
    asked = {"network": network, "country": country, "device_hash": device}
    columns = {
        f"from_{name}": Count("pk", filter=Q(**{name: value}) & ~Q(**{name: ""}))
        for name, value in asked.items()
    }
    counted = _trusted_sign_ins(user).filter(at__lt=until).aggregate(count=Count("pk"), **columns)
    return Seen(
        sign_ins=counted["count"],
        network=counted["from_network"],
        country=counted["from_country"],
        device=counted["from_device_hash"],
    )


def _events_of(user: User | None) -> QuerySet[SecurityEvent]:
    """Give an account's events; those of unknown accounts belong to nobody."""
    return SecurityEvent.objects.filter(user_id=user.pk if user else NOBODY)


def _trusted_sign_ins(user: User | None) -> QuerySet[SecurityEvent]:
    return _events_of(user).filter(_MINE, kind=EventKind.SIGNED_IN)


# As the condition of the index activity_event_unanswered.
_UNANSWERED = Q(is_unusual=True, verdict="")
# Sign-ins that are taken for the owner's.
_MINE = Q(is_unusual=False, verdict="") | Q(verdict=OwnerVerdict.ME)


def _with_before(rows: QuerySet[SecurityEvent]) -> QuerySet[SecurityEvent]:
    """Add what ``_known`` reads: of each row the last trusted sign-in before it.

    Three probes of the index of sign-ins for each row, at any history.
    """
    before = (
        SecurityEvent.objects.filter(
            _MINE, user=OuterRef("user"), area=Area.SIGN_IN, at__lt=OuterRef("at")
        )
        .filter(kind=EventKind.SIGNED_IN)
        .order_by("-at", "-id")
    )
    # The type of the rows themselves stays: what is added is read by ``_known`` alone.
    added: Any = rows.annotate(
        before_at=Subquery(before.values("at")[:1]),
        before_country=Subquery(before.values("country")[:1]),
        before_place=Subquery(before.values("place")[:1]),
    )
    found: QuerySet[SecurityEvent] = added
    return found


def _known(row: Any) -> Known:
    before = None
    if row.before_at:
        before = Before(at=row.before_at, country=row.before_country, place=row.before_place)
    return Known(event=row, before=before)


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
