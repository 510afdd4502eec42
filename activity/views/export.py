"""Everything that is kept of the account's events, as a table."""

import csv
from collections.abc import Iterable, Iterator
from datetime import tzinfo
from io import StringIO
from itertools import islice
from typing import cast

from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts import errors
from accounts.decorators import signed_in_required, step_up_required
from accounts.enums import Action
from accounts.middleware import OwnerRequest
from accounts.services import restrictions, step_up
from activity import policy, useragents, why, wording
from activity.models import SecurityEvent
from activity.queries import export_of

# Spreadsheets of Windows take a file without it for one of their own code pages.
BYTE_ORDER_MARK = "\ufeff"
# What a spreadsheet takes for the beginning of a formula, quotes or not, with the full-width forms
# (OWASP, "CSV Injection"; ASVS 5.0, 1.2.10).
FORMULA_BEGINS = tuple("=+-@\uff1d\uff0b\uff0d\uff20")
CONTROLS = tuple("\t\r\n\x00")
DEFUSED = "'"


@never_cache
@require_safe
@signed_in_required
def export(request: OwnerRequest) -> HttpResponse:
    """Hand the table over, to who has just confirmed and while the account's mode allows it."""
    try:
        # What the mode forbids no confirmation changes: nobody confirms in vain.
        restrictions.require_as_read(request.user, Action.EXPORT, is_strong=True)
        return _confirmed(request)
    except errors.Forbidden:
        messages.error(
            request,
            _("Your activity can't be saved as a file just now. You can read all of it here."),
        )
        return redirect("activity:log")


@step_up_required
def _confirmed(request: OwnerRequest) -> HttpResponse:
    is_strong = step_up.is_strong(request.session)
    restrictions.require(request.user, Action.EXPORT, is_strong=is_strong)
    now = timezone.now()
    rows = export_of(request.user, now - policy.EVENTS_KEPT)
    answer = StreamingHttpResponse(_stream(rows), content_type="text/csv; charset=utf-8")
    name = f"activity-{timezone.localtime(now):%Y-%m-%d}.csv"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    # One type for the decorators, which never look into an answer.
    return cast("HttpResponse", answer)


def defuse(cell: str) -> str:
    """Give a cell that no spreadsheet takes for a formula."""
    # Some programs drop spaces first.
    is_risky = cell.startswith(CONTROLS) or cell.lstrip().startswith(FORMULA_BEGINS)
    return DEFUSED + cell if is_risky else cell


def _stream(rows: Iterator[SecurityEvent]) -> Iterator[str]:
    """Give the table in pieces, in the reader's zone and language.

    Both are asked for now: the pieces are made when the request is over.
    """
    return _pieces(rows, timezone.get_current_timezone(), translation.get_language())


def _pieces(rows: Iterator[SecurityEvent], zone: tzinfo, language: str | None) -> Iterator[str]:
    with translation.override(language):
        head = _head()
    yield BYTE_ORDER_MARK + _written([head])
    while batch := list(islice(rows, policy.EXPORT_BATCH)):
        with timezone.override(zone), translation.override(language):
            piece = _written(_row(event) for event in batch)
        yield piece


def _written(rows: Iterable[list[str]]) -> str:
    """Write rows as RFC 4180 has them, every cell in quotes."""
    text = StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerows([defuse(cell) for cell in row] for row in rows)
    return text.getvalue()


def _head() -> list[str]:
    return [
        _("Time"),
        _("What"),
        _("Kind"),
        _("Your answer"),
        _("How unusual"),
        _("Why we ask"),
        _("Place (approximate)"),
        _("IP address"),
        _("Network"),
        _("Browser"),
        _("System"),
        _("Device"),
        _("Signed in with"),
        _("More"),
    ]


def _row(event: SecurityEvent) -> list[str]:
    names = (event.browser, event.details.get("system_words") or event.system)
    browser, system = ("" if name == useragents.UNKNOWN else name for name in names)
    return [
        timezone.localtime(event.at).isoformat(timespec="seconds"),
        wording.title_of(event),
        event.get_area_display(),
        event.get_verdict_display(),
        wording.how_unusual(event),
        " ".join(why.sentences_of(event)),
        event.place,
        event.address or "",
        event.network,
        browser,
        system,
        event.details.get("model") or event.device,
        wording.authenticators_of(event),
        "; ".join(f"{label}: {text}" for label, text in wording.facts_of(event)),
    ]
