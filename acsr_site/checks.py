"""What must be true before the portal may face people (``manage.py check --deploy``)."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.exceptions import ImproperlyConfigured

from accounts import policy
from accounts.services import networks
from recovery import promises


@register(Tags.security, deploy=True)
def refuse_demo(app_configs: Sequence[AppConfig] | None, **_kwargs: Any) -> list[CheckMessage]:
    """Refuse the demo, whose pages show every password and message (``acsr.E001``)."""
    if not settings.DEMO:
        return []
    return [
        Error(
            "This is the demo: its /dev/ pages show passwords and messages to everybody.",
            hint="Set SECRET_KEY to a long random value of your own.",
            id="acsr.E001",
        )
    ]


@register(Tags.security, deploy=True)
def require_https(app_configs: Sequence[AppConfig] | None, **_kwargs: Any) -> list[CheckMessage]:
    """Refuse links and cookies that travel in the clear (``acsr.E002``)."""
    if settings.IS_HTTPS:
        return []
    return [
        Error(
            "SITE_URL does not begin with https://: codes and cookies would travel in the clear.",
            hint="Set SITE_URL to the address people use, for example https://account.example.org.",
            id="acsr.E002",
        )
    ]


@register(Tags.security, deploy=True)
def require_shared_cache(
    app_configs: Sequence[AppConfig] | None, **_kwargs: Any
) -> list[CheckMessage]:
    """Refuse limits counted in one process alone, which every other process would double."""
    backend = settings.CACHES["default"]["BACKEND"]
    if not backend.endswith((".LocMemCache", ".DummyCache")):
        return []
    return [
        Error(
            "The cache of this CACHE_URL is not shared, so limits do not hold.",
            hint="Use redis://..., or leave CACHE_URL unset on a single machine.",
            id="acsr.E003",
        )
    ]


@register(Tags.security, deploy=True)
def require_known_sms(
    app_configs: Sequence[AppConfig] | None, **_kwargs: Any
) -> list[CheckMessage]:
    """Refuse a way of sending text messages that keeps their codes on this machine, or fails."""
    scheme = settings.SMS_URL.partition(":")[0]
    if settings.DEMO or scheme in {"", "http", "https"}:
        return []
    return [
        Error(
            "SMS_URL is not a gateway: codes would stay in a file or a terminal, or go nowhere.",
            hint="Set it to https://user:password@gateway/path, or leave it empty.",
            id="acsr.E004",
        )
    ]


@register(Tags.compatibility)
def require_known_words(
    app_configs: Sequence[AppConfig] | None, **_kwargs: Any
) -> list[CheckMessage]:
    """Refuse settings that no page could work with (``acsr.E005`` to ``acsr.E007``)."""
    found: list[CheckMessage] = []
    if settings.PASSWORD_POLICY not in policy.PASSWORD_SHORTEST:
        known = ", ".join(policy.PASSWORD_SHORTEST)
        found.append(Error(f"PASSWORD_POLICY is not one of: {known}.", id="acsr.E005"))
    try:
        networks.shared_factor("192.0.2.1", settings.SHARED_NETWORKS)
    except ImproperlyConfigured as error:
        found.append(Error(str(error), id="acsr.E006"))
    try:
        promises.read_hours(settings.REVIEW_HOURS)
    except ValueError as error:
        found.append(Error(f"REVIEW_HOURS: {error}.", id="acsr.E007"))
    return found
