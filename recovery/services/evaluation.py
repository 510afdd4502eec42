"""Answers are graded within seconds, emptied, and lead where the table says."""

import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from accounts.client import Client
from accounts.errors import HashingBusy
from accounts.models import User
from accounts.services import passwords, profiles
from activity.enums import EventKind
from activity.services.events import record_event
from recovery import circumstances, facts, grading, history, policy, promises, queries, questions
from recovery.enums import ContestedReason, NoticeKind, Outcome, Resets, TicketState, Verdict
from recovery.errors import StaleTicket
from recovery.evidence import Answers, FormerMatch, Result
from recovery.facts import AccountFacts
from recovery.models import Evidence, EvidenceGrade, Proof, RecoveryTicket
from recovery.risk import Risk, RiskFacts, assess
from recovery.services import decisions, judging, notices, transitions
from vault.errors import VaultError

logger = logging.getLogger(__name__)
SYSTEM = Client()
BY_ITSELF = (Outcome.APPROVE, Outcome.HOLD)  # proofs lead on without people


@dataclass(frozen=True)
class Finding:
    """What a claim came to: the table's word, the risk, and why two people decide, if they must."""

    decision: policy.Decision
    risk: Risk
    proofs: list[Proof]
    contested_reason: str = ""


def evaluate_due(limit: int = 20) -> int:
    """Grade what was handed in; give how many. Safe to run twice and side by side.

    Password verifications run outside transactions, always six, behind a gate of one.
    """
    now = timezone.now()
    free = Q(claimed_until__isnull=True) | Q(claimed_until__lte=now)
    due = Evidence.objects.filter(free, graded_at__isnull=True)
    graded = 0
    for pk in list(due.order_by("submitted_at").values_list("pk", flat=True)[:limit]):
        until = timezone.now() + policy.EVALUATION_LEASE
        if due.filter(pk=pk).update(claimed_until=until):
            graded += _evaluate(pk, until)
    for pk in list(_left_over()[:limit]):
        _route_again(pk)
    return graded


def _evaluate(pk: int, lease: datetime) -> int:
    """Grade one submission whose lease this is, empty it and lead its ticket on."""
    evidence = Evidence.objects.defer("answers", "note").select_related("ticket__user").get(pk=pk)
    ticket = evidence.ticket
    user = ticket.user if ticket.user and ticket.user.is_active else None
    evidence.as_of = history.last_trusted_moment(user, ticket)
    try:
        result = _grade(user, ticket, evidence)
        with transaction.atomic():
            account, locked = _lock(ticket)
            if not _keep(evidence, result, user, lease):
                return 0
            _lead_on(locked, account, evidence)
    except (HashingBusy, StaleTicket):
        # The next sweep does it: the row is due as long as it is not graded.
        Evidence.objects.filter(pk=pk, claimed_until=lease).update(claimed_until=None)
        return 0
    return 1


def _grade(user: User | None, ticket: RecoveryTicket, evidence: Evidence) -> Result:
    """Compare the answers; the same work for nobody. Raises HashingBusy."""
    as_of = evidence.as_of or ticket.opened_at
    answers = _answers_of(evidence)
    claimed = (ticket.identifier_key, ticket.contact_limit_key)
    past = history.history_of(user, as_of, claimed_keys=claimed)
    former = passwords.compare_former(user, answers.passwords, as_of=as_of)
    own = {
        name: profiles.compare_fact(user, name, answers.facts.get(name, ""))
        for name in questions.facts()
    }
    return grading.grade(
        answers,
        past,
        former=tuple(FormerMatch(one.is_match, one.year) for one in former),
        facts={name: fits for name, fits in own.items() if fits is not None},
        now=evidence.submitted_at,
    )


def _answers_of(evidence: Evidence) -> Answers:
    """Give what was answered; what nobody can read any more says nothing, and is emptied."""
    try:
        stored: Any = evidence.answers
        return Answers.from_json(stored or {"places": []})
    except (VaultError, KeyError, TypeError, ValueError):
        logger.exception("answers_unreadable", extra={"evidence": evidence.pk})
        return Answers()


def _lock(ticket: RecoveryTicket) -> tuple[AccountFacts, RecoveryTicket]:
    """Lock account and ticket; raises StaleTicket where it has moved since it was read."""
    account = facts.lock_account(ticket, _client_of(ticket))
    locked = RecoveryTicket.objects.locked().get(pk=ticket.pk)
    if locked.state != ticket.state:
        raise StaleTicket(ticket.pk)
    # The account as it is under the lock, not as somebody read it before.
    locked.user = account.user or ticket.user
    return account, locked


def _client_of(ticket: RecoveryTicket) -> Client:
    return Client(
        address=ticket.address or "",
        network=ticket.network,
        agent=ticket.agent,
        device=ticket.device_hash,
    )


def _keep(evidence: Evidence, result: Result, user: User | None, lease: datetime) -> bool:
    """Write the grades and empty the answers; False where another worker was first."""
    around = circumstances.circumstances_of(user, evidence.ticket, evidence)
    values: dict[str, Any] = {
        "answers": None,
        "graded_at": timezone.now(),
        "as_of": evidence.as_of,
        "score": result.score,
        "bar": result.bar,
        "is_above_bar": result.is_above_bar,
        "is_thin": result.is_thin,
        "context": around.as_context(),
        "version": result.version,
    }
    mine = Evidence.objects.filter(pk=evidence.pk, graded_at__isnull=True, claimed_until=lease)
    if not mine.update(**values, claimed_until=None):
        return False
    for name, value in values.items():
        setattr(evidence, name, value)
    EvidenceGrade.objects.bulk_create(
        EvidenceGrade(
            evidence=evidence,
            question=one.question,
            grade=one.grade,
            score=one.score,
            details=one.details,
        )
        for one in result.grades
    )
    return True


def _left_over() -> Any:
    """Give tickets that wait for nothing: graded while they were stopped, which was taken back."""
    own = Evidence.objects.filter(ticket=OuterRef("pk"))
    waiting = RecoveryTicket.objects.filter(state=TicketState.EVALUATING, verdict="")
    ready = waiting.filter(Exists(own), ~Exists(own.filter(graded_at__isnull=True)))
    return ready.order_by("moved_at").values_list("pk", flat=True)


def _route_again(pk: Any) -> None:
    ticket = RecoveryTicket.objects.select_related("user").get(pk=pk)
    evidence = judging.evidence_of(ticket)
    if evidence is None:
        return
    try:
        with transaction.atomic():
            account, locked = _lock(ticket)
            _lead_on(locked, account, evidence)
    except StaleTicket:
        return


def _lead_on(ticket: RecoveryTicket, account: AccountFacts, evidence: Evidence) -> None:
    """Move the ticket to where its newest evidence leads, inside the account's lock."""
    now = timezone.now()
    if ticket.state != TicketState.EVALUATING or ticket.verdict:
        _answer_stopped(ticket, now)
        return
    finding = _find(ticket, account, evidence)
    decision = finding.decision
    logger.info("ticket_evaluated", extra={"ticket": str(ticket.pk), "row": decision.row})
    if account.user is None:
        _refuse(ticket, account, finding, now)
    elif decision.outcome in BY_ITSELF:
        events = decisions.follow(ticket, account, finding.proofs, **_risk_of(finding))
        for event in events:
            _record(ticket, event)
    elif _needs_people(ticket, finding):
        _to_people(ticket, account, finding, evidence, now)
    else:
        _refuse(ticket, account, finding, now)


def _needs_people(ticket: RecoveryTicket, finding: Finding) -> bool:
    """Tell whether staff decide; where evidence only suggests, they decide on all of it.

    What they asked for goes back to them, however little it is: it may be the note alone.
    """
    is_theirs = finding.decision.outcome in (Outcome.REVIEW, Outcome.SUPERUSERS)
    is_disputed, was_theirs = bool(finding.contested_reason), bool(ticket.in_review_at)
    return is_theirs or was_theirs or is_disputed or settings.RECOVERY_MODE == "observe"


def _find(ticket: RecoveryTicket, account: AccountFacts, evidence: Evidence) -> Finding:
    """Judge twice: what is at stake is part of the risk, and the risk of the wait."""
    held = facts.held_proofs(ticket, ticket.browser_hash, evidence.submitted_at)
    decision, has_changed = judging.judge(account, held, evidence=evidence)
    if account.user is None:
        return Finding(decision, assess(RiskFacts()), held)
    is_contested = has_changed or ticket.contested_at is not None
    risk = assess(
        circumstances.risk_facts_of(
            ticket,
            evidence,
            decision,
            is_contested=is_contested,
            has_strong_proof=any(proof.is_strong for proof in held),
        )
    )
    decision, _changed = judging.judge(account, held, evidence=evidence, risk=risk.level)
    return Finding(decision, risk, held, _contested_reason(ticket, decision, has_changed))


def _contested_reason(ticket: RecoveryTicket, decision: policy.Decision, has_changed: bool) -> str:
    """Give why two people decide; "" where nothing is disputed, or it got nowhere anyway."""
    if has_changed:
        return ContestedReason.ACCOUNT_CHANGED
    if decision.outcome == Outcome.DENY:
        return ""
    if ticket.contested_at:
        return ticket.contested_reason or ContestedReason.OBJECTION
    return ContestedReason.STOPPED_BEFORE if ticket.is_frozen else ""


def _to_people(
    ticket: RecoveryTicket,
    account: AccountFacts,
    finding: Finding,
    evidence: Evidence,
    now: datetime,
) -> None:
    """Give a ticket to staff, who are dealt it by lane and due time; its owner hears of it."""
    decision = finding.decision
    values = decisions.decided(account, decision, now) | _risk_of(finding)
    values |= {
        "decided_at": None,
        "people": max(decision.people, policy.PEOPLE_AT_LEAST if finding.contested_reason else 1),
        "needs_check": decision.needs_check,
        "needs_held_proof": decision.row in policy.WITH_HELD_PROOF,
        "hold_length": decision.hold,
        "in_review_at": now,
        "first_due_at": promises.first_decision_due(now),
        "folded_into": _case_of(ticket, finding, evidence),
    }
    if decision.outcome not in (Outcome.REVIEW, Outcome.SUPERUSERS):
        values |= _as_if_above(ticket, account)
    if finding.contested_reason:
        values |= {
            "contested_at": ticket.contested_at or now,
            "contested_reason": ticket.contested_reason or finding.contested_reason,
            "expires_at": now + policy.CONTESTED_LIVES,
        }
    transitions.move(ticket, TicketState.IN_REVIEW, now=now, **values)
    _record(ticket, EventKind.TICKET_IN_REVIEW)
    notices.plan(ticket, NoticeKind.REVIEW, due_at=now)


def _as_if_above(ticket: RecoveryTicket, account: AccountFacts) -> dict[str, Any]:
    """Give what an approval would do that the table does not suggest, by the strictest row."""
    people = {"people": policy.PEOPLE_AT_LEAST}
    if account.user and account.user.is_specially_protected:
        return people | {"outcome": Outcome.SUPERUSERS, "needs_check": True}
    may_reset = account.has_two_step and judging.may_reset_second_step(account)
    return people | {
        "needs_check": ticket.needs_check,
        "hold_length": policy.HOLD_UNSUGGESTED,
        "resets": Resets.BOTH if may_reset else Resets.PASSWORD,
    }


def _refuse(ticket: RecoveryTicket, account: AccountFacts, finding: Finding, now: datetime) -> None:
    """Note a refusal, which takes effect at the answer time: until then more can be shown."""
    values = decisions.decided(account, finding.decision, now) | {
        **(_risk_of(finding) if account.user else {}),
        "outcome": Outcome.DENY,
        "verdict": Verdict.DENY,
        "effect_at": ticket.answer_at or now,
        "told_reasons": [],
    }
    RecoveryTicket.objects.filter(pk=ticket.pk, state=ticket.state).update(**values)


def _risk_of(finding: Finding) -> dict[str, Any]:
    risk = finding.risk
    return {"risk": risk.level, "risk_reasons": [[code, points] for code, points in risk.reasons]}


def _case_of(ticket: RecoveryTicket, finding: Finding, evidence: Evidence) -> RecoveryTicket | None:
    """Give the case that this one is part of: one of many on one account in a day.

    Never one with a held proof, nor from a browser of the account, nor what people had before: who
    floods an account must not take its owner's claim along.
    """
    has_strong = any(proof.is_strong for proof in finding.proofs)
    if has_strong or evidence.context.get("device") == "known" or ticket.in_review_at:
        return None
    of_account = Evidence.objects.filter(
        ticket__user=ticket.user_id,
        ticket__appeal_of__isnull=True,
        submitted_at__gt=evidence.submitted_at - policy.DAY,
        submitted_at__lte=evidence.submitted_at,
    )
    if of_account.count() <= policy.FOLDED_BEYOND_A_DAY:
        return None
    cases = RecoveryTicket.objects.filter(
        user=ticket.user_id,
        state=TicketState.IN_REVIEW,
        folded_into__isnull=True,
        effect_at__isnull=True,
    )
    return cases.exclude(pk=ticket.pk).order_by("in_review_at", "opened_at").first()


def _answer_stopped(ticket: RecoveryTicket, now: datetime) -> None:
    """Plan the answer of a ticket that somebody stopped: it comes as to all others."""
    is_stopped = (
        ticket.state == TicketState.CANCELLED
        and ticket.cancel_cause in queries.SILENT_CAUSES
        and ticket.cancelled_from == TicketState.EVALUATING
    )
    if is_stopped:
        notices.plan_answer(ticket, due_at=ticket.answer_at or now)


def _record(ticket: RecoveryTicket, kind: EventKind) -> None:
    record_event(ticket.user, kind, client=SYSTEM, reference=ticket.reference)
