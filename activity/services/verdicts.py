"""Keep that something was its owner."""

from accounts.client import Client
from accounts.models import User
from activity.models import ReportLink, SecurityEvent


def vouch_in_session(user: User, event: SecurityEvent, *, client: Client) -> bool:
    """Keep that an event was its owner; tells whether it is believed from now on.

    A session that is not older than the event, or young, is heard and teaches nothing. Raises
    NothingToReport.
    """
    raise NotImplementedError


def vouch_by_link(link: ReportLink, *, client: Client) -> bool:
    """Keep the same for who reads a contact of the account; raises DeadReport."""
    raise NotImplementedError
