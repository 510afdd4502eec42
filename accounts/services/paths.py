"""Where a person goes next: a path of ours that was asked for, else the usual one."""

from django.conf import settings
from django.http import HttpRequest
from django.shortcuts import resolve_url
from django.utils.http import url_has_allowed_host_and_scheme, urlencode


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


def with_next(path: str, next_path: str) -> str:
    """Give a path of ours that goes on to ``next_path``; as it is for ""."""
    return f"{path}?{urlencode({'next': next_path})}" if next_path else path
