"""Events in the words of the pages."""

from typing import Any, TypedDict

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts.enums import AuthenticatorKind, ContactKind, ContactMark, PasswordCause
from activity.enums import EventKind
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
        "title": title_of(event),
        "at": event.at,
        "where": event.place,
        "with": event.agent_words,
        "badge": str(badge or authenticators_of(event)),
        "badge_style": style,
        "url": reverse("activity:event", args=[event.pk]),
    }


def title_of(event: SecurityEvent) -> str:
    """Name an event in a few words, for lists and as the subject of its notice."""
    titles = CONTACT_TITLES.get(EventKind(event.kind))
    if titles is None:
        return event.get_kind_display()
    return str(titles[event.details.get("contact_kind") == ContactKind.PHONE])


def authenticators_of(event: SecurityEvent) -> str:
    """Give what a sign-in was done with, "password + app"; "" for other events."""
    kinds = event.details.get("authenticators", [])
    return " + ".join(str(AUTHENTICATORS[kind]) for kind in kinds if kind in AUTHENTICATORS)


def details_of(event: SecurityEvent) -> list[tuple[str, str]]:
    """Give (label, text) of what else the owner may know; only codes with words of ours."""
    count, left = event.details.get("count"), event.details.get("left")
    found = [
        (gettext("IP address"), event.address or ""),
        (gettext("Signed in with"), authenticators_of(event)),
        (gettext("How"), str(CAUSES.get(event.details.get("cause", ""), ""))),
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


def _dashed(reference: str) -> str:
    """Give a reference as mails show it: KTRW-4827."""
    middle = len(reference) // 2
    return f"{reference[:middle]}-{reference[middle:]}" if reference else ""
