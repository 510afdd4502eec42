"""Keep what happened on an account."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from accounts.client import Client
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
    **details: Any,
) -> SecurityEvent:
    """Write one event, with one INSERT, in the caller's transaction.

    Place and device are frozen in, because databases and names change while the fact does not.
    user: None for an account that does not exist; the work is the same.
    details: references and coded words for JSON; never an address, code, token or answer.
    """
    place = places.find(client.address)
    agent = useragents.read(client.agent)
    return SecurityEvent.objects.create(
        user=user,
        kind=kind,
        at=at or timezone.now(),
        address=client.address or None,
        network=client.network,
        country=place.country,
        place=place.words,
        browser=agent.browser,
        system=agent.system,
        device=agent.device,
        device_hash=client.device,
        details=details,
    )
