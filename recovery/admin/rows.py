"""What a row of the queue says: words and shapes, made of a ticket with ``lanes.with_columns``."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import User
from accounts.queries import mask
from recovery import lanes, policy
from recovery.enums import RiskLevel
from recovery.lanes import Flag, Lane

MINUTE = 60
HOUR = 60 * MINUTE
DAY = 24 * HOUR


@dataclass(frozen=True)
class Badge:
    """A word with a shape and a colour (templates/_badge.html)."""

    text: Any
    style: str = ""
    shape: str = "disc"


LANE_BADGES = {
    Lane.TAKEOVER: Badge(Lane.TAKEOVER.label, "danger", "triangle"),
    Lane.PROTECTED: Badge(Lane.PROTECTED.label, "time", "diamond"),
    Lane.APPEAL: Badge(Lane.APPEAL.label, "live", "half"),
    Lane.EVIDENCE: Badge(Lane.EVIDENCE.label, "live", "ring"),
    Lane.CAMPAIGN: Badge(Lane.CAMPAIGN.label, "", "cross"),
}
RISK_BADGES = {
    RiskLevel.LOW: Badge(RiskLevel.LOW.label, "good", "disc"),
    RiskLevel.MEDIUM: Badge(RiskLevel.MEDIUM.label, "time", "diamond"),
    RiskLevel.HIGH: Badge(RiskLevel.HIGH.label, "danger", "triangle"),
}
NO_EVIDENCE = Badge(gettext_lazy("none"), "", "ring")
THIN = Badge(gettext_lazy("thin history"), "time", "half")
BELOW = Badge(gettext_lazy("below the bar"), "", "cross")
AT = Badge(gettext_lazy("at the bar"), "time", "half")
ABOVE = Badge(gettext_lazy("above the bar"), "good", "tick")
ORDINALS = {
    1: gettext_lazy("1st decision"),
    2: gettext_lazy("2nd decision"),
    3: gettext_lazy("3rd decision"),
}


@dataclass(frozen=True)
class Row:
    """One case as the queue shows it; url: "" for those who have not been dealt it."""

    reference: str
    lane: Badge
    waits: str
    due: str
    due_at: datetime
    is_late: bool
    account: str
    what: str
    two_step: str
    held: int
    evidence: Badge
    risk: Badge | None
    claims: int
    flags: list[str]
    holder: str
    needs: str
    url: str


def rows_of(tickets: Iterable[Any], staff: User, now: datetime) -> list[Row]:
    """Say tickets of ``lanes.by_urgency`` with columns; no statement more."""
    return [_row(ticket, staff, now) for ticket in tickets]


def in_short(length: timedelta) -> str:
    """Say a length in one unit, rounded down: "40 min", "19 h", "3 d"."""
    seconds = max(0, int(length.total_seconds()))
    if seconds < HOUR:
        return _("%(count)d min") % {"count": seconds // MINUTE}
    if seconds < 2 * DAY:
        return _("%(count)d h") % {"count": seconds // HOUR}
    return _("%(count)d d") % {"count": seconds // DAY}


def due_in_words(due: datetime, now: datetime) -> str:
    """Say when a first decision is due: "due in 3 h", "2 h late"."""
    if due <= now:
        return _("%(length)s late") % {"length": in_short(now - due)}
    return _("due in %(length)s") % {"length": in_short(due - now)}


def flags_of(ticket: Any) -> list[str]:
    """Name what stands out; of tickets alike, how many others there are."""
    flags = [flag for flag in Flag if getattr(ticket, f"flag_{flag}")]
    return [
        _("alike %(count)d") % {"count": ticket.alike_count}
        if flag is Flag.ALIKE
        else str(flag.label)
        for flag in flags
    ]


def evidence_of(ticket: Any) -> Badge:
    """Say how the newest graded answers stand to the bar."""
    if ticket.evidence_score is None:
        return NO_EVIDENCE
    if ticket.evidence_is_thin:
        return THIN
    if not ticket.evidence_is_above_bar:
        return BELOW
    return AT if ticket.evidence_score - ticket.evidence_bar < policy.AT_THE_BAR else ABOVE


def needs_of(ticket: Any) -> str:
    """Say which decision is waited for."""
    number = ticket.decisions + 1
    return str(ORDINALS.get(number) or _("decision %(number)d") % {"number": number})


def holder_of(ticket: Any, staff: User, now: datetime) -> str:
    """Say who has the case, and for how long yet; "" for nobody."""
    holder = ticket.claimed_by
    if holder is None or not ticket.claimed_until or ticket.claimed_until <= now:
        return ""
    minutes = int((ticket.claimed_until - now).total_seconds() // MINUTE) + 1
    left = ngettext("%(count)d more minute", "%(count)d more minutes", minutes)
    who = _("You") if holder == staff else str(holder)
    return f"{who}, {left % {'count': minutes}}"


def _row(ticket: Any, staff: User, now: datetime) -> Row:
    is_own = lanes.is_with(ticket, staff, now)
    return Row(
        reference=ticket.reference,
        lane=LANE_BADGES[lanes.lane_of(ticket)],
        waits=in_short(now - (ticket.in_review_at or ticket.moved_at)),
        due=due_in_words(ticket.due, now),
        due_at=ticket.due,
        is_late=ticket.due <= now,
        account=mask(ticket.identifier) if ticket.identifier else _("cleared"),
        what=ticket.get_reason_display(),
        two_step=_two_step_of(ticket),
        held=ticket.held_proofs,
        evidence=evidence_of(ticket),
        risk=RISK_BADGES.get(ticket.risk),
        claims=max(1, ticket.claims),
        flags=flags_of(ticket),
        holder=holder_of(ticket, staff, now),
        needs=needs_of(ticket),
        url=reverse("admin:recovery_case", kwargs={"pk": ticket.pk}) if is_own else "",
    )


def _two_step_of(ticket: Any) -> str:
    if ticket.user_id is None:
        return _("no such account")
    return _("two-step on") if ticket.two_step else _("two-step off")
