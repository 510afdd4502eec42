"""Sign-ins that are half done: kept in the browser's own session, dead with the epoch."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from django.contrib.sessions.backends.base import SessionBase
from django.utils import timezone

from accounts import errors, policy
from accounts.enums import FailurePool, SignInStage
from accounts.models import User

KEY = "half_done_sign_in"


@dataclass(frozen=True)
class Stage:
    """What waits for its next step.

    name: random, for the code that is mailed; "" where somebody who is signed in shows the second
    step again. keep: "keep me signed in". next: a path of ours or
    "". pool: whose failures its wrong codes are. shown: kinds of authenticators shown so far.
    """

    user: User
    kind: SignInStage
    name: str
    pool: FailurePool
    keep: bool
    next: str
    shown: tuple[str, ...]

    @property
    def subject(self) -> str:
        """Who is asked for the mailed code."""
        return f"sign_in:{self.name}"


def begin(
    session: SessionBase,
    user: User,
    kind: SignInStage,
    *,
    pool: FailurePool,
    keep: bool,
    next_path: str,
) -> Stage:
    """Remember that the password was right, under a new session key."""
    session.cycle_key()
    session[KEY] = {
        "user": str(user.pk),
        "epoch": user.epoch,
        "at": timezone.now().isoformat(),
        "kind": str(kind),
        "name": secrets.token_urlsafe(16),
        "pool": str(pool),
        "keep": keep,
        "next": next_path,
        "shown": ["password"],
    }
    return current(session)


def current(session: SessionBase) -> Stage:
    """Give the half-done sign-in of this browser; raises StageLost when it is over.

    It is over after policy.HALF_DONE_SIGN_IN, and at once when the account changed its password,
    contacts or authenticators, was recovered, paused or switched off.
    """
    kept = session.get(KEY)
    if kept is None:
        raise errors.StageLost
    is_old = timezone.now() - datetime.fromisoformat(kept["at"]) > policy.HALF_DONE_SIGN_IN
    user = User.objects.filter(
        pk=kept["user"], epoch=kept["epoch"], is_active=True, frozen_at=None
    ).first()
    if is_old or user is None:
        drop(session)
        raise errors.StageLost
    return Stage(
        user=user,
        kind=SignInStage(kept["kind"]),
        name=kept["name"],
        pool=FailurePool(kept["pool"]),
        keep=kept["keep"],
        next=kept["next"],
        shown=tuple(kept["shown"]),
    )


def advance(session: SessionBase, kind: SignInStage, *, shown: str) -> None:
    """Go on to the next step after ``shown`` was accepted; the clock does not begin anew."""
    session[KEY] = session[KEY] | {"kind": str(kind), "shown": [*session[KEY]["shown"], shown]}
    session.cycle_key()


def drop(session: SessionBase) -> None:
    """Forget the half-done sign-in."""
    session.pop(KEY, None)
