"""The pages that belong to no app: the front door, errors, and what a load balancer asks."""

import sys
from collections.abc import Callable
from datetime import UTC, datetime

import redis.exceptions
from django.core.cache import cache
from django.db import InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import REASON_NO_CSRF_COOKIE
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.views.decorators.http import require_safe

from accounts.errors import HashingBusy, LimitReached
from acsr_site import context

# A limit that cannot be counted is a limit that does not hold: no page rather than free guesses.
PART_IS_DOWN = (
    redis.exceptions.ConnectionError,
    redis.exceptions.TimeoutError,
    OperationalError,
    InterfaceError,
    HashingBusy,
)
RETRY_AFTER_SECONDS = 30  # for a part that is down; a restart takes about that


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show the front page with the two ways in."""
    return render(request, "home.html")


@require_safe
def how(request: HttpRequest) -> HttpResponse:
    """Show how recovery works, for people who want to know before they begin."""
    return render(request, "how.html")


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """Lead to the mark, for what asks for an icon without reading the page."""
    return redirect(static("img/mark.svg"))


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Say that this process answers; asks nothing of any other part."""
    return HttpResponse("ok", content_type="text/plain")


@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """Say whether pages can be answered; the broker is not needed for that."""
    parts = {"database": _answers(_ask_database), "cache": _answers(_ask_cache)}
    return JsonResponse(parts, status=200 if all(parts.values()) else 503)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Tell a browser that keeps no cookies from a form that has become too old."""
    template = "lost_cookie.html" if reason == REASON_NO_CSRF_COOKIE else "403_csrf.html"
    return _plain_page(template, status=403)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer what no browser of ours sends (400)."""
    return _plain_page("400.html", status=400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer a page that this person may not see (403)."""
    return _plain_page("403.html", status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer an address that does not exist (404), without repeating it."""
    return _plain_page("404.html", status=404)


def too_many_requests(request: HttpRequest, error: LimitReached) -> HttpResponse:
    """Answer a used-up limit (429), and say when it opens again."""
    response = _plain_page("429.html", status=429, until=error.until)
    wait = (error.until - datetime.now(UTC)).total_seconds()
    response["Retry-After"] = str(max(1, round(wait)))
    return response


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer our own mistake (500), or say that a part is down (503).

    Django calls this while it handles the exception; what a middleware raises comes only here.
    """
    if isinstance(sys.exc_info()[1], PART_IS_DOWN):
        return unavailable(request)
    return _plain_page("500.html", status=500)


def unavailable(request: HttpRequest) -> HttpResponse:
    """Answer while a part that the page needs is down (503)."""
    response = _plain_page("503.html", status=503)
    response["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response


def _plain_page(template: str, *, status: int, **values: datetime | None) -> HttpResponse:
    # Without the request: no session or user is read, so the page works when those are down.
    return HttpResponse(render_to_string(template, context.site() | values), status=status)


def _answers(ask: Callable[[], None]) -> bool:
    try:
        ask()
    except Exception:  # noqa: BLE001 - whatever a broken part raises, it is not ready
        return False
    return True


def _ask_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _ask_cache() -> None:
    cache.set("readyz", 1, timeout=10)
