"""What an account's mode forbids, and how modes begin and end."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts import errors, hooks, policy, signals
from accounts.client import Client
from accounts.enums import Action, Mode
from accounts.models import User, UserSession
from accounts.services import sessions


def require(user: User, action: Action, *, is_strong: bool = False) -> None:
    """Raise Forbidden unless the account's mode, as stored now, allows ``action``.

    While a claim stands on the account that may be the owner's, it acts as contested: a thief in a
    session must not answer the claim with changes. is_strong: the session has shown two strong
    proofs (step_up.is_strong), for which a standing claim is no obstacle; a mode is.
    """
    user.refresh_from_db(fields=list(sessions.MODE_FIELDS))
    require_as_read(user, action, is_strong=is_strong)


def lock(user: User, action: Action, *, is_strong: bool = False) -> None:
    """Take the account's lock, as ``sessions.lock_account`` does, and require the same under it."""
    sessions.lock_account(user)
    require_as_read(user, action, is_strong=is_strong)


def require_as_read(user: User, action: Action, *, is_strong: bool = False) -> None:
    """Require the same of ``user`` as it was read: before the lock, under which it is asked again.

    A claim is asked for as it stands now.
    """
    if action not in policy.MODES[user.mode]:
        raise errors.Forbidden
    # Asked last, and only where it matters: it costs a query in the app above.
    is_open = is_strong or action in policy.MODES[Mode.CONTESTED]
    if not is_open and hooks.is_disputed(user):
        raise errors.Forbidden


def allowed(user: User, *, is_strong: bool = False) -> frozenset[Action]:
    """Give what ``require`` lets ``user``, as it was read, do: for pages, which offer no more."""
    by_mode = policy.MODES[user.mode]
    if not is_strong and by_mode - policy.MODES[Mode.CONTESTED] and hooks.is_disputed(user):
        return by_mode & policy.MODES[Mode.CONTESTED]
    return by_mode


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
