"""A fresh sign that it is still the same person, for what matters most."""

from datetime import datetime

from django.contrib.sessions.backends.base import SessionBase
from django.utils import timezone

from accounts import errors, policy
from accounts.client import Client
from accounts.models import User
from accounts.services import budgets, failures, passwords, totp

STEP_UP_AT = "step_up_at"


def confirm(
    session: SessionBase, user: User, password: str, token: str | None, *, client: Client
) -> None:
    """Check the password, and the app's code where there is an app; remember it for a while.

    token: None where the account has no app. The session gets a new key.
    Raises WrongPassword, WrongToken, LimitReached, HashingBusy.
    """
    budgets.consume(policy.PASSWORD_CONFIRMATIONS, str(user.pk))
    if not passwords.check(user, password):
        raise errors.WrongPassword
    if token is not None:
        totp.verify(user, token, client=client, pool=failures.pool_of(user, client))
    session.cycle_key()
    session[STEP_UP_AT] = timezone.now().isoformat()


def is_fresh(session: SessionBase, now: datetime) -> bool:
    """Tell whether the person confirmed a moment ago (policy.STEP_UP_LIVES)."""
    at = session.get(STEP_UP_AT)
    return at is not None and now - datetime.fromisoformat(at) <= policy.STEP_UP_LIVES


def spend(session: SessionBase) -> None:
    """Forget it: one confirmation pays for one new contact or authenticator."""
    session.pop(STEP_UP_AT, None)
