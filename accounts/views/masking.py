"""Addresses as this browser may see them: a thief's browser is always new to the account."""

from django.utils import timezone

from accounts import queries
from accounts.middleware import OwnerRequest
from accounts.services import sessions


def is_young(request: OwnerRequest) -> bool:
    """Tell whether this browser is so new to the account that it sees addresses masked."""
    row = request.session.row
    return row is None or sessions.is_young(row, request.user, timezone.now())


def shown(request: OwnerRequest, value: str) -> str:
    """Give an address of the account, masked for a young browser."""
    return queries.mask(value) if is_young(request) else value
