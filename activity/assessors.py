"""What accounts asks of activity while somebody signs in (SIGN_IN_ASSESSORS)."""

from accounts.client import Client
from accounts.hooks import Assessment
from accounts.models import User
from activity.risk import Features


def assess_sign_in(user: User, client: Client) -> Assessment:
    """Judge a sign-in from what was seen before; at most three statements at any history."""
    raise NotImplementedError


def features_of(client: Client) -> Features:
    """Give what of this browser and address is compared."""
    raise NotImplementedError
