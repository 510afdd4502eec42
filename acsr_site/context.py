"""What every template knows."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def site(_request: HttpRequest | None = None) -> dict[str, Any]:
    """Give the names of the site; error pages call it without a request."""
    return {
        "site_name": settings.SITE_NAME,
        "site_url": settings.SITE_URL,
        "support_contact": settings.SUPPORT_CONTACT,
        "is_demo": settings.DEMO,
    }
