"""Events in the words of the pages."""

from datetime import datetime
from typing import TypedDict

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts.enums import AuthenticatorKind, ContactKind, ContactMark, PasswordCause
from activity import places, policy, why
from activity.enums import EventKind, OwnerVerdict
from activity.models import SecurityEvent

REFUSED = (_("Refused"), "time")
CHANGE = (_("Change"), "live")
RECOVERY = (_("Recovery"), "live")
# A word and its style (templates/_badge.html), for the kinds that a reader should stop at.
BADGES = {
    EventKind.SIGN_IN_FAILED: REFUSED,
    EventKind.SECOND_STEP_FAILED: REFUSED,
    EventKind.STEP_UP_FAILED: REFUSED,
    EventKind.CODE_WRONG: REFUSED,
    EventKind.TICKET_CODE_WRONG: REFUSED,
    EventKind.PASSWORD_CHANGED: CHANGE,
    EventKind.PASSWORD_SPENT: CHANGE,
    EventKind.CONTACT_ADDED: CHANGE,
    EventKind.CONTACT_REMOVED: CHANGE,
    EventKind.CONTACT_SUSPENDED: CHANGE,
    EventKind.CONTACT_RESTORED: CHANGE,
    EventKind.CONTACT_CONFIRMED: CHANGE,
    EventKind.CONTACT_MARKED: CHANGE,
    EventKind.PRIMARY_CHANGED: CHANGE,
    EventKind.CONTACTS_REPLACED: CHANGE,
    EventKind.AUTHENTICATOR_ADDED: CHANGE,
    EventKind.AUTHENTICATOR_REMOVED: CHANGE,
    EventKind.AUTHENTICATOR_SUSPENDED: CHANGE,
    EventKind.AUTHENTICATOR_RESTORED: CHANGE,
    EventKind.TWO_STEP_ON: CHANGE,
    EventKind.TWO_STEP_OFF: CHANGE,
    EventKind.RECOVERY_CODES_MADE: CHANGE,
    EventKind.RECOVERY_CODE_USED: CHANGE,
    EventKind.BROWSER_TRUSTED: CHANGE,
    EventKind.BROWSER_DISTRUSTED: CHANGE,
    EventKind.ACCOUNT_FROZEN: CHANGE,
    EventKind.REPORTED: CHANGE,
    EventKind.REPORT_TAKEN_BACK: CHANGE,
    EventKind.ACCOUNT_UNFROZEN: CHANGE,
    EventKind.PROOF_REFUSED: REFUSED,
    EventKind.TICKET_OPENED: RECOVERY,
    EventKind.TICKET_APPROVED: RECOVERY,
    EventKind.TICKET_HELD: RECOVERY,
    EventKind.TICKET_OBJECTED: RECOVERY,
    EventKind.TICKET_CONTESTED: RECOVERY,
    EventKind.TICKET_COMPLETED: RECOVERY,
    EventKind.SECOND_STEP_RESET: RECOVERY,
    EventKind.RECOVERY_UNDONE: RECOVERY,
}
# A contact is "contact" to staff alone; these stand for what is no phone, and for a phone.
CONTACT_TITLES: dict[EventKind, tuple[str | Promise, str | Promise]] = {
    EventKind.CONTACT_ADDED: (_("E-mail address added"), _("Phone added")),
    EventKind.CONTACT_REMOVED: (_("E-mail address removed"), _("Phone removed")),
    EventKind.CONTACT_SUSPENDED: (_("E-mail address suspended"), _("Phone suspended")),
    EventKind.CONTACT_RESTORED: (_("E-mail address put back"), _("Phone put back")),
    EventKind.CONTACT_CONFIRMED: (
        _("E-mail address confirmed again"),
        _("Phone confirmed again"),
    ),
    EventKind.CONTACT_MARKED: (_("E-mail address marked"), _("Phone marked")),
    EventKind.PRIMARY_CHANGED: (
        _("E-mail address to sign in with changed"),
        _("Phone to sign in with changed"),
    ),
    EventKind.CONTACTS_REPLACED: (_("All older addresses and phones removed"),) * 2,
}
AUTHENTICATORS = {
    "password": _("password"),
    "passkey": _("passkey"),
    "totp": _("app"),
    "sms": _("text message"),
    "email": _("e-mail code"),
    "recovery_codes": _("printed code"),
    "trusted_browser": _("trusted browser"),
    "mailed_code": _("mailed code"),
}
CAUSES = {str(value): label for value, label in PasswordCause.choices}
CONTACT_KINDS = {str(value): label for value, label in ContactKind.choices}
SECOND_STEPS = {str(value): label for value, label in AuthenticatorKind.choices}
MARKS = {str(value): label for value, label in ContactMark.choices}

# What an owner has said stands in the place of the other words.
ANSWERS: dict[str, tuple[str | Promise, str]] = {
    OwnerVerdict.ME: (_("This was you"), "good"),
    OwnerVerdict.NOT_ME: (_("Not you"), "danger"),
}
UNUSUAL = (_("Unusual"), "danger")
# A shape for each style (templates/_badge.html) where the usual one would say something else.
SHAPES = {"": "tick", "time": "cross"}
FREEZE_CAUSES = {
    "reported": _("reported as not you"),
    "recovery_undone": _("a recovery was reported"),
    "taken_back": _("the report was taken back"),
}

# The functional form, because ``with`` is no name in a class body.
Entry = TypedDict(
    "Entry",
    {
        "title": str,
        "at": datetime,
        "since": datetime | None,
        "where": str,
        "with": str,
        "badge": str,
        "badge_style": str,
        "badge_shape": str,
        "url": str,
        "repeats": list[tuple[datetime, str, str]],
    },
)


def entry_of(event: SecurityEvent, *others: SecurityEvent) -> Entry:
    """Give an event as the templates show it, or repeats of one thing, newest first.

    since: the time of the oldest of repeats, None for a single event. repeats: of each of them its
    time, its page and its IP address; [] for a single event.
    """
    badge, style = _badge_of(event)
    events = [event, *others]
    return {
        "title": _title_of_all(events),
        "at": event.at,
        "since": others[-1].at if others else None,
        "where": where_of(event),
        "with": event.agent_words,
        "badge": badge,
        "badge_style": style,
        "badge_shape": SHAPES.get(style, ""),
        "url": "" if others else url_of(event),
        "repeats": [(each.at, url_of(each), each.address or "") for each in events]
        if others
        else [],
    }


def url_of(event: SecurityEvent) -> str:
    """Give the address of the page of one event."""
    return reverse("activity:event", args=[event.pk])


def where_of(event: SecurityEvent) -> str:
    """Give the place, which is approximate: "Germany", "near Berlin, Germany"; "" unknown."""
    if not event.place or event.place == places.country_name(event.country):
        return event.place
    return gettext("near %(place)s") % {"place": event.place}


def is_heard(event: SecurityEvent) -> bool:
    """Tell whether somebody said "this was me" who could not be believed: it is still asked."""
    return not event.verdict and event.details.get("heard") == OwnerVerdict.ME


def title_of(event: SecurityEvent) -> str:
    """Name an event in a few words, for lists and as the subject of its notice."""
    if event.is_unusual:
        return why.title_of(event)
    titles = CONTACT_TITLES.get(EventKind(event.kind))
    if titles is None:
        return event.get_kind_display()
    return str(titles[event.details.get("contact_kind") == ContactKind.PHONE])


def authenticators_of(event: SecurityEvent) -> str:
    """Give what a sign-in was done with, "password + app"; "" for other events."""
    kinds = event.details.get("authenticators", [])
    return " + ".join(str(AUTHENTICATORS[kind]) for kind in kinds if kind in AUTHENTICATORS)


def how_unusual(event: SecurityEvent) -> str:
    """Give the score of a sign-in in words; "" where nobody judged it."""
    if event.score is None:
        return ""
    if event.score >= policy.CONFIRM_FROM:
        return gettext("Very")
    return gettext("Somewhat") if event.score >= policy.UNUSUAL_FROM else gettext("Not unusual")


def details_of(event: SecurityEvent) -> list[tuple[str, str]]:
    """Give (label, text) of what else the owner may know of an event."""
    found = [
        (gettext("IP address"), event.address or ""),
        (gettext("Network"), event.network if event.network != event.address else ""),
        (gettext("Signed in with"), authenticators_of(event)),
        (gettext("How unusual"), how_unusual(event)),
    ]
    return [(label, text) for label, text in found if text] + facts_of(event)


def facts_of(event: SecurityEvent) -> list[tuple[str, str]]:
    """Give (label, text) of what is particular to its kind; only codes with words of ours."""
    count, left = event.details.get("count"), event.details.get("left")
    cause = event.details.get("cause", "")
    found = [
        (gettext("How"), str(CAUSES.get(cause, ""))),
        (gettext("Why"), str(FREEZE_CAUSES.get(cause, ""))),
        (gettext("Kind"), str(CONTACT_KINDS.get(event.details.get("contact_kind", ""), ""))),
        (gettext("Second step"), str(SECOND_STEPS.get(event.details.get("authenticator", ""), ""))),
        (gettext("Marked"), str(MARKS.get(event.details.get("mark", ""), ""))),
        (gettext("Reference"), _dashed(event.details.get("reference", ""))),
    ]
    if isinstance(count, int):
        ended = ngettext("%(count)d session", "%(count)d sessions", count) % {"count": count}
        found.append((gettext("Ended"), ended))
    if isinstance(left, int):
        found.append((gettext("Printed codes left"), str(left)))
    return [(label, text) for label, text in found if text]


def _badge_of(event: SecurityEvent) -> tuple[str, str]:
    """Give a word and its style; for most sign-ins what they were done with."""
    if event.verdict:
        word, style = ANSWERS[event.verdict]
    elif event.is_unusual:
        word, style = UNUSUAL
    else:
        word, style = BADGES.get(EventKind(event.kind), ("", ""))
    return str(word or authenticators_of(event)), style


def _title_of_all(events: list[SecurityEvent]) -> str:
    """Name repeats by what they are and how many."""
    title, count = title_of(events[0]), len(events)
    if count == 1:
        return title
    if events[0].kind == EventKind.SIGNED_IN:
        return gettext("Signed in %(count)d times") % {"count": count}
    if events[0].kind == EventKind.SIGNED_OUT:
        return gettext("Signed out %(count)d times") % {"count": count}
    return gettext("%(title)s, %(count)d times") % {"title": title, "count": count}


def _dashed(reference: str) -> str:
    """Give a reference as mails show it: KTRW-4827."""
    middle = len(reference) // 2
    return f"{reference[:middle]}-{reference[middle:]}" if reference else ""
