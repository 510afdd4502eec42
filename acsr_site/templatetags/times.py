"""Times, lengths of time and references as people read them.

Filters for pages and mails. All of them follow Django's active time zone and language; ``None``
and "" give "".
"""

from datetime import datetime, timedelta

from django import template
from django.utils import timezone
from django.utils.dateformat import format as format_date
from django.utils.translation import gettext, ngettext

register = template.Library()

REFERENCE_HALF = 4  # characters before the dash


@register.filter
def clock(value: datetime | None) -> str:
    """Give the hour and minute, "14:13"."""
    return _in_zone(value, "H:i")


@register.filter
def day(value: datetime | None) -> str:
    """Give the short day, "Mon 30 Nov"."""
    return _in_zone(value, "D j M")


@register.filter
def long_day(value: datetime | None) -> str:
    """Give the day in full, "Thursday 26 November 2026"."""
    return _in_zone(value, "l j F Y")


@register.filter
def zone(value: datetime | None) -> str:
    """Name the zone and its distance from UTC at that moment, "Berlin time, UTC+1"."""
    if not value:
        return ""
    local = timezone.localtime(value)
    offset = _offset_in_words(local.utcoffset() or timedelta())
    area, _, city = getattr(local.tzinfo, "key", "").rpartition("/")
    # "UTC", "Etc/GMT-2" and fixed offsets name no place that a person would know.
    if not area or area == "Etc":
        return offset
    place = city.replace("_", " ")
    return gettext("%(place)s time, %(offset)s") % {"place": place, "offset": offset}


@register.filter
def moment(value: datetime | None) -> str:
    """Give day, time and zone, "Thursday 26 November 2026, 14:30 (Berlin time, UTC+1)"."""
    if not value:
        return ""
    return f"{long_day(value)}, {clock(value)} ({zone(value)})"


@register.filter
def in_words(length: timedelta | None) -> str:
    """Say a length in its two largest units, rounded down: "2 days and 4 hours".

    Less than a minute, and anything negative, is "less than a minute".
    """
    if length is None:
        return ""
    minutes = max(0, int(length.total_seconds() // 60))
    days, minutes = divmod(minutes, 24 * 60)
    hours, minutes = divmod(minutes, 60)
    parts = [
        ngettext("%(count)d day", "%(count)d days", days) % {"count": days} if days else "",
        ngettext("%(count)d hour", "%(count)d hours", hours) % {"count": hours} if hours else "",
        # Minutes beside days say more than anybody knows.
        ngettext("%(count)d minute", "%(count)d minutes", minutes) % {"count": minutes}
        if minutes and not days
        else "",
    ]
    said = [part for part in parts if part]
    return gettext(" and ").join(said) if said else gettext("less than a minute")


@register.filter
def time_left(value: datetime | None) -> str:
    """Say how long it is until then, "2 days and 4 hours"."""
    return in_words(value - timezone.now()) if value else ""


@register.filter
def pretty_reference(value: str | None) -> str:
    """Put the dash into a reference: KTRW4827 becomes KTRW-4827; one that has it stays."""
    plain = (value or "").replace("-", "")
    return "-".join(part for part in (plain[:REFERENCE_HALF], plain[REFERENCE_HALF:]) if part)


def _in_zone(value: datetime | None, pattern: str) -> str:
    return format_date(timezone.localtime(value), pattern) if value else ""


def _offset_in_words(offset: timedelta) -> str:
    """Say a distance from UTC: "UTC", "UTC+1", "UTC-3:30"."""
    minutes = int(offset.total_seconds() // 60)
    if not minutes:
        return "UTC"
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'+' if minutes > 0 else '-'}{hours}" + (f":{rest:02}" if rest else "")
