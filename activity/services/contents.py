"""What the message about one event says to one contact, and the links that it carries."""

from datetime import datetime
from typing import Any, cast

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext

from accounts import policy as accounts_policy
from accounts.models import Contact
from accounts.queries import account_name, mask
from accounts.services import removed_contacts
from activity.enums import EventKind
from activity.models import SecurityEvent
from activity.services import report_links, telling
from activity.services.folding import FOLDED, More

# What other programs sort mail by (X-Message-Kind), and the folder of the templates.
CHANGED = "activity.account_changed"
KINDS = {
    EventKind.SIGNED_IN: "activity.unusual_sign_in",
    EventKind.SECOND_STEP_FAILED: "activity.second_step_failed",
    EventKind.CODE_SENT: "activity.second_step_failed",
}
# Where the owner was when they pressed is none of a former reader's business.
BARE_OFF_FILE = FOLDED | {EventKind.REPORTED, EventKind.REPORT_TAKEN_BACK}
# Of these a contact that is off file hears how it is put back.
REMOVALS = (EventKind.CONTACT_REMOVED, EventKind.CONTACTS_REPLACED)


def kind_of(event: SecurityEvent) -> str:
    """Give the kind of the messages about an event."""
    return KINDS.get(EventKind(event.kind), CHANGED)


def context_of(event: SecurityEvent, contact: Contact, more: More, now: datetime) -> dict[str, Any]:
    """Give what the message may say: everything to old contacts, the bare fact to younger ones.

    A contact that was added last week may be the thief's: it learns nothing of the owner.
    """
    is_full = is_told_in_full(contact, event)
    facts = _facts(event, contact) if is_full else _bare_facts(event)
    return facts | {
        "is_full": is_full,
        "at": event.at.isoformat(),
        "pauses": report_links.has_say(contact, now),
        "is_paused": event.kind == EventKind.ACCOUNT_FROZEN,
        **_more(more, is_full=is_full),
        **_undo(event, contact),
    }


def secrets_of(event: SecurityEvent, contact: Contact, now: datetime) -> dict[str, str] | None:
    """Make the links of this one message: to put the contact back, and to report the event."""
    found = {}
    if may_put_back(event, contact):
        token = removed_contacts.new_undo_link(contact, now)
        found["link"] = settings.SITE_URL + reverse("accounts:undo_contact", args=[token])
    # An account that is paused is not paused again.
    if event.kind != EventKind.ACCOUNT_FROZEN:
        token = report_links.new_link(event, contact, now)
        found["report"] = settings.SITE_URL + reverse("activity:report", args=[token])
    return found or None


def may_put_back(event: SecurityEvent, contact: Contact) -> bool:
    """Tell whether this message lets a removed contact put itself back."""
    if event.kind not in REMOVALS or contact.removed_at is None or event.user is None:
        return False
    return removed_contacts.gets_undo_link(contact, event.user, contact.removed_at)


def is_told_in_full(contact: Contact, event: SecurityEvent) -> bool:
    """Tell whether a contact was on file long enough, at that time, to hear details.

    One that was put back waits until it counts again: it may be its former reader's. One that is
    removed hears in full what was changed, which may be its own removal; where somebody signed in
    or reported from and with what is none of its reader's business.
    """
    at = event.at
    if event.kind in BARE_OFF_FILE and contact.removed_at is not None:
        return False
    counts_from = contact.counts_from
    return _is_of_old(contact, at) and counts_from is not None and counts_from <= at


def _is_of_old(contact: Contact, at: datetime) -> bool:
    verified_at = contact.verified_at
    return verified_at is not None and verified_at <= at - accounts_policy.FULL_NOTICE_AFTER


def _facts(event: SecurityEvent, contact: Contact) -> dict[str, Any]:
    way = telling.way_of(event)
    user = event.user
    return {
        "title": telling.title_of(event),
        "what": _what(event, contact),
        "why": telling.why_of(event),
        "device": event.agent_words_by_mail,
        "place": event.place,
        # One mailbox may be on several accounts.
        "account_shown": mask(account_name(user)) if user else "",
        "name": user.first_name if user else "",
        "page": way.path,
        "page_label": way.label,
    }


def _bare_facts(event: SecurityEvent) -> dict[str, Any]:
    is_change = kind_of(event) == CHANGED
    return {
        "title": (
            gettext("Something changed on your account")
            if is_change
            else gettext("Something happened on an account")
        ),
        "what": (
            gettext("Something changed on your account. Sign in to see what it was.")
            if is_change
            else gettext("Something happened on an account that this address is or was on.")
        ),
        "why": "",
        "device": "",
        "place": "",
        "account_shown": "",
        "name": "",
        "page": reverse("activity:log"),
        "page_label": gettext("See what happened"),
    }


def _what(event: SecurityEvent, contact: Contact) -> str:
    is_own = event.details.get("contact") == contact.pk
    if is_own and event.kind == EventKind.CONTACT_REMOVED:
        return telling.what_of_own_removal(contact.kind)
    return telling.what_of(event)


def _more(more: More, *, is_full: bool) -> dict[str, Any]:
    if not (more.since and is_full):
        return {}
    return {"more": more.count, "more_since_at": more.since.isoformat()}


def _undo(event: SecurityEvent, contact: Contact) -> dict[str, Any]:
    if not may_put_back(event, contact):
        return {}
    until = cast("datetime", contact.removed_at) + accounts_policy.CONTACT_UNDO_LIVES
    return {"undo_until": until.isoformat()}
