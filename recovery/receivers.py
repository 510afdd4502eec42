"""Facts of accounts that bear on a recovery."""

from typing import Any

from django.dispatch import receiver

from accounts import signals
from accounts.client import Client
from accounts.models import Passkey, User
from recovery.services import objections


@receiver(signals.signed_in, dispatch_uid="recovery.signed_in")
def object_by_old_passkey(
    sender: Any, *, user: User, client: Client, second_step: Any = None, **kwargs: Any
) -> None:
    """Let an old passkey stop a claim; no other way to sign in does, for a thief may have it."""
    if isinstance(second_step, Passkey):
        objections.object_by_passkey(user, second_step, client=client)
