"""What every template knows."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def site(_request: HttpRequest | None = None) -> dict[str, Any]:
    """Give the names of the site; error pages call it without a request.

    support: what to print; support_href: where it leads, "" where it is no address.
    has_bundled_places: whether places come from the bundled database, whose makers are named.
    """
    support = settings.SUPPORT_CONTACT
    return {
        "site_name": settings.SITE_NAME,
        "site_url": settings.SITE_URL,
        "support": support,
        "support_href": _support_href(support),
        "has_bundled_places": not settings.GEOIP_PATH,
        "demo": settings.DEMO,
    }


def _support_href(support: str) -> str:
    if support.startswith("https://"):
        return support
    return f"mailto:{support}" if "@" in support and " " not in support else ""
