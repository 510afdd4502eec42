"""What accounts forgets, and when."""

from django.utils import timezone

from accounts import policy
from accounts.models import Budget, Challenge, KnownNetwork, SignUp
from accounts.session_store import SessionStore


def prune() -> dict[str, int]:
    """Delete what has outlived its use; gives how many rows, by table. Safe to run twice."""
    now = timezone.now()
    doomed = {
        "budgets": Budget.objects.filter(window_ends_at__lte=now),
        "challenges": Challenge.objects.filter(
            expires_at__lte=now - policy.RETENTION["challenges"]
        ),
        "sign_ups": SignUp.objects.filter(created_at__lte=now - policy.RETENTION["sign_ups"]),
        "networks": KnownNetwork.objects.filter(
            last_day__lt=(now - policy.RETENTION["networks"]).date()
        ),
    }
    SessionStore.clear_expired()
    return {name: rows.delete()[0] for name, rows in doomed.items()}
