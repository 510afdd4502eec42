"""The links by which who reads a notice says that something was not them."""

from datetime import datetime

from accounts.models import Contact
from activity.models import ReportLink, SecurityEvent


def new_link(event: SecurityEvent, contact: Contact | None, now: datetime) -> str:
    """Make a link for one message; gives its token, of which the hash is kept."""
    raise NotImplementedError


def find(token: str) -> ReportLink:
    """Give the live link of this token; raises DeadReport."""
    raise NotImplementedError
