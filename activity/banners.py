"""What the security page asks its owner (settings.ACCOUNT_BANNERS)."""

from datetime import datetime, timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.hooks import Banner
from accounts.models import User
from activity import policy
from activity.models import SecurityEvent
from activity.queries import unanswered_of


def banners_for(user: User) -> list[Banner]:
    """Ask about the newest unusual event that the owner has not answered; one query."""
    now = timezone.now()
    found = list(unanswered_of(user, now - policy.EVENTS_SHOWN)[:2])
    if not found:
        return []
    newest = found[0]
    text = _("With %(agent)s.") % {"agent": newest.agent_words}
    if len(found) > 1:
        text = f"{text} {_('Others wait for your answer too.')}"
    return [
        Banner(
            title=_title(newest, now),
            text=text,
            action_url=reverse("activity:log"),
            action_label=_("Look and say"),
            style="problem",
        )
    ]


def _title(event: SecurityEvent, now: datetime) -> str:
    """Ask in one line: "Was this you? Sign-in from Brazil, today 03:27"."""
    if not event.place:
        return _("Was this you? Sign-in, %(when)s") % {"when": _when(event.at, now)}
    return _("Was this you? Sign-in from %(place)s, %(when)s") % {
        "place": event.place,
        "when": _when(event.at, now),
    }


def _when(at: datetime, now: datetime) -> str:
    local, today = timezone.localtime(at), timezone.localtime(now).date()
    clock = {"clock": date_format(local, "H:i")}
    if local.date() == today:
        return _("today %(clock)s") % clock
    if local.date() == today - timedelta(days=1):
        return _("yesterday %(clock)s") % clock
    return date_format(local, "j F, H:i")
