"""Being somewhere else in the demo, where every browser would have the address of this machine."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.middleware import PortalRequest
from accounts.services import networks
from acsr_site.dev.guard import is_here

COOKIE = "acsr_demo_place"


@dataclass(frozen=True)
class Elsewhere:
    """A place to choose; address: what requests then seem to come from."""

    name: str | Promise
    address: str


# By the cookie's value: it names one of these and never an address.
PLACES = {
    "italy": Elsewhere(_("Italy, where Maria lives"), "79.16.0.77"),
    "germany": Elsewhere(_("Germany"), "46.128.0.77"),
    "france": Elsewhere(_("France, through a VPN"), "81.64.0.77"),
    "brazil": Elsewhere(_("Brazil"), "189.40.0.77"),
    "japan": Elsewhere(_("Japan"), "126.0.0.77"),
}


class ElsewhereMiddleware:
    """Let a browser of the demo seem to be where it chose; not there outside the demo."""

    def __init__(self, get_response: Callable[[PortalRequest], HttpResponse]) -> None:
        if not settings.DEMO:
            raise MiddlewareNotUsed
        self.get_response = get_response

    def __call__(self, request: PortalRequest) -> HttpResponse:
        """Change the address of ``request.client`` alone: guards go by the real one."""
        place = chosen(request)
        if place is not None and is_here(request):
            request.client = replace(
                request.client,
                address=place.address,
                network=networks.network_of(place.address),
                wide_network=networks.wide_network_of(place.address),
            )
        return self.get_response(request)


def chosen(request: PortalRequest) -> Elsewhere | None:
    """Give the place that this browser chose, None for where it is."""
    return PLACES.get(request.COOKIES.get(COOKIE, ""))
