"""What accounts forgets, and when."""

from datetime import datetime
from typing import Any

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.utils import timezone

from accounts import policy
from accounts.models import (
    Budget,
    Challenge,
    CodeDevice,
    ContactUndo,
    FormerPassword,
    FormerProfile,
    KnownNetwork,
    Passkey,
    RecoveryCodeSet,
    SignUp,
    TotpDevice,
    TrustedBrowser,
    UserSession,
)
from outbox.services.retention import delete_in_batches


def prune() -> dict[str, int]:
    """Delete what has outlived its use; gives how many rows, by table. Safe to run twice."""
    now = timezone.now()
    gone = {"removed_at__lte": now - policy.RETENTION["authenticators"]}
    doomed: dict[str, QuerySet[Any]] = {
        "budgets": Budget.objects.filter(window_ends_at__lte=now),
        "challenges": Challenge.objects.filter(
            expires_at__lte=now - policy.RETENTION["challenges"]
        ),
        "sign_ups": SignUp.objects.filter(created_at__lte=now - policy.RETENTION["sign_ups"]),
        "networks": KnownNetwork.objects.filter(
            last_day__lt=(now - policy.RETENTION["networks"]).date()
        ),
        "former_passwords": _former_passwords_too_many(now),
        "former_profiles": FormerProfile.objects.filter(
            replaced_at__lte=now - policy.RETENTION["former_profiles"]
        ),
        "sessions": UserSession.objects.filter(expire_date__lte=now),
        "trusted_browsers": TrustedBrowser.objects.filter(expires_at__lte=now),
        "undo_links": ContactUndo.objects.filter(expires_at__lte=now),
        "set_ups": TotpDevice.objects.filter(
            confirmed=False,
            made_at__isnull=True,
            begun_at__lte=now - policy.TOTP_SET_UP_LIVES,
        ),
        "passkeys": Passkey.objects.filter(**gone),
        "apps": TotpDevice.objects.filter(**gone),
        "sent_codes": CodeDevice.objects.filter(**gone),
        "printed_codes": RecoveryCodeSet.objects.filter(**gone),
    }
    return {name: delete_in_batches(rows) for name, rows in doomed.items()}


def _former_passwords_too_many(now: datetime) -> QuerySet[FormerPassword]:
    """Give the hashes that no rule looks at any more.

    Those replaced lately stay, and of each account the youngest that were replaced before.
    """
    younger = FormerPassword.objects.filter(
        user=OuterRef("user"),
        replaced_at__gt=OuterRef("replaced_at"),
        replaced_at__lte=now - policy.RETENTION["former_passwords"],
    )
    count = younger.order_by().values("user").annotate(number=Count("pk")).values("number")
    return FormerPassword.objects.annotate(younger=Subquery(count)).filter(
        younger__gte=policy.PASSWORDS_REMEMBERED
    )
