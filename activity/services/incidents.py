"""Act on "this wasn't me", and take that back (design.md section 3)."""

from accounts.client import Client
from accounts.models import User
from activity.models import Incident, ReportLink, SecurityEvent


def report_in_session(user: User, event: SecurityEvent, *, client: Client) -> Incident:
    """Say in a session that an event was not its owner; raises NothingToReport, AccountChanged.

    In a session that is older than what it reports: ends the others, suspends younger changes,
    stops accepting the password. The view keeps the pressing session (sessions.keep). In a younger
    one: pauses the account, this session included.
    """
    raise NotImplementedError


def report_by_link(link: ReportLink, *, client: Client) -> Incident:
    """Pause the account, or only tell staff where the contact has no say; raises DeadReport."""
    raise NotImplementedError


def take_back(incident: Incident, *, client: Client) -> None:
    """Undo what a report did, while that is possible; raises TooLateToTakeBack."""
    raise NotImplementedError
