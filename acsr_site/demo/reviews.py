"""What staff and the grading task left behind in the demo: evidence, votes, claims and checks."""

from datetime import timedelta
from typing import Any

from acsr_site.demo.cases import Case
from acsr_site.demo.scene import Scene
from recovery import policy, weights
from recovery.enums import (
    DealEnd,
    Grade,
    Outcome,
    Reason,
    StaffReason,
    TicketState,
    Verdict,
)
from recovery.models import (
    CaseView,
    Deal,
    Evidence,
    EvidenceGrade,
    RecoveryTicket,
    Vote,
)

MINUTE = timedelta(minutes=1)
READING = 3 * MINUTE
# Who has voted on the plain cases that need their second decision, in the order of the queue.
FIRST_VOTES = ("omar", "lena", "omar", "omar", "lena")
CLAIMED_BY = ("omar", "sam")
NOTES = (
    "My employer closed and with it the mailbox. The phone is in a lake.",
    "I moved abroad in March and my old number was given to somebody else.",
    "Please, my thesis is in there.",
)
# Question, how it fitted, tenths of a bit, what staff read of it; of answers that go far enough.
FITTING: tuple[tuple[str, Grade, int, dict[str, Any]], ...] = (
    ("passwords", Grade.MATCH, 190, {"years": [2025]}),
    ("places", Grade.MATCH, 70, {"rare": 1, "common": 1}),
    ("contacts", Grade.MATCH, 80, {"right": 1}),
    ("created", Grade.NEAR, 40, {"months": 6}),
    ("devices", Grade.MATCH, 20, {"right": 2, "wrong": 1}),
    ("browsers", Grade.NEAR, 10, {"right": 1}),
    ("name", Grade.MATCH, 30, {}),
    ("birth_date", Grade.MATCH, 30, {}),
    ("second_step", Grade.NOTHING, 0, {}),
    ("last_sign_in", Grade.LEFT_OUT, 0, {}),
)
SHORT: tuple[tuple[str, Grade, int, dict[str, Any]], ...] = (
    ("name", Grade.MATCH, 30, {}),
    ("birth_date", Grade.NEAR, 15, {}),
    ("places", Grade.NONE, 0, {}),
    ("devices", Grade.NEAR, 5, {"right": 1, "wrong": 1}),
    ("passwords", Grade.LEFT_OUT, 0, {}),
)


def make(scene: Scene, cases: list[Case]) -> None:
    """Write what belongs to the tickets that staff have, had, or that the bar refused."""
    make_evidence(scene, cases)
    _make_votes(scene, cases)
    _make_claims(scene, cases)


def make_evidence(scene: Scene, cases: list[Case]) -> None:
    """Write the grades of the tickets whose answers were compared."""
    answered = [case for case in cases if _has_answers(case.ticket)]
    Evidence.objects.bulk_create(_evidence(scene, case) for case in answered)
    _make_grades(answered)


def _has_answers(ticket: RecoveryTicket) -> bool:
    is_kept = ticket.moved_at is not None
    return is_kept and ticket.reasons[:1] in (["evidence"], ["thin_history"], ["below_the_bar"])


def _evidence(scene: Scene, case: Case) -> Evidence:
    ticket = case.ticket
    is_thin = ticket.reasons[0] == "thin_history"
    is_above = ticket.reasons[0] == "evidence"
    grades = FITTING if is_above else SHORT
    at = (ticket.in_review_at or ticket.decided_at or ticket.moved_at) - MINUTE
    is_live = ticket.state == TicketState.IN_REVIEW
    return Evidence(
        ticket=ticket,
        note=scene.chance.choice(NOTES) if is_live else None,
        completeness={
            "about": "full",
            "sign_ins": "little" if is_above else "nothing",
            "devices": "little",
            "passwords": "full" if is_above else "nothing",
            "addresses": "little" if is_above else "nothing",
        },
        submitted_at=at,
        graded_at=at + timedelta(seconds=4),
        as_of=min(at, scene.last_night) if case.key == "amira" else ticket.opened_at,
        score=sum(score for _question, _grade, score, _details in grades),
        bar=weights.BAR,
        is_above_bar=is_above,
        is_thin=is_thin,
        context={"device": "new", "network_seen": scene.chance.randint(0, 31), "place": "usual"},
        version=weights.VERSION,
    )


def _make_grades(cases: list[Case]) -> None:
    found = Evidence.objects.filter(ticket__in=[case.ticket for case in cases])
    by_ticket = {evidence.ticket_id: evidence for evidence in found}
    EvidenceGrade.objects.bulk_create(
        EvidenceGrade(
            evidence=by_ticket[case.ticket.pk],
            question=question,
            grade=grade,
            score=score,
            details=details,
        )
        for case in cases
        for question, grade, score, details in (
            FITTING if by_ticket[case.ticket.pk].is_above_bar else SHORT
        )
    )


def _make_votes(scene: Scene, cases: list[Case]) -> None:
    """Write first decisions that wait for a second one, both of what was refused, and Jonas's."""
    waiting = [case for case in cases if _is_plain(case)]
    votes = [
        _vote(scene, case, key, Verdict.APPROVE)
        for case, key in zip(waiting[-len(FIRST_VOTES) :], FIRST_VOTES, strict=False)
    ]
    for case in cases:
        if case.ticket.verdict == Verdict.DENY:
            votes += [_vote(scene, case, key, Verdict.DENY) for key in ("lena", "omar")]
        if case.key == "jonas":
            votes += [_vote(scene, case, key, Verdict.APPROVE) for key in ("lena", "omar")]
    Vote.objects.bulk_create(votes)
    CaseView.objects.bulk_create(
        CaseView(
            ticket=vote.ticket,
            viewer=vote.decider,
            first_at=vote.made_at - READING,
            last_at=vote.made_at,
        )
        for vote in votes
    )
    Deal.objects.bulk_create(
        Deal(
            ticket=vote.ticket,
            reviewer=vote.decider,
            dealt_at=vote.made_at - READING,
            ended_at=vote.made_at,
            end=DealEnd.DECIDED,
        )
        for vote in votes
    )


def _is_plain(case: Case) -> bool:
    """Tell of a request that is with staff for its answers alone, and that is not late."""
    ticket = case.ticket
    return (
        ticket.state == TicketState.IN_REVIEW
        and ticket.outcome == Outcome.REVIEW
        and ticket.reasons == ["evidence"]
        and ticket.contested_at is None
        and ticket.reason == Reason.LOST_MAIL
    )


def _vote(scene: Scene, case: Case, key: str, verdict: Verdict) -> Vote:
    ticket = case.ticket
    is_yes = verdict == Verdict.APPROVE
    at = ticket.decided_at or ticket.moved_at
    if ticket.state == TicketState.IN_REVIEW:
        at = scene.now - timedelta(minutes=scene.chance.randint(30, 120))
    reasons = [StaffReason.RARE_FACTS] if is_yes else [StaffReason.RARE_FACTS_DIFFER]
    return Vote(
        ticket=ticket,
        decider=scene.users[key],
        verdict=verdict,
        reasons=reasons,
        hold=ticket.hold_length if is_yes else None,
        epoch=ticket.epoch,
        made_at=at - (7 * MINUTE if key == "lena" else MINUTE),
    )


def _make_claims(scene: Scene, cases: list[Case]) -> None:
    """Give two of the late ones to somebody, a few minutes ago."""
    late = [
        case.ticket
        for case in cases
        if case.ticket.first_due_at and case.ticket.first_due_at < scene.now
        if case.ticket.state == TicketState.IN_REVIEW
    ]
    for ticket, key in zip(late, CLAIMED_BY, strict=False):
        dealt_at = scene.ago(minutes=4)
        ticket.claimed_by = scene.users[key]
        ticket.claimed_until = dealt_at + policy.CLAIM_LIVES
        ticket.save(update_fields=["claimed_by", "claimed_until"])
        Deal.objects.create(ticket=ticket, reviewer=ticket.claimed_by, dealt_at=dealt_at)
