"""The admin: no sign-in of its own, and a second step that is not old (attacks.md 33)."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.admin import AdminSite
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, URLResolver, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import policy
from accounts.services.paths import own_path
from accounts.services.sessions import SECOND_STEP_AT


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

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """Put the pages that belong to no single table before Django's own."""
        return [url for part in self._parts() for url in part.site_urls()] + super().get_urls()

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """Give each part its pages beside its tables."""
        parts = super().get_app_list(request, app_label)
        for part in parts:
            part["pages"] = [
                page
                for table in self._parts()
                if table.opts.app_label == part["app_label"]
                for page in table.site_pages(request)
            ]
        return parts

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Start with what waits."""
        context = {**(extra_context or {})}
        for part in self._parts():
            context |= part.front_context(request)
        return super().index(request, context)

    def _parts(self) -> list[Any]:
        # Asked by name: importing ReadOnlyAdmin here would load the admin before this site.
        return [part for part in self._registry.values() if hasattr(part, "site_urls")]

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
        target = own_path(request) or reverse(f"{self.name}:index")
        if self.has_permission(request):
            return redirect(target)
        if not request.user.is_authenticated:
            return redirect_to_login(target, login_url="accounts:sign_in")
        # Sending members to the sign-in would send them back here, for ever.
        if not super().has_permission(request):
            raise PermissionDenied
        return redirect_to_login(target, login_url="accounts:verify")

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Let the portal's own sign-out do it: same post, other address."""
        return redirect("accounts:sign_out", preserve_request=True)

    def password_change(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        """Lead to the portal's own page, which keeps history and policy."""
        return redirect("accounts:password")


def _has_fresh_second_step(request: HttpRequest) -> bool:
    try:
        at = datetime.fromisoformat(request.session.get(SECOND_STEP_AT, ""))
        return timezone.now() - at <= policy.STAFF_SECOND_STEP_LIVES
    except (TypeError, ValueError):
        return False  # never written, or not by us
