"""What a report did, in the words of its pages."""

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.enums import AuthenticatorKind, ContactKind
from activity.enums import Done, IncidentOrigin
from activity.models import Incident
from activity.services.report_facts import Fact

KINDS = {str(value): label for value, label in AuthenticatorKind.choices}


def sentences_of(incident: Incident, *, is_full: bool = True) -> list[str]:
    """Give what a report did, a sentence for each thing.

    is_full: else only what everybody who reads a contact of the account may know.
    """
    facts: list[Fact] = incident.done
    if not is_full:
        facts = [fact for fact in facts if fact["what"] in (Done.PAUSED, Done.TOLD_STAFF)]
    said = [_WORDS[Done(fact["what"])](fact) for fact in facts if fact["what"] != Done.TOLD_STAFF]
    if incident.origin == IncidentOrigin.OLD_SESSION or incident.has_paused:
        said.append(_("Told the addresses and phones on the account"))
    return [*said, _("Asked a person on our staff to look at it")]


def _signed_out(fact: Fact) -> str:
    count = fact["count"]
    return ngettext("Signed out %(count)d browser", "Signed out %(count)d browsers", count) % {
        "count": count
    }


def _forgot(_fact: Fact) -> str:
    return _("Forgot the browsers that came since, and every one that may skip the second step")


def _suspended(fact: Fact) -> str:
    if _is_phone(fact):
        return _("Set aside a phone that was added since")
    return _("Set aside an e-mail address that was added since")


def _restored(fact: Fact) -> str:
    if _is_phone(fact):
        return _("Put back a phone; it counts again when you have confirmed it")
    return _("Put back an e-mail address; it counts again when you have confirmed it")


def _switched_off(fact: Fact) -> str:
    kind = KINDS.get(fact["kind"], "")
    return _("Switched off a second step that was added since: %(kind)s") % {"kind": kind}


def _spent(_fact: Fact) -> str:
    return _("Your password lets nobody in any more")


def _paused(_fact: Fact) -> str:
    return _("Paused the account: nobody can sign in or change anything")


def _contested(fact: Fact) -> str:
    stopped, count = fact.get("stopped", 0), fact["count"]
    if stopped == count:
        text = ngettext(
            "Stopped %(count)d request to get into the account",
            "Stopped %(count)d requests to get into the account",
            count,
        )
    else:
        text = ngettext(
            "Handed %(count)d request to get into the account to people; it stands still",
            "Handed %(count)d requests to get into the account to people; they stand still",
            count,
        )
    return text % {"count": count}


def _is_phone(fact: Fact) -> bool:
    return fact["kind"] == ContactKind.PHONE


_WORDS: dict[Done, Callable[[Any], str]] = {
    Done.SIGNED_OUT: _signed_out,
    Done.FORGOT_BROWSERS: _forgot,
    Done.SUSPENDED_CONTACT: _suspended,
    Done.RESTORED_CONTACT: _restored,
    Done.SUSPENDED_AUTHENTICATOR: _switched_off,
    Done.SPENT_PASSWORD: _spent,
    Done.PAUSED: _paused,
    Done.CONTESTED_CLAIMS: _contested,
}
