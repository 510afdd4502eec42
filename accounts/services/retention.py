"""What accounts forgets, and when."""

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.utils import timezone

from accounts import policy
from accounts.models import Budget, Challenge, FormerPassword, KnownNetwork, SignUp
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
        "former_passwords": _former_passwords_too_many(),
    }
    SessionStore.clear_expired()
    return {name: rows.delete()[0] for name, rows in doomed.items()}


def _former_passwords_too_many() -> QuerySet[FormerPassword]:
    """Give the hashes that no rule looks at any more: all but the youngest of each account."""
    younger = FormerPassword.objects.filter(
        user=OuterRef("user"), replaced_at__gt=OuterRef("replaced_at")
    )
    count = younger.order_by().values("user").annotate(number=Count("pk")).values("number")
    return FormerPassword.objects.annotate(younger=Subquery(count)).filter(
        younger__gte=policy.PASSWORDS_REMEMBERED
    )
