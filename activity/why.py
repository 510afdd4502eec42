"""Why a sign-in was unusual, in words: from the reasons frozen into it and what came before."""

from datetime import timedelta

from django.utils.functional import Promise
from django.utils.timesince import timesince
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from activity import places, useragents
from activity.enums import RiskReason
from activity.models import SecurityEvent
from activity.queries import Before

# What the event is called where this is its weightiest reason.
TITLES: dict[str, str | Promise] = {
    RiskReason.UNLIKELY: _("Unusual sign-in"),
    RiskReason.NEW_COUNTRY: _("Sign-in from a new country"),
    RiskReason.NEW_BROWSER: _("Sign-in with a new browser"),
    RiskReason.NEW_SYSTEM: _("Sign-in on a new system"),
    RiskReason.IMPOSSIBLE_TRAVEL: _("Sign-in from too far away"),
    RiskReason.AFTER_FAILURES: _("Sign-in after wrong passwords"),
    RiskReason.MANY_ACCOUNTS: _("Sign-in from a network that tries many accounts"),
    RiskReason.LONG_SILENCE: _("First sign-in in a long time"),
}
UNUSUAL = TITLES[RiskReason.UNLIKELY]


def title_of(event: SecurityEvent) -> str:
    """Name an unusual sign-in by its weightiest reason."""
    return next((str(TITLES[each]) for each in event.reasons if each in TITLES), str(UNUSUAL))


def sentences_of(event: SecurityEvent, before: Before | None = None) -> list[str]:
    """Say why the owner is asked, the weightiest reason first; [] for what was not unusual.

    before: the sign-in before it, where one is known. Reasons that a later version gave and this
    one does not know are left out.
    """
    if not event.is_unusual:
        return []
    said = {each: _SAY[each](event, before) for each in event.reasons if each in _SAY}
    if before and before.country and said.keys() >= set(_OF_PLACES):
        # Both begin with where the person was before: the first of them says it all.
        first, second = (each for each in said if each in _OF_PLACES)
        said[first] = _too_far_and_new(event, before)
        del said[second]
    return [*said.values()] or [_unlikely(event, before)]


def _too_far_and_new(event: SecurityEvent, before: Before) -> str:
    return gettext(
        "You were in %(place)s %(length)s earlier, too far to travel in that time, and never in "
        "%(country)s before."
    ) % {
        "place": before.place or places.country_name(before.country),
        "length": _length(event, before),
        "country": places.country_name(event.country),
    }


def _unlikely(_event: SecurityEvent, _before: Before | None) -> str:
    return gettext("It is unlike your sign-ins before.")


def _new_country(event: SecurityEvent, before: Before | None) -> str:
    country = places.country_name(event.country)
    if before is None or before.country in ("", event.country):
        return gettext("Nobody has signed in to your account from %(country)s before.") % {
            "country": country
        }
    return gettext("You were in %(place)s %(length)s earlier, and never in %(country)s before.") % {
        "place": places.country_name(before.country),
        "length": _length(event, before),
        "country": country,
    }


def _impossible_travel(event: SecurityEvent, before: Before | None) -> str:
    if before is None or not before.country:
        return gettext("It is too far from your sign-in before to travel in that time.")
    return gettext("You were in %(place)s %(length)s earlier: too far to travel in that time.") % {
        "place": before.place or places.country_name(before.country),
        "length": _length(event, before),
    }


def _new_browser(event: SecurityEvent, _before: Before | None) -> str:
    if event.browser in ("", useragents.UNKNOWN):
        return gettext("This browser was never used on your account before.")
    return gettext("%(browser)s was never used on your account before.") % {
        "browser": event.browser
    }


def _new_system(event: SecurityEvent, _before: Before | None) -> str:
    if event.system in ("", useragents.UNKNOWN):
        return gettext("This kind of device was never used on your account before.")
    return gettext("%(system)s was never used on your account before.") % {"system": event.system}


def _after_failures(_event: SecurityEvent, _before: Before | None) -> str:
    return gettext("It came right after wrong passwords.")


def _many_accounts(_event: SecurityEvent, _before: Before | None) -> str:
    return gettext("The same network tried to get into many accounts.")


def _long_silence(event: SecurityEvent, before: Before | None) -> str:
    if before is None:
        return gettext("Nobody had signed in for a long time.")
    return gettext("Nobody had signed in for %(length)s.") % {"length": _length(event, before)}


def _length(event: SecurityEvent, before: Before) -> str:
    """Say how much earlier that was, in one unit: "4 hours"."""
    if event.at - before.at < timedelta(minutes=1):
        return gettext("less than a minute")
    return timesince(before.at, event.at, depth=1).replace("\xa0", " ")


_OF_PLACES = (RiskReason.NEW_COUNTRY, RiskReason.IMPOSSIBLE_TRAVEL)
_SAY = {
    RiskReason.UNLIKELY: _unlikely,
    RiskReason.NEW_COUNTRY: _new_country,
    RiskReason.NEW_BROWSER: _new_browser,
    RiskReason.NEW_SYSTEM: _new_system,
    RiskReason.IMPOSSIBLE_TRAVEL: _impossible_travel,
    RiskReason.AFTER_FAILURES: _after_failures,
    RiskReason.MANY_ACCOUNTS: _many_accounts,
    RiskReason.LONG_SILENCE: _long_silence,
}
