"""What accounts forgets, and when."""

from typing import Any

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.utils import timezone

from accounts import policy
from accounts.models import (
    Budget,
    Challenge,
    FormerPassword,
    KnownNetwork,
    SignUp,
    UserSession,
)
from outbox.services.retention import delete_in_batches


def prune() -> dict[str, int]:
    """Delete what has outlived its use; gives how many rows, by table. Safe to run twice."""
    now = timezone.now()
    doomed: dict[str, QuerySet[Any]] = {
        "budgets": Budget.objects.filter(window_ends_at__lte=now),
        "challenges": Challenge.objects.filter(
            expires_at__lte=now - policy.RETENTION["challenges"]
        ),
        "sign_ups": SignUp.objects.filter(created_at__lte=now - policy.RETENTION["sign_ups"]),
        "networks": KnownNetwork.objects.filter(
            last_day__lt=(now - policy.RETENTION["networks"]).date()
        ),
        "former_passwords": _former_passwords_too_many(),
        "sessions": UserSession.objects.filter(expire_date__lte=now),
    }
    return {name: delete_in_batches(rows) for name, rows in doomed.items()}


def _former_passwords_too_many() -> QuerySet[FormerPassword]:
    """Give the hashes that no rule looks at any more: all but the youngest of each account."""
    younger = FormerPassword.objects.filter(
        user=OuterRef("user"), replaced_at__gt=OuterRef("replaced_at")
    )
    count = younger.order_by().values("user").annotate(number=Count("pk")).values("number")
    return FormerPassword.objects.annotate(younger=Subquery(count)).filter(
        younger__gte=policy.PASSWORDS_REMEMBERED
    )
