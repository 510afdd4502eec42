"""What the table suggests to staff, in words, never a bare score."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Min, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from recovery import agreement, policy
from recovery.enums import (
    LIVE_STATES,
    ContestedReason,
    Grade,
    Outcome,
    ProofClass,
    StaffReason,
    Verdict,
)
from recovery.models import Evidence, EvidenceGrade, Proof, RecoveryTicket

R = StaffReason
Said = tuple[Verdict, tuple[StaffReason, ...]]
ANY_HELD_PROOF = _("any proof that the person still holds")
IDENTITY_CHECKED = _("identity checked")
OLDER_PROOF = _("a proof that is older than the other side's")


@dataclass(frozen=True)
class Suggestion:
    """A verdict with its reasons; hold: the shortest that an approval may have."""

    verdict: Verdict
    reasons: tuple[StaffReason, ...]
    hold: timedelta
    people: int
    version: str
    missing: tuple[str | Promise, ...] = ()  # what an approval without doubt still needs, in words


@dataclass(frozen=True)
class Ground:
    """What a suggestion rests on besides the ticket's own columns.

    since: of the oldest strong proof, or the moment that answers above the bar were compared with;
    whichever is older. against_since: how old the other side is, be it another
    claim or an objection; None where there is none. evidence: the newest that was graded.
    """

    has_strong: bool = False
    since: datetime | None = None
    against_since: datetime | None = None
    has_objection: bool = False
    has_check: bool = False
    evidence: Evidence | None = None
    grades: tuple[EvidenceGrade, ...] = ()


def suggest(ticket: RecoveryTicket, ground: Ground | None = None) -> Suggestion:
    """Give what the decision table and the older side suggest; the same for every viewer.

    ground: where the caller has read it already; else five statements read it.
    """
    ground = ground or ground_of(ticket)
    verdict, reasons = _verdict_of(ticket, ground)
    return Suggestion(
        verdict=verdict,
        reasons=reasons,
        hold=_hold_of(ticket),
        people=agreement.people_needed([ticket]),
        version=ticket.policy_version or policy.VERSION,
        missing=_missing(ticket, ground),
    )


def ground_of(ticket: RecoveryTicket) -> Ground:
    """Read what the suggestion for a ticket rests on."""
    evidence = ticket.evidence.filter(graded_at__isnull=False).order_by("-submitted_at").first()
    return build_ground(
        strong_since=ticket.proofs.filter(is_strong=True)
        .exclude(proof_class=ProofClass.PERSON)
        .values_list("since", flat=True),
        evidence=evidence,
        grades=evidence.grades.all() if evidence else (),
        has_check=ticket.checks.exists(),
        against=[older_claim(ticket), oldest_objector(ticket)],
        has_objection=oldest_objector(ticket) is not None,
    )


def build_ground(
    *,
    strong_since: Iterable[datetime | None],
    evidence: Evidence | None,
    grades: Iterable[EvidenceGrade],
    has_check: bool,
    against: Iterable[datetime | None],
    has_objection: bool,
) -> Ground:
    """Put together what was read.

    strong_since: since when each strong proof is on the account; not of an identity check.
    against: the same of each other side, be it a claim or an objection.
    """
    strong = list(strong_since)
    ages = [*strong, evidence.as_of if evidence and evidence.is_above_bar else None]
    return Ground(
        has_strong=bool(strong),
        since=min((since for since in ages if since), default=None),
        against_since=min((since for since in against if since), default=None),
        has_objection=has_objection,
        has_check=has_check,
        evidence=evidence,
        grades=tuple(grades),
    )


def older_claim(ticket: RecoveryTicket) -> datetime | None:
    """Give since when the oldest thing is on the account that another live claim has shown."""
    if ticket.user_id is None:
        return None
    others = Proof.objects.filter(
        ticket__user=ticket.user_id, ticket__state__in=LIVE_STATES, is_strong=True
    ).exclude(ticket=ticket.pk)
    return _oldest(others, "since")


def oldest_objector(ticket: RecoveryTicket) -> datetime | None:
    """Give since when the oldest address is on file from which somebody objected."""
    standing = ticket.objections.filter(~Q(contact=None), taken_back_at__isnull=True)
    return _oldest(standing, "contact__verified_at")


def _oldest(rows: Any, field: str) -> datetime | None:
    found: datetime | None = rows.aggregate(oldest=Min(field))["oldest"]
    return found


def _verdict_of(ticket: RecoveryTicket, ground: Ground) -> Said:
    if ticket.user_id is None:
        return Verdict.DENY, (R.TOO_LITTLE,)
    if ticket.outcome == Outcome.SUPERUSERS and not (ground.has_check or ground.has_strong):
        return Verdict.DENY, (R.OTHER_ROUTE,)
    if ticket.needs_check and not ground.has_check:
        return Verdict.MORE, (R.NEED_CHECK,)
    if ground.has_strong or ground.has_check:
        return _of_two_sides(ground)
    return _of_evidence(ground)


def _of_evidence(ground: Ground) -> Said:
    """Suggest for a claim that has nothing but answers."""
    evidence = ground.evidence
    if evidence is None:
        return Verdict.MORE, (R.NEED_HELD, R.NEED_HISTORY)
    if evidence.is_above_bar:
        return _of_two_sides(ground)
    # Where nothing that the account has could have reached the bar, the answers are not to blame.
    return (Verdict.MORE, (R.NEED_CHECK,)) if evidence.is_thin else (Verdict.DENY, (R.TOO_LITTLE,))


def _of_two_sides(ground: Ground) -> Said:
    """Suggest for a claim that could be approved: age decides where another side stands."""
    if ground.against_since is None:
        return Verdict.APPROVE, _reasons_to_approve(ground) or (R.OLDER_SIDE,)
    if ground.since is not None and ground.since < ground.against_since:
        return Verdict.APPROVE, (R.OLDER_SIDE, *_reasons_to_approve(ground))
    if ground.has_check:
        return Verdict.APPROVE, _reasons_to_approve(ground)
    return Verdict.DENY, (R.OBJECTION if ground.has_objection else R.STRONGER_CLAIM,)


def _reasons_to_approve(ground: Ground) -> tuple[StaffReason, ...]:
    evidence = ground.evidence
    is_above = bool(evidence and evidence.is_above_bar)
    context = evidence.context if evidence else {}
    is_familiar = context.get("device") == "known" and bool(context.get("network_seen"))
    found = {
        R.HELD_AND_EVIDENCE: ground.has_strong and is_above,
        R.RARE_FACTS: is_above and any(_is_rare(grade) for grade in ground.grades),
        R.FAMILIAR_CONTEXT: is_familiar,
        R.CHECKED_IN_PERSON: ground.has_check,
    }
    reasons = tuple(reason for reason, fits in found.items() if fits)
    return reasons or ((R.RARE_FACTS,) if is_above else ())


def _is_rare(grade: EvidenceGrade) -> bool:
    return grade.grade in (Grade.MATCH, Grade.NEAR) and bool(grade.details.get("rare"))


def _hold_of(ticket: RecoveryTicket) -> timedelta:
    """Give the wait that the table asks for; longer where somebody says that it is not theirs."""
    hold = agreement.shortest_hold(ticket)
    against = (ContestedReason.OBJECTION, ContestedReason.RIVAL_COMPLETED)
    is_against_a_word = ticket.contested_at and ticket.contested_reason in against
    return max(hold, policy.CONTESTED_HOLD) if is_against_a_word else hold


def _missing(ticket: RecoveryTicket, ground: Ground) -> tuple[str | Promise, ...]:
    is_younger = ground.against_since and (
        ground.since is None or ground.since >= ground.against_since
    )
    missing = {
        ANY_HELD_PROOF: not ground.has_strong,
        OLDER_PROOF: ground.has_strong and is_younger,
        IDENTITY_CHECKED: not ground.has_check,
    }
    return tuple(words for words, is_missing in missing.items() if is_missing)
