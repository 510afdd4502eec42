"""When people hear from us: a function of the clock and of REVIEW_HOURS, never of an account."""

import re
import secrets
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise

from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.db.models import Exists, OuterRef
from django.utils import timezone

from recovery import policy

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
# "Mon-Fri 09:00-17:00", "Sat 10:00-12:00"; the last day ends at 24:00.
SPAN = re.compile(
    r"(?P<first>[A-Z][a-z]{2})(?:-(?P<last>[A-Z][a-z]{2}))? "
    r"(?P<opens>\d{2}:\d{2})-(?P<closes>\d{2}:\d{2})",
    re.ASCII,
)
MIDNIGHT = "24:00"

Hours = tuple[tuple[tuple[timedelta, timedelta], ...], ...]  # by weekday: from and until, of a day


def answer_time(now: datetime) -> datetime:
    """Draw the time at which an answer is told, the same for machine and human."""
    width = int((policy.ANSWER_LATEST - policy.ANSWER_EARLIEST).total_seconds())
    return now + policy.ANSWER_EARLIEST + timedelta(seconds=secrets.randbelow(width))


def first_decision_due(now: datetime) -> datetime:
    """Give by when staff must have decided first: 24 hours in which the office is open."""
    left = policy.FIRST_DECISION_WITHIN
    for opens, closes in _windows(now):
        if closes - opens >= left:
            return opens + left
        left -= closes - opens
    raise AssertionError("read_hours lets no week pass without an open hour")


def working_days_to_appeal() -> int | None:
    """Give in how many working days an appeal is answered; None: nothing can be promised.

    Not with too few people, nor where the office is open for less than the hours that it takes.
    """
    days = policy.APPEAL_WORKING_DAYS
    lengths = [
        sum((closes - opens for opens, closes in windows), timedelta(0))
        for windows in read_hours(settings.REVIEW_HOURS)
    ]
    full = [length for length in lengths if length * days >= policy.FIRST_DECISION_WITHIN]
    return days if len(full) >= policy.WORKING_WEEK and has_enough_people() else None


def has_enough_people() -> bool:
    """Tell whether two people could decide any ticket; without them pages promise no date."""
    holders_of = ModelBackend().with_perm
    approvers = holders_of("recovery.approve_recoveryticket")
    deciders = (
        holders_of("recovery.review_recoveryticket")
        .filter(is_staff=True, frozen_at__isnull=True)
        .annotate(may_approve=Exists(approvers.filter(pk=OuterRef("pk"))))
        .order_by("-may_approve")
    )
    found = list(deciders.values_list("may_approve", flat=True)[: policy.PEOPLE_AT_LEAST])
    return len(found) == policy.PEOPLE_AT_LEAST and any(found)


@lru_cache(maxsize=8)
def read_hours(text: str) -> Hours:
    """Read REVIEW_HOURS, such as ``Mon-Fri 09:00-17:00, Sat 10:00-12:00``; raises ValueError."""
    by_day: list[list[tuple[timedelta, timedelta]]] = [[] for _day in WEEKDAYS]
    for part in text.split(","):
        span = SPAN.fullmatch(part.strip())
        if span is None:
            raise ValueError(f"{part.strip()!r} is not of the form 'Mon-Fri 09:00-17:00'")
        opens, closes = _since_midnight(span["opens"]), _since_midnight(span["closes"])
        if opens >= closes:
            raise ValueError(f"{part.strip()!r} ends before it begins")
        for day in _days(span["first"], span["last"] or span["first"]):
            by_day[day].append((opens, closes))
    for name, windows in zip(WEEKDAYS, by_day, strict=True):
        windows.sort()
        if any(later[0] < earlier[1] for earlier, later in pairwise(windows)):
            raise ValueError(f"{name} has hours that overlap")
    return tuple(tuple(windows) for windows in by_day)


def _since_midnight(words: str) -> timedelta:
    """Give a time of day as a length; raises ValueError."""
    if words == MIDNIGHT:
        return timedelta(days=1)
    read = time.fromisoformat(words)
    return timedelta(hours=read.hour, minutes=read.minute)


def _days(first: str, last: str) -> list[int]:
    """Give the weekdays from one to the other, over the end of the week too."""
    for name in (first, last):
        if name not in WEEKDAYS:
            raise ValueError(f"{name!r} is not one of: {', '.join(WEEKDAYS)}")
    start = WEEKDAYS.index(first)
    length = (WEEKDAYS.index(last) - start) % len(WEEKDAYS)
    return [(start + step) % len(WEEKDAYS) for step in range(length + 1)]


def _windows(now: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Give the open hours from ``now`` on, in the site's zone, without end."""
    hours = read_hours(settings.REVIEW_HOURS)
    day = timezone.localtime(now, timezone.get_default_timezone()).date()
    while True:
        for opens, closes in hours[day.weekday()]:
            start, end = max(now, _moment(day, opens)), _moment(day, closes)
            if start < end:
                yield start, end
        day += timedelta(days=1)


def _moment(day: date, after_midnight: timedelta) -> datetime:
    """Give the moment at which a clock on the site's wall shows that time."""
    wall = datetime.combine(day, time.min) + after_midnight
    # Through UTC, where lengths are what they say when the clocks change.
    return timezone.make_aware(wall, timezone.get_default_timezone()).astimezone(
        timezone.get_fixed_timezone(0)
    )
