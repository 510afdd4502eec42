"""Facts of accounts that bear on a recovery."""

from typing import Any

from django.dispatch import receiver

from accounts import signals
from accounts.client import Client
from accounts.models import Passkey, User
from activity import signals as activity_signals
from activity.models import Incident
from recovery.services import objections, reports


@receiver(signals.signed_in, dispatch_uid="recovery.signed_in")
def object_by_old_passkey(
    sender: Any, *, user: User, client: Client, second_step: Any = None, **kwargs: Any
) -> None:
    """Let an old passkey stop a claim; no other way to sign in does, for a thief may have it."""
    if isinstance(second_step, Passkey):
        objections.object_by_passkey(user, second_step, client=client)


@receiver(activity_signals.incident_reported, dispatch_uid="recovery.incident_reported")
def object_by_report(
    sender: Any, *, user: User, client: Client, incident: Incident, **kwargs: Any
) -> None:
    """Let a report stop claims or hand them to people; taking it back changes nothing here."""
    reports.answer(user, incident, client=client)
