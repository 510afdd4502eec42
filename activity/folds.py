"""Repeats in the list of events, folded into one entry each.

A page reads rows by key and is cut where one stretch of repeats ends and the next begins, so that
walking down or up meets every event once.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from django.utils import timezone

from accounts.models import User
from activity.enums import EventKind
from activity.models import SecurityEvent
from activity.queries import Key, Page, page_of_events

# What is the same each time. Changes and the steps of a recovery are not: each one matters.
REPEATABLE = frozenset(
    {
        EventKind.SIGNED_IN,
        EventKind.SIGNED_OUT,
        EventKind.SIGN_IN_FAILED,
        EventKind.SECOND_STEP_FAILED,
        EventKind.STEP_UP_FAILED,
        EventKind.CODE_SENT,
        EventKind.CODE_WRONG,
        EventKind.TICKET_CODE_SENT,
        EventKind.TICKET_CODE_WRONG,
        EventKind.PROOF_REFUSED,
    }
)

# Repeats of one thing on one day, newest first; mostly a single event.
Fold = list[SecurityEvent]


@dataclass(frozen=True)
class FoldedPage:
    """Folds, newest first; ``newer`` and ``older`` are the keys to go on from, None at an end."""

    folds: list[Fold]
    newer: Key | None
    older: Key | None


@dataclass(frozen=True)
class Stretch:
    """Neighbours in the list, newest first, and the folds that they make, by their newest."""

    events: list[SecurityEvent]
    folds: list[Fold]


def page_of_folds(
    user: User,
    *,
    since: datetime,
    area: str = "",
    is_unanswered: bool = False,
    before: Key | None = None,
    after: Key | None = None,
    size: int,
    rows: int,
) -> FoldedPage:
    """Give one page of at most ``size`` folds (more only where one stretch has more); one query.

    rows: how many events are read at most. The rest is as for ``queries.page_of_events``. Days are
    those of the active time zone.
    """
    page = page_of_events(
        user,
        since=since,
        area=area,
        is_unanswered=is_unanswered,
        before=before,
        after=after,
        size=rows,
    )
    stretches = stretches_of(page.events)
    # The page grows from the key on: downwards, or upwards from its lower end.
    grows = stretches[::-1] if after else stretches
    is_cut = bool(page.newer if after else page.older)
    kept = _fitting(grows[:-1] if is_cut and len(grows) > 1 else grows, size)
    return _page(page, kept[::-1] if after else kept)


def stretches_of(events: Iterable[SecurityEvent]) -> list[Stretch]:
    """Part events, newest first, into stretches of neighbours."""
    found = []
    for _key, group in groupby(events, key=_neighbourhood):
        neighbours = list(group)
        folds: dict[tuple[object, ...], Fold] = {}
        for event in neighbours:
            folds.setdefault(_sameness(event), []).append(event)
        found.append(Stretch(neighbours, list(folds.values())))
    return found


def _neighbourhood(event: SecurityEvent) -> tuple[object, ...]:
    """Give what neighbours share: a day on which only everyday things happened in between.

    Two browsers that are used in turns do not part each other's repeats. What the owner is asked
    about or has answered stands alone.
    """
    if event.kind not in REPEATABLE or event.is_unusual or event.verdict:
        return (event.pk,)
    return (timezone.localtime(event.at).date(),)


def _sameness(event: SecurityEvent) -> tuple[object, ...]:
    """Give all that the list says of an event but its time: who reads it could not tell more."""
    return (
        event.kind,
        event.place,
        event.agent_words,
        *event.details.get("authenticators", []),
    )


def _fitting(stretches: list[Stretch], size: int) -> list[Stretch]:
    """Give as many as have room, from the first on, and the first in any case."""
    kept, room = stretches[:1], size - sum(len(each.folds) for each in stretches[:1])
    for each in stretches[1:]:
        room -= len(each.folds)
        if room < 0:
            break
        kept.append(each)
    return kept


def _page(page: Page, kept: list[Stretch]) -> FoldedPage:
    if not kept:
        return FoldedPage(folds=[], newer=None, older=None)
    first, last = kept[0].events[0], kept[-1].events[-1]
    has_newer = page.newer is not None or first.pk != page.events[0].pk
    has_older = page.older is not None or last.pk != page.events[-1].pk
    return FoldedPage(
        folds=[fold for each in kept for fold in each.folds],
        newer=Key(first.at, first.id) if has_newer else None,
        older=Key(last.at, last.id) if has_older else None,
    )
