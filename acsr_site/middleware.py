"""What every answer has in common: polite failures and headers that keep secrets private."""

import codecs
import logging
from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import BadRequest, RequestDataTooBig
from django.http import HttpRequest, HttpResponse

from accounts.errors import LimitReached
from acsr_site import views
from acsr_site.logs import TOKEN_PREFIXES

logger = logging.getLogger(__name__)

GetResponse = Callable[[HttpRequest], HttpResponse]


class LiveMiddleware:
    """Answer ``/healthz`` before anything that a broken part could stop."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Say that this process answers, whatever cookies come with the question."""
        if request.path == "/healthz" and request.method in {"GET", "HEAD"}:
            return views.healthz(request)
        return self.get_response(request)


class FaultMiddleware:
    """Answer a used-up limit with 429 and a part that is down with 503, each with its page."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass on; faults of views come back through ``process_exception``."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Give the page for this fault; None leaves it to Django (a 500)."""
        if isinstance(error, LimitReached):
            return views.too_many_requests(request, error)
        if isinstance(error, views.PART_IS_DOWN) and not settings.DEBUG:
            logger.error("part_is_down", exc_info=error)
            return views.unavailable(request)
        return None


class BodyLengthMiddleware:
    """Refuse bodies longer than any form of ours (400) before a byte of them is read.

    Django's own limit spares files, which it writes to disk however long they are, and it reads
    every body to look for the CSRF token, before any limit of ours counts.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass on what is short enough; without a length Django reads no body at all."""
        length = str(request.META.get("CONTENT_LENGTH") or "0")
        longest = settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0
        if not length.isdecimal() or int(length) > longest:
            raise RequestDataTooBig("The body is longer than any form.")
        return self.get_response(request)


class CharsetMiddleware:
    """Refuse bodies in another encoding than UTF-8 (400): no page of ours makes a browser send one.

    Python's codecs hold some that are no text (``zlib``) and some that give what no database
    stores (``unicode_escape``); reading a form in them would be an error of ours (500).
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass on what is UTF-8 or says nothing; raises BadRequest."""
        if request.encoding and codecs.lookup(request.encoding).name != "utf-8":
            raise BadRequest("The body is not in UTF-8.")
        return self.get_response(request)


class PrivateAnswerMiddleware:
    """Keep answers out of caches, and tokens in paths out of Referer headers."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Add the headers; static files never come here, WhiteNoise answers them before."""
        response = self.get_response(request)
        if "no-store" not in response.get("Cache-Control", ""):
            response["Cache-Control"] = "no-store"
        # The token in the path must not travel to the next site in a Referer header.
        if request.path.startswith(TOKEN_PREFIXES):
            # Browsers then post the page's own form as Origin "null" (Fetch, "append a request
            # Origin header"), so the views of such paths cannot ask for a CSRF token.
            response["Referrer-Policy"] = "no-referrer"
        return response
