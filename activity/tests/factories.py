"""Rows of activity: valid by default, no surprises."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from accounts.client import Client
from accounts.enums import ContactKind
from accounts.models import Contact, User
from activity import policy, risk
from activity.enums import EventKind, IncidentOrigin, RiskReason
from activity.models import Incident, SecurityEvent
from activity.services.events import record_event

FIREFOX_ON_WINDOWS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0"
)


def make_client(**fields: Any) -> Client:
    """Give a browser in Germany."""
    values = {
        "address": "193.99.144.80",
        "network": "193.99.144.80",
        "agent": FIREFOX_ON_WINDOWS,
        "device": "d" * 64,
    }
    return Client(**(values | fields))


def make_user(**fields: Any) -> User:
    """Give an account without contacts and password."""
    return User.objects.create(**({"first_name": "Mara"} | fields))


def make_contact(user: User, value: str, *, verified_at: datetime | None, **fields: Any) -> Contact:
    """Give an e-mail contact, unverified for None."""
    values = {
        "kind": ContactKind.EMAIL,
        "match_key": value.lower(),
        "limit_key": value.lower(),
        "verified_at": verified_at,
        "counts_from": verified_at,
    }
    return Contact.objects.create(user=user, value=value, **(values | fields))


def make_event(
    user: User | None,
    kind: EventKind = EventKind.SIGNED_IN,
    *,
    at: datetime | None = None,
    client: Client | None = None,
    **details: Any,
) -> SecurityEvent:
    """Give an event of now from Firefox in Germany."""
    return record_event(
        user, kind, client=client or make_client(), at=at or timezone.now(), **details
    )


def make_judged_event(
    user: User,
    kind: EventKind = EventKind.SIGNED_IN,
    *,
    at: datetime | None = None,
    client: Client | None = None,
    **fields: Any,
) -> SecurityEvent:
    """Give an unusual sign-in that nobody has answered yet. fields: columns of the event."""
    event = make_event(user, kind, at=at, client=client, authenticators=["password"])
    values = {
        "score": policy.UNUSUAL_FROM,
        "reasons": [RiskReason.NEW_COUNTRY],
        "risk_model": risk.MODEL,
        "is_unusual": True,
    } | fields
    if values.get("verdict"):
        values.setdefault("verdict_at", timezone.now())
    for name, value in values.items():
        setattr(event, name, value)
    event.save(update_fields=list(values))
    return event


def make_incident(user: User, event: SecurityEvent | None = None, **fields: Any) -> Incident:
    """Give an open incident that paused nothing."""
    now = timezone.now()
    values = {"origin": IncidentOrigin.LINK_WITHOUT_SAY, "since": event.at if event else now}
    return Incident.objects.create(user=user, event=event, **(values | fields))
