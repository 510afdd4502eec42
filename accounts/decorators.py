"""What a view may ask of a request before it runs."""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any, overload
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpResponse, JsonResponse
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django_ratelimit.core import get_usage

from accounts import policy, queries
from accounts.errors import LimitReached
from accounts.middleware import OwnerRequest, PortalRequest
from accounts.policy import Rule
from accounts.services import held_forms, networks, step_up

View = Callable[..., HttpResponse]


@overload
def signed_in_required(view: View) -> View: ...


@overload
def signed_in_required(*, page: str = ...) -> Callable[[View], View]: ...


def signed_in_required(
    view: View | None = None, *, page: str = ""
) -> View | Callable[[View], View]:
    """Let signed-in people in; others sign in first and come back to the page.

    page: the URL name to come back to, for a view that only takes POST; as in step_up_required.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: PortalRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.user.is_authenticated:
                return view(request, *args, **kwargs)
            # What a lost POST wanted is gone; its page is what to come back to.
            return redirect_to_login(_page_of(request, page, kwargs))

        return guarded

    return decorate(view) if view else decorate


@overload
def step_up_required(view: View) -> View: ...


@overload
def step_up_required(
    *, sign_in_counts: bool = ..., only_with_two_step: bool = ..., page: str = ...
) -> Callable[[View], View]: ...


def step_up_required(
    view: View | None = None,
    *,
    sign_in_counts: bool = False,
    only_with_two_step: bool = False,
    page: str = "",
) -> View | Callable[[View], View]:
    """Let in who has just shown again that it is them; place it below ``signed_in_required``.

    A form posted without that is kept and found by the GET after confirming, as
    ``request.held_form``. Scripts get 403 and {"detail": ...}. sign_in_counts: a full sign-in a
    moment ago will do. only_with_two_step: others are let in as they are. page: the URL name to
    come back to, for a view that only takes POST; with the same arguments, or with none.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: OwnerRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not _is_confirmed(request, sign_in_counts, only_with_two_step):
                return _ask_to_confirm(request, _page_of(request, page, kwargs))
            request.held_form = held_forms.take(request.session, request.path)
            if request.method == "POST":
                request.held_form = None  # what is posted now counts
            return view(request, *args, **kwargs)

        return guarded

    return decorate(view) if view else decorate


def edge_limit(name: str) -> Callable[[View], View]:
    """Refuse posts past policy.EDGE_LIMITS[name], per network and per wide network.

    Raises LimitReached (429). A cache that is down raises too (503): a limit that cannot be counted
    lets nothing through.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def limited(request: PortalRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.method == "POST":
                _count(request, name)
            return view(request, *args, **kwargs)

        return limited

    return decorate


def _is_confirmed(request: OwnerRequest, sign_in_counts: bool, only_with_two_step: bool) -> bool:
    now = timezone.now()
    if step_up.is_fresh(request.session, now):
        return True
    if sign_in_counts and step_up.has_just_signed_in(request.session, now):
        return True
    return only_with_two_step and not queries.has_second_step(request.user)


def _page_of(request: PortalRequest, page: str, kwargs: dict[str, Any]) -> str:
    if not page:
        return request.get_full_path()
    try:
        return reverse(page, kwargs=kwargs)
    except NoReverseMatch:
        return reverse(page)


def _ask_to_confirm(request: OwnerRequest, back: str) -> HttpResponse:
    if _is_script(request):
        return JsonResponse({"detail": _("Confirm first that it is you.")}, status=403)
    if request.method == "POST":
        held_forms.hold(request.session, urlsplit(back).path, request.POST.dict())
    return redirect_to_login(back, login_url="accounts:step_up")


def _is_script(request: OwnerRequest) -> bool:
    wanted = request.get_preferred_type(["text/html", "application/json"])
    return request.content_type == "application/json" or wanted == "application/json"


def _count(request: PortalRequest, name: str) -> None:
    client = request.client
    factor = networks.shared_factor(client.address, settings.SHARED_NETWORKS)
    for rule in policy.EDGE_LIMITS[name]:
        _count_one(request, rule, client.network, rule.limit * factor)
        _count_one(request, rule, client.wide_network, rule.limit * factor * policy.WIDE_FACTOR)


def _count_one(request: PortalRequest, rule: Rule, network: str, limit: int) -> None:
    # A callable key: the library's own reading of addresses fails on what proxies send.
    usage = get_usage(
        request,
        group=rule.name,
        key=lambda _group, _request: network,
        rate=(limit, int(rule.window.total_seconds())),
        increment=True,
    )
    if usage is not None and usage["should_limit"]:
        wait = timedelta(seconds=max(1, usage["time_left"]))
        raise LimitReached(until=timezone.now() + wait)
