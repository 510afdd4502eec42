"""What a view may ask of a request before it runs."""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpResponse
from django.utils import timezone
from django_ratelimit.core import get_usage

from accounts import policy
from accounts.errors import LimitReached
from accounts.middleware import PortalRequest
from accounts.policy import Rule
from accounts.services import networks, step_up

View = Callable[..., HttpResponse]


def signed_in_required(view: View) -> View:
    """Let signed-in people in; others sign in first and come back to the page."""

    @wraps(view)
    def guarded(request: PortalRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_authenticated:
            return view(request, *args, **kwargs)
        # What a lost POST wanted is gone; its page, where it has one, is what to come back to.
        return redirect_to_login(request.get_full_path())

    return guarded


def step_up_required(view: View) -> View:
    """Let in who has just shown again that it is them; place it below ``signed_in_required``."""

    @wraps(view)
    def guarded(request: PortalRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if step_up.is_fresh(request.session, timezone.now()):
            return view(request, *args, **kwargs)
        return redirect_to_login(request.get_full_path(), login_url="accounts:step_up")

    return guarded


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
