"""Take back what was changed on an account since somebody else may have been in it.

All inside the caller's transaction, which holds the account's lock; each raises the epoch.
"""

from dataclasses import dataclass, field
from datetime import datetime

from accounts.client import Client
from accounts.models import User


@dataclass(frozen=True)
class RolledBack:
    """What was done. contacts: keys. authenticators: "<kind>:<key>"."""

    sessions: int = 0
    browsers: int = 0
    suspended_contacts: list[int] = field(default_factory=list)
    restored_contacts: list[int] = field(default_factory=list)
    suspended_authenticators: list[str] = field(default_factory=list)
    has_spent_password: bool = False


def since(user: User, at: datetime, *, client: Client, keep_session: str = "") -> RolledBack:
    """End sessions but ``keep_session`` (a SHA-256), and suspend what was added since ``at``.

    What was removed since is put back, and counts for nothing until its owner confirms it. The
    password opens nothing any more.
    """
    raise NotImplementedError


def take_back(user: User, done: RolledBack, *, client: Client) -> None:
    """Let everything stand as before the roll-back, but the sessions that it ended."""
    raise NotImplementedError
