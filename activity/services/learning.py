"""Teach the counts what was seen; unteach them what was disputed."""

from accounts.client import Client
from activity.models import SecurityEvent


def learn(event: SecurityEvent, client: Client) -> None:
    """Add a sign-in to the counts of its account, once, in the caller's transaction."""
    raise NotImplementedError


def vouch(event: SecurityEvent) -> None:
    """Learn what the owner says was them, and keep quiet about its pattern from now on."""
    raise NotImplementedError


def unlearn(event: SecurityEvent) -> None:
    """Take a disputed sign-in out of the counts again, and the vouching for its pattern."""
    raise NotImplementedError


def count_due(limit: int = 1000) -> int:
    """Add what was learned since to the counts of all accounts; gives how many sign-ins."""
    raise NotImplementedError


def rebuild() -> int:
    """Make both counts anew from the events that are kept; gives how many sign-ins."""
    raise NotImplementedError
