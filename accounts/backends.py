"""How Django finds the user of a session; it never checks a password."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest

from accounts.models import User


class StagedBackend(ModelBackend):
    """Permissions and session users as Django keeps them; sign-in only by services.sign_in.

    ``authenticate`` would check a password past the stages, budgets and freezes.
    """

    def authenticate(  # type: ignore[override]
        self, request: HttpRequest | None, **credentials: Any
    ) -> None:
        """Refuse."""

    def user_can_authenticate(self, user: User | None) -> bool:  # type: ignore[override]
        """Tell whether a session of this user still counts."""
        return user is not None and user.is_active and user.frozen_at is None
