"""What must be true before staff may decide requests (``manage.py check``)."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Tags, register
from django.db import DatabaseError, transaction
from django.db.models import Q

from accounts.models import User
from recovery import eligibility, policy, promises


@register(Tags.security, deploy=True)
def warn_of_one_person(
    app_configs: Sequence[AppConfig] | None, **_kwargs: Any
) -> list[CheckMessage]:
    """Warn where one person may give an account away (``recovery.W001``)."""
    if not settings.ONE_PERSON_FOR_LOW_RISK:
        return []
    return [
        checks.Warning(
            "ONE_PERSON_FOR_LOW_RISK lets a single member of staff approve from answers alone.",
            hint="Leave it unset, so that two people decide independently.",
            id="recovery.W001",
        )
    ]


@register(Tags.database)
def warn_of_too_few_people(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None = None, **_kwargs: Any
) -> list[CheckMessage]:
    """Warn where nobody could agree on a request (``recovery.W002``, ``recovery.W003``).

    Nothing falls back to one person: requests wait, and pages promise no date.
    """
    if not databases or "default" not in databases:
        return []
    try:
        with transaction.atomic():
            return _too_few_people()
    except DatabaseError:
        return []  # `migrate` runs the checks before it makes the tables


def _too_few_people() -> list[CheckMessage]:
    found: list[CheckMessage] = []
    if not User.objects.exists():
        return found  # nothing is set up yet, and nobody could ask for anything
    if not promises.has_enough_people():
        found.append(
            checks.Warning(
                "Fewer than two people can decide requests, or none of them may approve.",
                hint="Make staff with `manage.py create_staff`, roles approver and reviewer.",
                id="recovery.W002",
            )
        )
    if (
        eligibility.count_with(eligibility.REVIEW, only=Q(is_superuser=True))
        < policy.PEOPLE_AT_LEAST
    ):
        found.append(
            checks.Warning(
                "Fewer than two superusers: no protected account could be recovered.",
                hint="Make a second one with `manage.py create_staff --role superuser`.",
                id="recovery.W003",
            )
        )
    return found
