"""Where a person goes next."""

from django.conf import settings
from django.http import HttpRequest
from django.shortcuts import resolve_url
from django.utils.http import url_has_allowed_host_and_scheme


def own_path(request: HttpRequest) -> str:
    """Give the path of ours that ``next`` asks for, "" for none and for any other site."""
    wanted = request.GET.get("next", "")
    is_path = wanted.startswith("/")
    # No host is allowed at all, so that only paths are left; "//host" and "/\host" are none.
    is_ours = is_path and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
    return wanted if is_ours else ""


def after_sign_in(next_path: str) -> str:
    """Give where to go after signing in."""
    return next_path or resolve_url(settings.LOGIN_REDIRECT_URL)
