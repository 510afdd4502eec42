"""A fresh sign that it is still the same person, for what matters most."""

from datetime import datetime

from django.contrib.sessions.backends.base import SessionBase

from accounts import policy

STEP_UP_AT = "step_up_at"


def note(session: SessionBase, now: datetime) -> None:
    """Remember that the person has just confirmed; under a new session key."""
    session.cycle_key()
    session[STEP_UP_AT] = now.isoformat()


def is_fresh(session: SessionBase, now: datetime) -> bool:
    """Tell whether the person confirmed a moment ago (policy.STEP_UP_LIVES)."""
    at = session.get(STEP_UP_AT)
    return at is not None and now - datetime.fromisoformat(at) <= policy.STEP_UP_LIVES


def spend(session: SessionBase) -> None:
    """Forget it: one confirmation pays for one new contact or authenticator."""
    session.pop(STEP_UP_AT, None)
