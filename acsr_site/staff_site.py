"""The admin: no sign-in of its own, and a second step that is not old (attacks.md 33)."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from accounts import policy

# Written by the sign-in when a second step was right: an aware time in ISO 8601.
SECOND_STEP_KEY = "second_step_at"


class StaffSite(AdminSite):
    """Django's admin behind the portal's own sign-in."""

    # The bar on top leads to the same places and leaves lists their width.
    enable_nav_sidebar = False

    @property
    def site_header(self) -> str:  # type: ignore[override]
        return _("%(site)s staff") % {"site": settings.SITE_NAME}

    @property
    def site_title(self) -> str:  # type: ignore[override]
        return self.site_header

    def has_permission(self, request: HttpRequest) -> bool:
        """Tell whether this is active staff with a second step of the last 12 hours."""
        return (
            super().has_permission(request)
            and request.user.is_verified()  # type: ignore[union-attr]
            and _has_fresh_second_step(request)
        )

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Send on: staff to what is missing, strangers to the sign-in, members away."""
        target = self._target(request)
        if self.has_permission(request):
            return redirect(target)
        if not request.user.is_authenticated:
            return _redirect_with_next("accounts:sign_in", target)
        # Sending members to the sign-in would send them back here, for ever.
        if not super().has_permission(request):
            raise PermissionDenied
        return _redirect_with_next("accounts:verify", target)

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Let the portal's own sign-out do it: same post, other address."""
        return redirect("accounts:sign_out", preserve_request=True)

    def password_change(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        """Lead to the portal's own page, which keeps history and policy."""
        return redirect("accounts:password")

    def _target(self, request: HttpRequest) -> str:
        """Give where the person wanted to go, if that is on this site."""
        wanted = request.GET.get("next", "")
        is_ours = url_has_allowed_host_and_scheme(
            wanted, allowed_hosts=None, require_https=request.is_secure()
        )
        return wanted if is_ours else reverse(f"{self.name}:index")


def _has_fresh_second_step(request: HttpRequest) -> bool:
    try:
        at = datetime.fromisoformat(request.session.get(SECOND_STEP_KEY, ""))
        return timezone.now() - at <= policy.STAFF_SECOND_STEP_LIVES
    except (TypeError, ValueError):
        return False  # never written, or not by us


def _redirect_with_next(name: str, target: str) -> HttpResponse:
    query = QueryDict(mutable=True)
    query["next"] = target
    return redirect(f"{reverse(name)}?{query.urlencode(safe='/')}")
