"""Who is asking, in which time zone, and what happens when their session was ended meanwhile."""

import zoneinfo
from collections.abc import Callable
from datetime import timedelta
from functools import lru_cache
from typing import Any, cast
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.middleware import AuthenticationMiddleware, get_user
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.exceptions import SessionInterrupted
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.utils import timezone, translation
from django.utils.functional import SimpleLazyObject
from django.utils.http import escape_leading_slashes, url_has_allowed_host_and_scheme

from accounts import policy
from accounts.client import HINTS, Client, read_hints
from accounts.models import User
from accounts.services import networks, sessions, trust
from accounts.session_store import SessionStore
from vault import digests

DEVICE_COOKIE = "acsr_device"
TRUST_COOKIE = "acsr_trust"
ZONE_COOKIE = "acsr_zone"
AGENT_LONGEST = 512
ACCEPT_HINTS = ", ".join(HINTS.values())


class PortalRequest(HttpRequest):
    """A request as views get it: Django's, with who is asking. For type hints alone."""

    client: Client
    session: SessionStore


class OwnerRequest(PortalRequest):
    """A request behind ``signed_in_required``.

    held_form: what was posted before the person had to confirm (``step_up_required``), without its
    secrets; {} where nothing is left of it, None where nothing waits.
    """

    user: User
    held_form: dict[str, str] | None


GetResponse = Callable[[PortalRequest], HttpResponse]


class ClientMiddleware:
    """Give views ``request.client``, activate the time zone; ask for hints, write the cookies."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: PortalRequest) -> HttpResponse:
        """Answer with the client known; notes that the session was used."""
        request.client = build_client(request)
        with timezone.override(_zone_of_page(request)):
            response = self.get_response(request)
        session = request.session
        if session.accessed and not session.modified:
            session.touch(timezone.now())
        _write_browser_cookies(request, response)
        response["Accept-CH"] = ACCEPT_HINTS
        return response


class EndedSessionMiddleware(SessionMiddleware):
    """Django's sessions; one that was ended while a page was made leads back, not to an error."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Save the session, or lead back when it was ended meanwhile."""
        try:
            answered: HttpResponse = super().process_response(request, response)
        except SessionInterrupted:
            return _lead_back(request)
        return answered

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Lead back when a view met the end of its own session."""
        return _lead_back(request) if isinstance(error, UpdateError) else None


class SessionUserMiddleware(AuthenticationMiddleware):
    """Django's ``request.user``; a session of an epoch that is over is left, not deleted."""

    def process_request(self, request: HttpRequest) -> None:
        """Put the user there, read at first use."""
        super().process_request(request)
        request.user = SimpleLazyObject(lambda: _user_of(request))  # type: ignore[assignment]


def build_client(request: PortalRequest) -> Client:
    """Read who is asking off the request; whatever the headers hold, this does not fail."""
    session = request.session
    address = networks.client_address(
        request.META.get("REMOTE_ADDR", ""),
        request.META.get("HTTP_X_FORWARDED_FOR", ""),
        settings.TRUSTED_PROXY_COUNT,
    )
    device = request.COOKIES.get(DEVICE_COOKIE, "")
    trusted = request.COOKIES.get(TRUST_COOKIE, "")
    return Client(
        address=address,
        network=networks.network_of(address),
        wide_network=networks.wide_network_of(address),
        agent=_printable(request.META.get("HTTP_USER_AGENT", "")[:AGENT_LONGEST]),
        hints=read_hints(request.headers),
        device=digests.token_hash(device) if device else "",
        trust=digests.token_hash(trusted) if trusted else "",
        session=session.key_hash,
        browser=session.get(sessions.BROWSER) or session.new_browser,
        language=translation.get_language() or settings.LANGUAGE_CODE,
        time_zone=_browser_zone(request),
    )


def _user_of(request: HttpRequest) -> Any:
    with cast("SessionStore", request.session).leaving_row():
        return get_user(request)


def _zone_of_page(request: PortalRequest) -> zoneinfo.ZoneInfo:
    """Give a signed-in person's own zone, else the browser's: never an account's to a stranger."""
    has_session = settings.SESSION_COOKIE_NAME in request.COOKIES
    if has_session and request.user.is_authenticated:
        own = request.user.time_zone
        if own in _zones():
            return zoneinfo.ZoneInfo(own)
    return zoneinfo.ZoneInfo(_browser_zone(request))


def _browser_zone(request: PortalRequest) -> str:
    claimed = request.COOKIES.get(ZONE_COOKIE, "")
    return claimed if claimed in _zones() else settings.TIME_ZONE


@lru_cache(maxsize=1)
def _zones() -> set[str]:
    return zoneinfo.available_timezones()


def _printable(text: str) -> str:
    """Drop what PostgreSQL does not store (NUL) and what would break a log line."""
    return "".join(letter for letter in text if letter.isprintable())


def _write_browser_cookies(request: PortalRequest, response: HttpResponse) -> None:
    """Set the device cookie after a completed sign-in, and the trust cookie's new value.

    The life of the first begins anew each time.
    """
    made = getattr(request, sessions.DEVICE_TOKEN, None)
    if made is not None:
        value = made or request.COOKIES[DEVICE_COOKIE]
        _write_cookie(response, DEVICE_COOKIE, value, policy.DEVICE_COOKIE_LIVES)
    trusted = getattr(request, trust.TOKEN, "")
    if trusted:
        _write_cookie(response, TRUST_COOKIE, trusted, policy.TRUST_LIVES)


def _write_cookie(response: HttpResponse, name: str, value: str, lives: timedelta) -> None:
    response.set_cookie(
        name,
        value,
        max_age=lives // timedelta(seconds=1),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _lead_back(request: HttpRequest) -> HttpResponse:
    """Send the browser to the page it came from, with a cookie of its own or none.

    The cookie is left alone: of two parallel posts the other may just have set a new one.
    """
    back = request.get_full_path()
    if request.method not in {"GET", "HEAD"}:
        referrer = request.headers.get("Referer", "")
        is_own = url_has_allowed_host_and_scheme(
            referrer, allowed_hosts={request.get_host()}, require_https=request.is_secure()
        )
        parts = urlsplit(referrer)
        # A path that begins with two slashes would be another site's address.
        path = escape_leading_slashes(parts.path) if is_own else ""
        back = path or resolve_url(settings.LOGIN_URL)
    return HttpResponseRedirect(back)
