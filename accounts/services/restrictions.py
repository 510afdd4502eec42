"""What an account's mode forbids, and how modes begin and end."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts import errors, policy, signals
from accounts.client import Client
from accounts.enums import Action
from accounts.models import User, UserSession
from accounts.services import sessions


def require(user: User, action: Action) -> None:
    """Raise Forbidden unless the account's mode, as stored now, allows ``action``."""
    mode_fields = ["frozen_at", "contested_at", "restricted_until"]
    user.refresh_from_db(fields=mode_fields)
    if action not in policy.MODES[user.mode]:
        raise errors.Forbidden


def freeze(user: User, cause: str, client: Client) -> bool:
    """Pause the account and sign everybody out; False when it is paused already.

    cause: a stable word. The way out is a recovery.
    """
    now = timezone.now()
    with transaction.atomic():
        rows = User.objects.filter(pk=user.pk, frozen_at=None)
        if not rows.update(frozen_at=now, frozen_cause=cause):
            return False
        user.frozen_at, user.frozen_cause = now, cause
        sessions.raise_epoch(user)
        UserSession.objects.filter(user=user).delete()
        signals.account_frozen.send(sender=User, user=user, client=client, cause=cause)
    return True


def unfreeze(user: User, cause: str, client: Client) -> bool:
    """Let a paused account go on; False when it was not paused."""
    with transaction.atomic():
        rows = User.objects.filter(pk=user.pk, frozen_at__isnull=False)
        if not rows.update(frozen_at=None, frozen_cause=""):
            return False
        user.frozen_at, user.frozen_cause = None, ""
        signals.account_unfrozen.send(sender=User, user=user, client=client, cause=cause)
    return True


def restrict(user: User, until: datetime) -> None:
    """Restrict the account until then; a longer restriction that stands is kept."""
    rows = User.objects.filter(pk=user.pk).exclude(restricted_until__gte=until)
    rows.update(restricted_until=until)
    user.refresh_from_db(fields=["restricted_until"])


def contest(user: User) -> None:
    """Mark the account contested; the first mark keeps its time."""
    User.objects.filter(pk=user.pk, contested_at=None).update(contested_at=timezone.now())
    user.refresh_from_db(fields=["contested_at"])


def uncontest(user: User) -> None:
    """Take the mark away."""
    User.objects.filter(pk=user.pk).update(contested_at=None)
    user.contested_at = None
