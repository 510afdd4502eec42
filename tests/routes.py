"""The routes of the admin, walked as they are: a new page is tried with all the others."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.urls import URLPattern, URLResolver, reverse
from django.urls.resolvers import RoutePattern

from accounts.models import User
from recovery.models import (
    CaseView,
    Deal,
    IdentityCheck,
    Proof,
    RecoveryTicket,
    ReviewDraft,
    Vote,
)

# What staff bring about; the reads of a page are not among it.
KEPT = (RecoveryTicket, Vote, IdentityCheck, Proof, Deal, ReviewDraft, CaseView)


def names(patterns: Any = None) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Give every named route of the admin, with the names of its arguments."""
    for pattern in admin.site.get_urls() if patterns is None else patterns:
        if isinstance(pattern, URLResolver):
            yield from names(pattern.url_patterns)
        elif isinstance(pattern, URLPattern) and pattern.name:
            yield pattern.name, _arguments(pattern)


def paths(ticket: RecoveryTicket, only: str = "") -> dict[str, str]:
    """Give the address of every route by name, about this ticket where it is about one.

    A route with an argument of another name has to be written down here first.
    """
    given = {
        "pk": ticket.pk,
        "object_id": ticket.pk,
        "content_type_id": 1,
        "app_label": "recovery",
    }
    found = {}
    for name, arguments in names():
        if name.startswith(only):
            kwargs = {argument: given[argument] for argument in arguments}
            found[name] = reverse(f"admin:{name}", kwargs=kwargs)
    return found


def state() -> dict[str, list[Any]]:
    """Give what is in the tables that staff act on."""
    rows = {model.__name__: list(model.objects.order_by("pk").values()) for model in KEPT}
    return rows | {"User": list(User.objects.order_by("pk").values("pk", "epoch", "password"))}


def _arguments(pattern: URLPattern) -> tuple[str, ...]:
    shape = pattern.pattern
    if isinstance(shape, RoutePattern):
        return tuple(shape.converters)
    return tuple(shape.regex.groupindex)
