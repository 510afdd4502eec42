"""Events in the words of the pages."""

from typing import Any, TypedDict

from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts.enums import ContactKind, PasswordCause
from activity.enums import EventKind
from activity.models import SecurityEvent

REFUSED = (_("Refused"), "time")
CHANGE = (_("Change"), "live")
RECOVERY = (_("Recovery"), "live")
# A word and its style (templates/_badge.html), for the kinds that a reader should stop at.
BADGES = {
    EventKind.SIGN_IN_FAILED: REFUSED,
    EventKind.SECOND_STEP_FAILED: REFUSED,
    EventKind.CODE_WRONG: REFUSED,
    EventKind.TICKET_CODE_WRONG: REFUSED,
    EventKind.PASSWORD_CHANGED: CHANGE,
    EventKind.CONTACT_ADDED: CHANGE,
    EventKind.CONTACT_REMOVED: CHANGE,
    EventKind.CONTACT_SUSPENDED: CHANGE,
    EventKind.AUTHENTICATOR_ADDED: CHANGE,
    EventKind.AUTHENTICATOR_REMOVED: CHANGE,
    EventKind.ACCOUNT_FROZEN: CHANGE,
    EventKind.ACCOUNT_UNFROZEN: CHANGE,
    EventKind.TICKET_OPENED: RECOVERY,
    EventKind.TICKET_APPROVED: RECOVERY,
    EventKind.TICKET_HELD: RECOVERY,
    EventKind.TICKET_OBJECTED: RECOVERY,
    EventKind.TICKET_CONTESTED: RECOVERY,
    EventKind.TICKET_COMPLETED: RECOVERY,
    EventKind.RECOVERY_UNDONE: RECOVERY,
}
AUTHENTICATORS = {
    "password": _("password"),
    "totp": _("app"),
    "mailed_code": _("mailed code"),
}
CAUSES = {str(value): label for value, label in PasswordCause.choices}
CONTACT_KINDS = {str(value): label for value, label in ContactKind.choices}

# The functional form, because ``with`` is no name in a class body.
Entry = TypedDict(
    "Entry",
    {
        "title": str,
        "at": Any,  # aware datetime; django-stubs' field type
        "where": str,
        "with": str,
        "badge": str,
        "badge_style": str,
        "url": str,
    },
)


def entry_of(event: SecurityEvent) -> Entry:
    """Give an event as the templates show it."""
    badge, style = BADGES.get(EventKind(event.kind), ("", ""))
    return {
        "title": event.get_kind_display(),
        "at": event.at,
        "where": event.place,
        "with": event.agent_words,
        "badge": str(badge or authenticators_of(event)),
        "badge_style": style,
        "url": reverse("activity:event", args=[event.pk]),
    }


def authenticators_of(event: SecurityEvent) -> str:
    """Give what a sign-in was done with, "password + app"; "" for other events."""
    kinds = event.details.get("authenticators", [])
    return " + ".join(str(AUTHENTICATORS[kind]) for kind in kinds if kind in AUTHENTICATORS)


def details_of(event: SecurityEvent) -> list[tuple[str, str]]:
    """Give (label, text) of what else the owner may know; only codes with words of ours."""
    count = event.details.get("count")
    found = [
        (gettext("IP address"), event.address or ""),
        (gettext("Signed in with"), authenticators_of(event)),
        (gettext("How"), str(CAUSES.get(event.details.get("cause", ""), ""))),
        (gettext("Kind"), str(CONTACT_KINDS.get(event.details.get("contact_kind", ""), ""))),
        (gettext("Reference"), _dashed(event.details.get("reference", ""))),
    ]
    if isinstance(count, int):
        ended = ngettext("%(count)d session", "%(count)d sessions", count) % {"count": count}
        found.append((gettext("Ended"), ended))
    return [(label, text) for label, text in found if text]


def _dashed(reference: str) -> str:
    """Give a reference as mails show it: KTRW-4827."""
    middle = len(reference) // 2
    return f"{reference[:middle]}-{reference[middle:]}" if reference else ""
