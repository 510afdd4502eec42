"""The list of what happened."""

import uuid
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.decorators import signed_in_required
from accounts.middleware import OwnerRequest
from activity import policy, why, wording, worldmap
from activity.enums import Area
from activity.folds import Fold, FoldedPage, page_of_folds
from activity.forms.activity_filter import UNANSWERED, ActivityFilter
from activity.queries import Key, Known, unusual_of

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
LIST = "#list"  # below what is unusual


@dataclass(frozen=True)
class Wish:
    """What the page was asked for. period: days."""

    kind: str = ""
    period: int = policy.EVENTS_SHOWN.days


@never_cache
@require_safe
@signed_in_required
def log(request: OwnerRequest) -> HttpResponse:
    """Show what is unusual, then all of a period, newest first, page by page."""
    now = timezone.now()
    wish, is_understood = read_wish(request.GET)
    since = now - timedelta(days=wish.period)
    before, after = (read_key(request.GET.get(name, "")) for name in ("before", "after"))
    page = page_of_folds(
        request.user,
        since=since,
        area="" if wish.kind == UNANSWERED else wish.kind,
        is_unanswered=wish.kind == UNANSWERED,
        before=before,
        after=after,
        size=policy.EVENTS_PER_PAGE,
        rows=policy.ROWS_PER_PAGE,
    )
    # Further down the list it would only stand in the way.
    is_top = not (before or after or wish.kind == UNANSWERED)
    unusual = unusual_of(request.user, now - policy.EVENTS_SHOWN) if is_top else []
    context = {
        "now": now,
        "is_one_offset": _is_one_offset(now, wish),
        "filter": ActivityFilter(initial=asdict(wish)),
        "is_understood": is_understood,
        "is_filtered": wish != Wish(),
        "is_top": is_top,
        "unusual": [_card(each) for each in unusual[: policy.UNUSUAL_SHOWN]],
        "unanswered_url": _url(Wish(kind=UNANSWERED))
        if len(unusual) > policy.UNUSUAL_SHOWN
        else "",
        "nothing": _nothing(wish),
        "kept_days": policy.EVENTS_KEPT.days,
        "map": worldmap.map_of(request.user, since=since),
        **_list(page, wish),
    }
    return render(request, "activity/log.html", context)


def read_wish(query: QueryDict) -> tuple[Wish, bool]:
    """Read the filter; what nobody can choose is the usual page, and False."""
    form = ActivityFilter(query)
    if not form.is_valid():
        return Wish(), False
    return Wish(**form.cleaned_data), True


def write_key(key: Key) -> str:
    """Give a key as text for a URL: microseconds since 1970, and the id."""
    return f"{(key.at - EPOCH) // MICROSECOND}-{key.id.hex}"


def read_key(text: str) -> Key | None:
    """Read what ``write_key`` wrote; None for anything else, which shows the newest page."""
    microseconds, _dash, name = text.partition("-")
    try:
        at = EPOCH + int(microseconds) * MICROSECOND
        return Key(at, uuid.UUID(hex=name))
    except (ValueError, OverflowError):
        return None


def _list(page: FoldedPage, wish: Wish) -> dict[str, Any]:
    return {
        "days": _by_day(page.folds),
        "newer_url": _url(wish, after=page.newer) if page.newer else "",
        "older_url": _url(wish, before=page.older) if page.older else "",
    }


def _url(wish: Wish, **keys: Key) -> str:
    """Give the address of a page of the list, with its filter where there is one."""
    fields = [(name, value) for name, value in asdict(wish).items() if wish != Wish() and value]
    fields += [(name, write_key(key)) for name, key in keys.items()]
    return f"{reverse('activity:log')}?{urlencode(fields)}{LIST}"


def _by_day(folds: Iterable[Fold]) -> list[dict[str, Any]]:
    """Group folds, which come newest first, by the reader's own day."""
    days = groupby(folds, key=lambda fold: timezone.localtime(fold[0].at).date())
    return [
        {"date": date, "entries": [wording.entry_of(*fold) for fold in of_day]}
        for date, of_day in days
    ]


def _card(known: Known) -> dict[str, Any]:
    event = known.event
    return {
        "verdict_url": reverse("activity:verdict", args=[event.pk]),
        **wording.entry_of(event),
        "authenticators": wording.authenticators_of(event),
        "why": why.sentences_of(event, known.before),
        "is_heard": wording.is_heard(event),
    }


def _is_one_offset(now: datetime, wish: Wish) -> bool:
    """Tell whether the reader's clock was not put forward or back in the period."""
    start = timezone.localtime(now - timedelta(days=wish.period))
    return start.utcoffset() == timezone.localtime(now).utcoffset()


def _nothing(wish: Wish) -> dict[str, str]:
    """Give what an empty list says: that there is nothing, and what would make something appear."""
    title, text = {
        "": (_("Nothing happened"), _("Sign-ins and changes turn up by themselves.")),
        Area.SIGN_IN: (_("No sign-ins"), _("Who signs in and out turns up by itself.")),
        Area.REFUSED: (
            _("No refused tries"),
            _("Wrong passwords and codes would stand here, whoever typed them."),
        ),
        Area.CHANGE: (
            _("No changes"),
            _("New passwords, addresses, phones and second steps would stand here."),
        ),
        Area.RECOVERY: (
            _("No recovery"),
            _("Whoever asks to get back into your account would stand here."),
        ),
        Area.OTHER: (_("Nothing else"), _("Codes that were sent, for one, would stand here.")),
        UNANSWERED: (
            _("Nothing waits for your answer"),
            _("A sign-in that is unlike the others would stand here until you say if it was you."),
        ),
    }[wish.kind]
    words = ngettext(
        "%(title)s in the last %(days)d day.", "%(title)s in the last %(days)d days.", wish.period
    )
    return {"title": words % {"title": title, "days": wish.period}, "text": text}
