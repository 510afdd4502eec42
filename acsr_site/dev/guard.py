"""Who may use what is the demo's alone: somebody who sits at its machine."""

from django.conf import settings
from django.http import HttpRequest
from django.http.request import split_domain_port

from acsr_site import env


def is_here(request: HttpRequest) -> bool:
    """Tell whether this is the demo, asked by a browser on its own machine.

    By name too: a page elsewhere whose name resolves to this machine must read nothing.
    """
    host, _port = split_domain_port(request.get_host())
    asked = {host.strip("[]"), request.META.get("REMOTE_ADDR", "")}
    return bool(settings.DEMO) and asked <= set(env.LOOPBACK)
