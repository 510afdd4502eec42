"""Who reports: sessions and contacts of any age, and the links of notices."""

from datetime import timedelta
from itertools import count

from django.utils import timezone

from accounts.client import Client
from accounts.models import Contact, User, UserSession
from accounts.tests.factories import make_client, make_device
from activity.models import ReportLink, SecurityEvent
from activity.services import report_links
from vault import digests

DAY = timedelta(days=1)
_numbers = count(1)


def make_session(
    user: User, *, age: timedelta = 2 * DAY, device_age: timedelta = 300 * DAY, address="10.0.0.1"
) -> Client:
    """Sign ``user`` in so long ago, in a browser that is known for so long; gives who asks."""
    number, now = next(_numbers), timezone.now()
    device = make_device(user, f"device-{number}", first_seen_at=now - device_age)
    key = digests.token_hash(f"session-{number}")
    UserSession.objects.create(
        session_key=key,
        user=user,
        device=device,
        signed_in_at=now - age,
        expire_date=now + DAY,
        session_data="",
    )
    return make_client(address, device=f"device-{number}", session=key)


def link_to(contact: Contact | None, event: SecurityEvent) -> ReportLink:
    """Give the link that a notice of this event carried to the contact."""
    return report_links.find(report_links.new_link(event, contact, timezone.now()))
