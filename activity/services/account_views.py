"""Keep who of the staff saw whose account: they decide nothing on it for a while."""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from activity.models import AccountView
from activity.services import audit


def note(staff: User, users: Sequence[UUID], *, page: str, is_list: bool) -> None:
    """Note that ``staff`` saw these accounts, and chain one entry.

    page: the table whose page it was ("user", "contact", "securityevent").
    """
    if not users:
        return
    now = timezone.now()
    with transaction.atomic():
        # In one order for all, so that two who look at the same lists do not lock each other out.
        AccountView.objects.bulk_create(
            [AccountView(staff=staff, user_id=user, last_at=now) for user in sorted(users)],
            update_conflicts=True,
            unique_fields=["staff", "user"],
            update_fields=["last_at"],
        )
        audit.append(
            actor=f"user:{staff.pk}",
            action="accounts:list:viewed" if is_list else "accounts:account:viewed",
            subject="" if is_list else f"user:{users[0]}",
            details={"page": page} | ({"users": [str(user) for user in users]} if is_list else {}),
        )
