"""What an account is used to: where its owner signed in before, and browsers of long standing."""

from datetime import timedelta

from django.utils import timezone

from accounts.models import Device, User, UserSession
from accounts.tests.factories import LONG_AGO
from activity.services import learning
from activity.tests.factories import make_event
from activity.tests.sign_ins import browser_at

SIGN_INS = 12
EACH = timedelta(days=2)
SIGNED_IN_AGO = timedelta(days=9)


def live_in_germany(user: User) -> None:
    """Let the owner have signed in from home for weeks, always with one browser."""
    now = timezone.now()
    for number in range(SIGN_INS, 0, -1):
        at = now - number * EACH
        event = make_event(user, at=at, client=browser_at(), authenticators=["password"])
        learning.learn(event)


def grow_old(user: User) -> None:
    """Let every browser in which the account is open now be one of long standing, kept open."""
    now = timezone.now()
    Device.objects.filter(user=user).update(first_seen_at=now - LONG_AGO / 2)
    # One that is not kept would have ended long ago.
    UserSession.objects.filter(user=user).update(signed_in_at=now - SIGNED_IN_AGO, is_kept=True)
