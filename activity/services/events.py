"""Keep what happened on an account."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from accounts.client import Client
from accounts.hooks import Assessment
from accounts.models import User
from activity import places, useragents
from activity.enums import EventKind
from activity.models import SecurityEvent


def record_event(
    user: User | None,
    kind: EventKind,
    *,
    client: Client,
    at: datetime | None = None,
    assessment: Assessment | None = None,
    is_learned: bool = False,
    **details: Any,
) -> SecurityEvent:
    """Write one event, with one INSERT, in the caller's transaction.

    assessment: how a sign-in was judged, frozen in. is_learned: the caller adds it to the counts of
    its account (services.learning).

    Place and device are frozen in, because databases and names change while the fact does not.
    user: None for an account that does not exist; the work is the same.
    details: references and coded words for JSON; never an address, code, token or answer.
    """
    event = build_event(user, kind, client, at or timezone.now(), details)
    event.is_learned = is_learned
    if assessment and assessment.model:
        event.score, event.reasons = assessment.score, list(assessment.reasons)
        event.risk_model, event.is_unusual = assessment.model, assessment.is_unusual
    event.save(force_insert=True)
    return event


def record_events(
    user: User | None, kinds: list[EventKind], *, client: Client, **details: Any
) -> None:
    """Write what happened at once, in this order, with one INSERT; see ``record_event``."""
    now = timezone.now()
    # A microsecond apart, so that the page shows them in the order in which they happened.
    SecurityEvent.objects.bulk_create(
        build_event(user, kind, client, now + timedelta(microseconds=place), details)
        for place, kind in enumerate(kinds)
    )


def build_event(
    user: User | None, kind: EventKind, client: Client, at: datetime, details: dict[str, Any]
) -> SecurityEvent:
    """Give the unsaved row of one event, for those who write many at once."""
    place = places.find(client.address)
    agent = useragents.read(client.agent)
    more = useragents.read_hints(client.agent, client.hints)
    # Words alone: what is compared stays what the header says (docs/decisions/0066).
    hinted = {"system_words": more.system, "model": more.model}
    return SecurityEvent(
        user=user,
        kind=kind,
        area=EventKind(kind).area,
        at=at,
        address=client.address or None,
        network=client.network,
        country=place.country,
        place=place.words,
        latitude=place.latitude,
        longitude=place.longitude,
        browser=agent.browser,
        system=agent.system,
        device=agent.device,
        device_hash=client.device,
        details=details | {name: word for name, word in hinted.items() if word},
    )
