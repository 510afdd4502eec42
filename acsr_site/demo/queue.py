"""What waits for staff in the demo: 24 requests in every lane, some late, some half decided."""

from datetime import datetime, timedelta
from typing import Any

from acsr_site.demo import world
from acsr_site.demo.accounts import THIEFS_ADDRESS
from acsr_site.demo.cases import HOUR, TYPING, Case, case, contested, decided, other_address
from acsr_site.demo.scene import Scene
from recovery import policy, weights
from recovery.enums import (
    ContestedReason,
    Outcome,
    ProofClass,
    Reason,
    Resets,
    RiskLevel,
    TicketState,
)

S = TicketState
DAY = timedelta(days=1)
ALIKE = 6  # requests of one network within two hours
GRADING = timedelta(seconds=4)
# Hours since each was opened: the first three are late, whatever the day of the week.
PLAIN_HOURS = (52, 47, 41, 20, 17, 14, 9, 5)
LATE = 3
# As recovery.risk gives them: heaviest first, what lowers it last.
FAMILIAR = [
    ["known_device", weights.RISK_KNOWN_DEVICE],
    ["known_network", weights.RISK_KNOWN_NETWORK],
]
STRANGE = [
    ["new_network", weights.RISK_NEW_NETWORK],
    ["new_device", weights.RISK_NEW_DEVICE],
]
NO_PROOF = ["no_proof", weights.RISK_NO_PROOF]
RISK_REASONS = {
    RiskLevel.LOW: [NO_PROOF, *FAMILIAR],
    RiskLevel.MEDIUM: [*STRANGE, NO_PROOF],
    RiskLevel.HIGH: [
        ["young_contacts", weights.RISK_YOUNG_CONTACTS],
        *STRANGE,
        ["new_country", weights.RISK_NEW_COUNTRY],
        NO_PROOF,
    ],
}
HOLDS = {RiskLevel.LOW: 3 * DAY, RiskLevel.MEDIUM: 7 * DAY, RiskLevel.HIGH: 14 * DAY}


def make(scene: Scene) -> list[Case]:
    """Give all requests that wait for a decision."""
    return [
        *_takeover(scene),
        *_contested(scene),
        _protected(scene),
        *_of_tom(scene),
        _thin(scene),
        *_plain(scene),
        *_campaign(scene),
    ]


def load(scene: Scene, count: int) -> list[Case]:
    """Give that many more plain requests, for trying a full queue (load_demo --queue)."""
    return [
        _with_evidence(scene, f"other{number % 36}", scene.ago(hours=1 + number / 3), RiskLevel.LOW)
        for number in range(count)
    ]


def reviewed(
    at: datetime, *, risk: RiskLevel = RiskLevel.LOW, people: int = 2, **fields: Any
) -> dict[str, Any]:
    """Give the columns of a request that came to staff at ``at``."""
    return {
        "risk": risk,
        "risk_reasons": RISK_REASONS[risk],
        "people": people,
        "in_review_at": at,
        "first_due_at": at + policy.FIRST_DECISION_WITHIN,
        "answer_at": at + 18 * HOUR,
        "moved_at": at,
        "expires_at": at + policy.LIVES[S.IN_REVIEW],
    } | fields


def _takeover(scene: Scene) -> list[Case]:
    """Make Amira's claim and that of the thief, of the night before."""
    # Shares of the night, which may have just begun.
    his_at, hers_at = (scene.after_last_night(share) for share in (0.4, 0.7))
    changed = ContestedReason.ACCOUNT_CHANGED
    hers, his = (
        reviewed(at + TYPING, risk=RiskLevel.HIGH) | contested(at + TYPING, changed)
        for at in (hers_at, his_at)
    )
    thief = scene.browser("US", 200, world.WINDOWS_CHROME)
    hold = {"hold_length": HOLDS[RiskLevel.HIGH]}
    evidence = decided(hers_at + TYPING, Outcome.REVIEW, "evidence", **hold)
    return [
        case(scene, "amira", S.IN_REVIEW, hers_at, reason=Reason.TAKEOVER, **evidence | hers),
        case(
            scene,
            "amira",
            S.IN_REVIEW,
            his_at,
            contact=THIEFS_ADDRESS,
            proof=ProofClass.MAIL,
            client=thief,
            **his,
        ),
    ]


def _contested(scene: Scene) -> list[Case]:
    """Make three that people decide because of what happened to them."""
    reasons = (
        ContestedReason.OBJECTION,
        ContestedReason.NOBODY_REACHABLE,
        ContestedReason.RIVAL_COMPLETED,
    )
    made = []
    for days, why in enumerate(reasons, start=2):
        at, opened_at, key = scene.ago(days=days - 0.5), scene.ago(days=days), f"other{days + 16}"
        mark = reviewed(at, risk=RiskLevel.MEDIUM) | contested(at, why)
        # Opened days ago and contested lately: nobody is late with them.
        mark["first_due_at"] = scene.now + days * HOUR
        contact = other_address(key)
        # A claim that lost to another one stays only for what it has shown.
        proof = ProofClass.PHONE if why == ContestedReason.RIVAL_COMPLETED else None
        made.append(case(scene, key, S.IN_REVIEW, opened_at, contact=contact, proof=proof, **mark))
    return made


def _protected(scene: Scene) -> Case:
    """Make a second request of somebody in finance: two superusers decide."""
    at = scene.ago(hours=6)
    return case(
        scene,
        "ruth",
        S.IN_REVIEW,
        at - TYPING,
        contact=other_address("ruth"),
        reason=Reason.LOST_STEP,
        **decided(at, Outcome.SUPERUSERS, "protected_less", resets=Resets.BOTH)
        | reviewed(at, risk=RiskLevel.MEDIUM),
    )


def _of_tom(scene: Scene) -> list[Case]:
    """Make Tom's second try; the appeals are in ``refusals``, beside what they are about."""
    return [_with_evidence(scene, "tom", scene.ago(hours=9), RiskLevel.LOW)]


def _thin(scene: Scene) -> Case:
    """Make one whose account has too little to compare: somebody must see who it is."""
    at = scene.ago(hours=3)
    hold = {"hold_length": HOLDS[RiskLevel.HIGH], "needs_check": True}
    return case(
        scene,
        "nora",
        S.IN_REVIEW,
        at - TYPING,
        contact=other_address("nora"),
        **decided(at, Outcome.REVIEW, "thin_history", **hold) | reviewed(at, risk=RiskLevel.MEDIUM),
    )


def _plain(scene: Scene) -> list[Case]:
    levels = (RiskLevel.HIGH, RiskLevel.LOW, RiskLevel.MEDIUM)
    return [
        _with_evidence(
            scene,
            f"other{number}",
            scene.ago(hours=hours),
            levels[number % len(levels)],
            due_in=None if number < LATE else (2 + number) * HOUR,
        )
        for number, hours in enumerate(PLAIN_HOURS)
    ]


def _with_evidence(
    scene: Scene, key: str, at: datetime, risk: RiskLevel, due_in: timedelta | None = 8 * HOUR
) -> Case:
    """Make one that fitting answers brought to staff. due_in: None: it is late."""
    first_due_at = scene.now + due_in if due_in else at + policy.FIRST_DECISION_WITHIN
    values = reviewed(at + GRADING, risk=risk, first_due_at=first_due_at)
    return case(
        scene,
        key,
        S.IN_REVIEW,
        at - 4 * TYPING,
        contact=other_address(key),
        reason=Reason.LOST_MAIL,
        **decided(at + GRADING, Outcome.REVIEW, "evidence", hold_length=HOLDS[risk]) | values,
    )


def _campaign(scene: Scene) -> list[Case]:
    """Make six alike: one network, one kind of address, guesses that came just far enough."""
    made = []
    for number in range(ALIKE):
        at = scene.ago(hours=4) + number * timedelta(minutes=11)
        made.append(
            case(
                scene,
                f"other{29 + number}",
                S.IN_REVIEW,
                at - TYPING,
                contact=f"helpdesk.{number + 1}@example.com",
                client=scene.browser("NL", 250, world.WINDOWS_CHROME),
                **decided(at, Outcome.REVIEW, "evidence", hold_length=HOLDS[RiskLevel.HIGH])
                | reviewed(at, risk=RiskLevel.HIGH, first_due_at=scene.now + 12 * HOUR),
            )
        )
    return made
