"""What a notice says of an event, and what its reader can do about it.

Nothing that somebody typed stands in it, not even the name of an authenticator: a thief in a
session would write to the owner's addresses through us.
"""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts import policy
from accounts.enums import AuthenticatorKind, ContactKind, ContactMark
from activity import why, wording
from activity.enums import Done, EventKind
from activity.models import Incident, SecurityEvent

# What a message is called where the title of the page says too little, or too much for a subject
# that lock screens show.
TITLES: dict[EventKind, str | Promise] = {
    EventKind.SIGNED_IN: _("Someone signed in to your account"),
    EventKind.SECOND_STEP_FAILED: _("A sign-in was stopped at the second step"),
    EventKind.CODE_SENT: _("A sign-in was stopped at the code that we mailed"),
    EventKind.REPORTED: _("Something on your account was reported"),
    EventKind.REPORT_TAKEN_BACK: _("A report about your account was taken back"),
}
SENTENCES: dict[EventKind, str | Promise] = {
    EventKind.PASSWORD_CHANGED: _("The password of your account was changed."),
    EventKind.ACCOUNT_FROZEN: _("Your account was paused: nobody can sign in to it for now."),
    EventKind.ACCOUNT_UNFROZEN: _("Your account is no longer paused."),
    EventKind.SIGNED_IN: _("Someone signed in to your account with your password."),
    EventKind.SECOND_STEP_FAILED: _(
        "Someone gave the right password of your account, but no right second step, and did not "
        "get in that way. If it was not you, somebody knows your password."
    ),
    EventKind.CODE_SENT: _(
        "Someone gave the right password of your account, but not the code that we mailed, and "
        "did not get in that way. If it was not you, somebody knows your password."
    ),
    EventKind.REPORT_TAKEN_BACK: _(
        "A report that something on your account was not its owner was taken back. What it had "
        "changed is as it was before; browsers that it signed out stay signed out."
    ),
    EventKind.RECOVERY_CODES_MADE: _(
        "New printed codes were made for your account. Codes that were printed before no longer "
        "work."
    ),
    EventKind.TWO_STEP_OFF: _(
        "Two-step verification was turned off. The password alone is enough to sign in now."
    ),
}
ADDED = {
    AuthenticatorKind.PASSKEY: _("A passkey was added to your account."),
    AuthenticatorKind.TOTP: _("An authenticator app was added to your account."),
    AuthenticatorKind.SMS: _("Codes by text message were added to your account as a second step."),
    AuthenticatorKind.EMAIL: _("Codes by e-mail were added to your account as a second step."),
}
REMOVED = {
    AuthenticatorKind.PASSKEY: _("A passkey was removed from your account."),
    AuthenticatorKind.TOTP: _("An authenticator app was removed from your account."),
    AuthenticatorKind.SMS: _("Codes by text message are no longer a second step of your account."),
    AuthenticatorKind.EMAIL: _("Codes by e-mail are no longer a second step of your account."),
    AuthenticatorKind.RECOVERY_CODES: _(
        "The printed codes of your account were removed. They no longer work."
    ),
}
SUSPENDED = _(
    "A second step of your account was suspended: it opens nothing until it is confirmed again."
)
RESTORED = _("A second step that was suspended opens your account again.")
PAUSED_BY_REPORT = _(
    "Your account was paused, because somebody told us that something on it was not its owner. "
    "Nobody can sign in to it for now; nothing is deleted."
)
PAUSE_TAKEN_BACK = _("Your account is no longer paused: whoever paused it took that back.")
REPORTED = _("Somebody who is signed in to your account said that this was not them: %(title)s.")
# In the order of Done; what an incident did at once.
DONE: dict[str, str | Promise] = {
    Done.SIGNED_OUT: _("Every other browser was signed out."),
    Done.FORGOT_BROWSERS: _("Trusted browsers were forgotten."),
    Done.SUSPENDED_CONTACT: _("Addresses and phones that were added since then are suspended."),
    Done.RESTORED_CONTACT: _("Addresses and phones that were removed since then are back."),
    Done.SUSPENDED_AUTHENTICATOR: _("Second steps that were added since then open nothing."),
    Done.SPENT_PASSWORD: _("The password is not accepted any more; a new one has to be set."),
    Done.PAUSED: _("The account is paused."),
    Done.CONTESTED_CLAIMS: _("Recoveries that were asked for since then are with our staff."),
    Done.TOLD_STAFF: _("Our staff look at it."),
}
ANY_ADDED = _("A second step for signing in was added to your account.")
ANY_REMOVED = _("A second step for signing in was removed from your account.")
NOW_ON = _("Two-step verification is on now: the password alone is no longer enough to sign in.")
# Of what is no phone, for an e-mail address is what most have.
CONTACT_SENTENCES: dict[EventKind, tuple[str | Promise, str | Promise]] = {
    EventKind.CONTACT_ADDED: (
        _("An e-mail address was added to your account."),
        _("A phone was added to your account."),
    ),
    EventKind.CONTACT_REMOVED: (
        _("An e-mail address was removed from your account."),
        _("A phone was removed from your account."),
    ),
    EventKind.CONTACT_SUSPENDED: (
        _("An e-mail address of your account was suspended: it is told nothing any more."),
        _("A phone of your account was suspended: it is told nothing any more."),
    ),
    EventKind.CONTACT_RESTORED: (
        _("An e-mail address that had been removed is on your account again."),
        _("A phone that had been removed is on your account again."),
    ),
    EventKind.CONTACT_CONFIRMED: (
        _("An e-mail address that had been put back counts again when you have to get back in."),
        _("A phone that had been put back counts again when you have to get back in."),
    ),
}
MARKED = {
    ContactMark.SHARED: _(
        "An address or phone of your account was marked: somebody else reads it too."
    ),
    ContactMark.LOST: _(
        "An address or phone of your account was marked: it can't be opened any more."
    ),
}
UNMARKED = _("The mark on an address or phone of your account was taken away.")

CAUSED: dict[tuple[EventKind, str], str | Promise] = {
    (EventKind.ACCOUNT_FROZEN, "reported"): PAUSED_BY_REPORT,
    (EventKind.ACCOUNT_UNFROZEN, "taken_back"): PAUSE_TAKEN_BACK,
}
# Told as well, but only where they are unusual or come to nothing, and folded (services.folding).
SOMETIMES = frozenset({EventKind.SIGNED_IN, EventKind.SECOND_STEP_FAILED, EventKind.CODE_SENT})
PASSWORD_PAGE = frozenset({EventKind.SECOND_STEP_FAILED, EventKind.CODE_SENT})
# Every kind that all contacts hear of; nobody can switch it off.
ANNOUNCED = frozenset(
    {
        *(SENTENCES.keys() - SOMETIMES),
        *CONTACT_SENTENCES,
        EventKind.CONTACT_MARKED,
        EventKind.PRIMARY_CHANGED,
        EventKind.CONTACTS_REPLACED,
        EventKind.AUTHENTICATOR_ADDED,
        EventKind.AUTHENTICATOR_REMOVED,
        EventKind.AUTHENTICATOR_SUSPENDED,
        EventKind.AUTHENTICATOR_RESTORED,
        EventKind.TWO_STEP_ON,
        EventKind.RECOVERY_CODE_USED,
        EventKind.BROWSER_TRUSTED,
        EventKind.REPORTED,
    }
)
TWO_STEP_PAGE = frozenset(
    {
        EventKind.AUTHENTICATOR_ADDED,
        EventKind.AUTHENTICATOR_REMOVED,
        EventKind.AUTHENTICATOR_SUSPENDED,
        EventKind.AUTHENTICATOR_RESTORED,
        EventKind.TWO_STEP_ON,
        EventKind.TWO_STEP_OFF,
        EventKind.RECOVERY_CODES_MADE,
        EventKind.RECOVERY_CODE_USED,
    }
)
CONTACTS_PAGE = frozenset(
    {
        *CONTACT_SENTENCES,
        EventKind.CONTACT_MARKED,
        EventKind.PRIMARY_CHANGED,
        EventKind.CONTACTS_REPLACED,
    }
)
SECURITY_PAGE = frozenset({EventKind.BROWSER_TRUSTED})


@dataclass(frozen=True)
class Way:
    """Where an owner who can sign in undoes an event: a path of ours, and the words for it."""

    path: str
    label: str


def way_of(event: SecurityEvent) -> Way:
    """Give the page on which the event can be undone, else the list of what happened."""
    if event.kind in TWO_STEP_PAGE:
        return Way(reverse("accounts:two_step"), gettext("See your second steps"))
    if event.kind in CONTACTS_PAGE:
        return Way(reverse("accounts:contacts"), gettext("See your addresses and phones"))
    if event.kind in SECURITY_PAGE:
        return Way(reverse("accounts:security"), gettext("See who can get in"))
    if event.kind in PASSWORD_PAGE:
        return Way(reverse("accounts:password"), gettext("Choose a new password"))
    if event.kind == EventKind.ACCOUNT_FROZEN:
        return Way(reverse("recovery:start"), gettext("Get back into my account"))
    return Way(reverse("activity:log"), gettext("See what happened"))


def title_of(event: SecurityEvent) -> str:
    """Name an event in the subject of its message."""
    return str(TITLES.get(EventKind(event.kind), "") or wording.title_of(event))


def why_of(event: SecurityEvent) -> str:
    """Say why the owner is asked about a sign-in; "" for all else.

    Without where the sign-in before it was: its owner's journeys stay on the page.
    """
    return " ".join(why.sentences_of(event))


def what_of(event: SecurityEvent) -> str:
    """Give the sentence or two that tell a contact of long standing what happened."""
    kind, details = EventKind(event.kind), event.details
    if (kind, details.get("cause")) in CAUSED:
        return str(CAUSED[kind, details["cause"]])
    if kind in CONTACT_SENTENCES:
        is_phone = details.get("contact_kind") == ContactKind.PHONE
        return str(CONTACT_SENTENCES[kind][is_phone])
    if kind in SENTENCES:
        return str(SENTENCES[kind])
    return _SPECIAL[kind](event)


def what_of_own_removal(kind: str) -> str:
    """Give what is told to the removed contact itself, of the given kind."""
    is_phone = kind == ContactKind.PHONE
    return (
        gettext("This phone was removed from your account.")
        if is_phone
        else gettext("This e-mail address was removed from your account.")
    )


def _added(event: SecurityEvent) -> str:
    return str(ADDED.get(event.details.get("authenticator", ""), ANY_ADDED))


def _turned_on(event: SecurityEvent) -> str:
    return f"{_added(event)} {NOW_ON}"


def _removed(event: SecurityEvent) -> str:
    return str(REMOVED.get(event.details.get("authenticator", ""), ANY_REMOVED))


def _marked(event: SecurityEvent) -> str:
    mark = event.details.get("mark", "")
    if mark not in MARKED:
        return str(UNMARKED)
    days = policy.MARK_COUNTS_AFTER.days
    after = ngettext(
        "From tomorrow it counts for less when you have to get back in.",
        "In %(days)d days it will count for less when you have to get back in.",
        days,
    ) % {"days": days}
    return f"{MARKED[mark]} {after}"


def _renamed(event: SecurityEvent) -> str:
    return gettext(
        "Another address is now the one to sign in with. For %(days)d days the one before still "
        "names your account when you have to get back in."
    ) % {"days": policy.REMOVED_CONTACT_KEEPS_RIGHTS.days}


def _replaced(event: SecurityEvent) -> str:
    return gettext(
        "All addresses and phones that were on your account for long have been replaced. For "
        "%(days)d days less can be changed on it, so that you can put them back."
    ) % {"days": policy.RESTRICTED_AFTER_REPLACEMENT.days}


def _used_code(event: SecurityEvent) -> str:
    left = event.details.get("left", 0)
    if not left:
        return gettext("The last of your printed codes was used. Make new ones: none is left.")
    used = gettext("A printed code of your account was used.")
    if left in policy.RECOVERY_CODES_WARN_AT:
        return (
            used
            + " "
            + ngettext(
                "Only %(left)d is left: make new ones before it is gone.",
                "Only %(left)d are left: make new ones before they are gone.",
                left,
            )
            % {"left": left}
        )
    return used + " " + ngettext("%(left)d is left.", "%(left)d are left.", left) % {"left": left}


def _trusted(event: SecurityEvent) -> str:
    return gettext(
        "A browser is trusted for %(days)d days: until then it is asked for the password alone, "
        "not for a second step."
    ) % {"days": policy.TRUST_LIVES.days}


def _suspended(_event: SecurityEvent) -> str:
    return str(SUSPENDED)


def _restored(_event: SecurityEvent) -> str:
    return str(RESTORED)


def _reported(event: SecurityEvent) -> str:
    """Say what was reported, and what that did at once."""
    pk = event.details.get("incident")
    incident = Incident.objects.select_related("event").filter(pk=pk).first() if pk else None
    if incident is None or incident.event is None:
        return str(TITLES[EventKind.REPORTED]) + "."
    did = {each.get("what") for each in incident.done}
    reported = str(REPORTED) % {"title": wording.title_of(incident.event)}
    return " ".join([reported, *(str(words) for what, words in DONE.items() if what in did)])


_SPECIAL = {
    EventKind.AUTHENTICATOR_SUSPENDED: _suspended,
    EventKind.AUTHENTICATOR_RESTORED: _restored,
    EventKind.REPORTED: _reported,
    EventKind.AUTHENTICATOR_ADDED: _added,
    EventKind.TWO_STEP_ON: _turned_on,
    EventKind.AUTHENTICATOR_REMOVED: _removed,
    EventKind.CONTACT_MARKED: _marked,
    EventKind.PRIMARY_CHANGED: _renamed,
    EventKind.CONTACTS_REPLACED: _replaced,
    EventKind.RECOVERY_CODE_USED: _used_code,
    EventKind.BROWSER_TRUSTED: _trusted,
}
