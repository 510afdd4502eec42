"""What staff read of coded facts: risk, grades, messages, votes; words for the case file."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from recovery import questions
from recovery.enums import Grade, NoticeKind, TicketState, Verdict

# Style and shape of templates/_badge.html: shape, then word, then colour.
GRADES: dict[str, tuple[str, str]] = {
    Grade.MATCH: ("good", "disc"),
    Grade.NEAR: ("time", "half"),
    Grade.NONE: ("danger", "cross"),
    Grade.NOTHING: ("", "ring"),
    Grade.LEFT_OUT: ("", "ring"),
}
STATES: dict[str, str] = {
    TicketState.COMPLETED: "good",
    TicketState.APPROVED: "good",
    TicketState.ON_HOLD: "time",
    TicketState.IN_REVIEW: "live",
    TicketState.DENIED: "danger",
}
RISKS: dict[str, tuple[str, str]] = {
    "low": ("good", "disc"),
    "medium": ("time", "diamond"),
    "high": ("danger", "triangle"),
}
RISK_REASONS: dict[str, str | Promise] = {
    "contested": _("contested"),
    "competing_claims": _("another claim of the account shows something"),
    "young_contacts": _("contacts were changed in the last 30 days"),
    "young_authenticators": _("second steps were changed in the last 30 days"),
    "new_device": _("new browser"),
    "new_network": _("new network"),
    "new_country": _("another country than usual"),
    "known_device": _("known browser"),
    "known_network": _("network known from earlier sign-ins"),
    "usual_country": _("usual country"),
    "tickets_of_network": _("many requests from this network"),
    "tickets_of_contact": _("many requests with this contact"),
    "no_proof": _("no held proof"),
    "strong_proof": _("a held proof"),
    "resets_second_step": _("the second step will be reset"),
}
STANDINGS: dict[str, str | Promise] = {
    "above": _("above the bar"),
    "at": _("at the bar"),
    "below": _("below the bar"),
    "thin": _("thin history"),
}
MESSAGES: dict[str, str | Promise] = {
    "recovery.code": _("Code"),
    "recovery.contact_code": _("Code to an address on file"),
    "recovery.status_code": _("Code for the status page"),
    "recovery.held": _("Claimant told of the waiting period"),
    "recovery.invitation": _("Invitation"),
    "recovery.ended": _("Claimant told of the end"),
    "recovery.refused": _("Refusal"),
    "recovery.more": _("Claimant asked for more"),
    "recovery.completed": _("Claimant told that it is done"),
    "recovery.notice:summary": _("Notice: summary of the day"),
}
SHARED: dict[str, str | Promise] = {
    "account": _("account"),
    "contact": _("contact"),
    "device": _("browser"),
    "network": _("network"),
}
VOIDED: dict[str, str | Promise] = {
    "epoch": _("the account was changed"),
    "objection": _("somebody objected"),
    "rival": _("another request was completed"),
    "more_asked": _("more was asked for"),
    "passed_on": _("passed to security"),
    "window": _("the time to carry it out was over"),
    "not_counted": _("may not decide this any more"),
}
DECIDED: dict[str, str | Promise] = {
    Verdict.APPROVE: _("approved"),
    Verdict.DENY: _("denied"),
    Verdict.MORE: _("asked for more"),
    Verdict.PASS_ON: _("passed it to security"),
}


def question(code: str) -> str:
    """Name a question of the questionnaire; the operator's own by what they call it."""
    own = {questions.fact_code(name): label for name, label in questions.facts().items()}
    labels = {known.code: known.label for known in questions.ALL} | own
    return str(labels.get(code, code))


def risk_reason(code: str) -> str:
    """Say what raises or lowers the risk."""
    return str(RISK_REASONS.get(code, code.replace("_", " ")))


def message(kind: str) -> str:
    """Name a message by what it tells."""
    if kind in MESSAGES:
        return str(MESSAGES[kind])
    name, _colon, variant = kind.partition(":")
    if variant in NoticeKind.values:
        return gettext("Notice: %(kind)s") % {"kind": NoticeKind(variant).label}
    return name.rpartition(".")[2].replace("_", " ")


def shared(name: str) -> str:
    """Say what two tickets share."""
    return str(SHARED[name])


def grade_details(details: Mapping[str, Any]) -> str:
    """Say what is known of an answer beside its grade; nothing of the answer itself."""
    rare, common = _number(details, "rare"), _number(details, "common")
    right, wrong = _number(details, "right"), _number(details, "wrong")
    months = _number(details, "within_months")
    years = ", ".join(str(year) for year in details.get("years", ()) if isinstance(year, int))
    said = [
        ngettext("%(count)d rare", "%(count)d rare", rare) % {"count": rare} if rare else "",
        gettext("%(count)d common") % {"count": common} if common else "",
        gettext("%(count)d right") % {"count": right} if right else "",
        gettext("%(count)d wrong") % {"count": wrong} if wrong else "",
        gettext("used until %(years)s") % {"years": years} if years else "",
        ngettext("within %(count)d month", "within %(count)d months", months) % {"count": months}
        if months
        else "",
    ]
    return ", ".join(words for words in said if words)


def _number(details: Mapping[str, Any], name: str) -> int:
    value = details.get(name, 0)
    return value if isinstance(value, int) else 0


def length(hold: timedelta) -> str:
    """Say a wait as people choose it: "no wait", "24 hours", "7 days"."""
    days, rest = divmod(hold, timedelta(days=1))
    if not hold:
        return gettext("no wait")
    if days > 1 and not rest:
        return gettext("%(count)d days") % {"count": days}
    return gettext("%(count)d hours") % {"count": hold // timedelta(hours=1)}
