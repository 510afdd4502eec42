"""Requests of the demo, at least two in every state that a request can be left in."""

from datetime import datetime, timedelta
from typing import Any

from acsr_site.demo import queue, refusals, world
from acsr_site.demo.cases import HOUR, TYPING, Case, case, decided, held, other_address
from acsr_site.demo.scene import Scene
from recovery import policy
from recovery.enums import (
    CancelCause,
    Outcome,
    ProofClass,
    Resets,
    StaffReason,
    TicketState,
    Verdict,
)
from recovery.models import RecoveryTicket

S = TicketState
DAY = timedelta(days=1)
CHOOSING = timedelta(minutes=4)  # until the new password is chosen
# Every sixth recovery went by phone alone, and so had to wait for a day.
BY_PHONE_EVERY = 6


def make(scene: Scene) -> list[Case]:
    """Write all tickets; give them with what belongs to them."""
    cases = [
        *_at_the_start(scene),
        *queue.make(scene),
        *_on_hold(scene),
        *_approved(scene),
        *_completed(scene),
        *refusals.make(scene),
        *_stopped(scene),
        *_run_out(scene),
        *_of_nobody(scene),
    ]
    RecoveryTicket.objects.bulk_create(made.ticket for made in cases)
    return cases


def _at_the_start(scene: Scene) -> list[Case]:
    """Make what waits for its code or for a proof."""
    asked_more_at = scene.ago(hours=20)
    more = decided(asked_more_at, Outcome.MORE, "thin_history") | {
        "verdict": Verdict.MORE,
        "told_reasons": [StaffReason.NEED_CHECK, StaffReason.NEED_HELD],
        "people": 2,
        "in_review_at": asked_more_at - 20 * HOUR,
    }
    return [
        case(scene, "other0", S.AWAITING_CODE, scene.ago(minutes=4), is_accepted=False),
        case(scene, "other1", S.AWAITING_CODE, scene.ago(minutes=11), is_accepted=False),
        case(
            scene, "ben", S.AWAITING_PROOF, scene.ago(days=2), contact=other_address("ben"), **more
        ),
        case(scene, "sofia", S.AWAITING_PROOF, scene.ago(days=1), contact=other_address("sofia")),
        case(scene, "wei", S.AWAITING_PROOF, scene.ago(days=2), proof=ProofClass.MAIL),
        case(scene, "other2", S.AWAITING_PROOF, scene.ago(days=3), contact=other_address("other2")),
    ]


def _on_hold(scene: Scene) -> list[Case]:
    """Make five waits: on day 3 of 7, 20 minutes and 24 hours from the end, on the way, new."""
    now = scene.now
    week = held(now - 3 * DAY, 7 * DAY, now + 4 * DAY, "two_step_one_and_evidence")
    ends = held(now - DAY, DAY, now + timedelta(minutes=20), "phone_alone")
    last_day = held(now - 2 * DAY, 3 * DAY, now + DAY, "one_proof")
    middle = held(now - 6 * HOUR, DAY, now + 18 * HOUR, "phone_alone")
    new = held(now, DAY, None, "phone_alone")
    week |= {"resets": Resets.BOTH, "people": 2, "needs_held_proof": True}
    waits = [
        ("jonas", week, ProofClass.APP),
        ("other3", ends, ProofClass.PHONE),
        ("other4", last_day, ProofClass.MAIL),
        ("other5", middle, ProofClass.PHONE),
        ("other6", new, ProofClass.PHONE),
    ]
    return [
        case(
            scene,
            key,
            S.ON_HOLD,
            fields["decided_at"] - 2 * TYPING,
            contact=other_address(key),
            proof=proof,
            **fields,
        )
        for key, fields, proof in waits
    ]


def _approved(scene: Scene) -> list[Case]:
    """Make two whose wait is over, and one whose proof counts for another 50 minutes."""
    start, end = scene.ago(days=2), scene.ago(days=1)
    waited = {"moved_at": end, "expires_at": end + policy.LIVES[S.APPROVED]}
    by_phone = held(start, DAY, end, "phone_alone") | waited
    protected = held(start, DAY, end, "protected_two_proofs") | waited
    at = scene.ago(minutes=10)
    quick = decided(at, Outcome.APPROVE, "one_proof", expires_at=at + policy.HELD_PROOF_LIVES)
    phone, mail = ProofClass.PHONE, ProofClass.MAIL
    return [
        case(scene, "ruth", S.APPROVED, start - TYPING, proof=mail, **protected),
        case(
            scene,
            "other7",
            S.APPROVED,
            start - TYPING,
            contact=other_address("other7"),
            proof=phone,
            **by_phone,
        ),
        case(scene, "other9", S.APPROVED, at - TYPING, proof=mail, **quick),
    ]


def _completed(scene: Scene) -> list[Case]:
    """Make 40 recoveries over 90 days; Ingrid's from a new place, Lucia's undone later."""
    abroad = scene.browser("ES", 201, world.IPHONE_SAFARI)
    at = scene.ago(days=3)
    reasons = ["one_proof", "new_place"]
    new_place = decided(at - CHOOSING, Outcome.APPROVE, "one_proof", reasons=reasons)
    cases = [
        _done(scene, "ingrid", at, fields={"client": abroad, **new_place}),
        _done(scene, "lucia", scene.ago(days=2.2)),
    ]
    for number in range(38):
        key = f"other{10 + number % 26}"
        cases.append(
            _done(
                scene,
                key,
                scene.ago(days=1.3 + 2.3 * number),
                is_by_phone=number % BY_PHONE_EVERY == 1,
            )
        )
    return cases


def _done(
    scene: Scene,
    key: str,
    at: datetime,
    *,
    is_by_phone: bool = False,
    fields: dict[str, Any] | None = None,
) -> Case:
    """Make a recovery that was completed at ``at``."""
    decided_at = at - CHOOSING
    values = decided(decided_at, Outcome.APPROVE, "one_proof")
    if is_by_phone:
        decided_at -= DAY
        values = held(decided_at, DAY, at - CHOOSING, "phone_alone")
    return case(
        scene,
        key,
        S.COMPLETED,
        decided_at - TYPING,
        contact=other_address(key) if is_by_phone else "",
        proof=ProofClass.PHONE if is_by_phone else ProofClass.MAIL,
        **values | (fields or {}) | {"completed_at": at, "moved_at": at},
    )


def _stopped(scene: Scene) -> list[Case]:
    """Make nine that were stopped: by old contacts, by claimants, from old sessions."""
    objected, session = CancelCause.OBJECTION, CancelCause.SESSION
    stopped: list[tuple[str, float, CancelCause, TicketState]] = [
        ("other14", 0.3, objected, S.ON_HOLD),
        ("other15", 2, objected, S.AWAITING_PROOF),
        ("other16", 30, objected, S.AWAITING_PROOF),
        ("other17", 61, objected, S.ON_HOLD),
        ("paul", 4, CancelCause.WITHDRAWN, S.AWAITING_CODE),
        ("other24", 25, CancelCause.WITHDRAWN, S.AWAITING_PROOF),
        ("other25", 55, CancelCause.WITHDRAWN, S.AWAITING_CODE),
        ("wei", 20, session, S.AWAITING_PROOF),
        ("sam", 44, session, S.AWAITING_PROOF),
    ]
    return [_cancelled(scene, key, scene.ago(days=d), cause, at) for key, d, cause, at in stopped]


def _cancelled(
    scene: Scene, key: str, at: datetime, cause: CancelCause, former: TicketState
) -> Case:
    """Make a ticket that was cancelled at ``at`` in its ``former`` state."""
    opened_at, hold = at - 3 * HOUR, {}
    if former == S.ON_HOLD:
        hold = held(at - 2 * HOUR, DAY, at + 22 * HOUR, "phone_alone")
    is_own = cause in (CancelCause.WITHDRAWN, CancelCause.CODES, CancelCause.REPLACED)
    ending = {
        "cancelled_at": at,
        "cancelled_from": former,
        "cancel_cause": cause,
        "answer_at": None if is_own else at + 18 * HOUR,
        "moved_at": at,
    }
    return case(
        scene,
        key,
        S.CANCELLED,
        opened_at,
        contact=other_address(key),
        client=scene.stranger(),
        is_accepted=former != S.AWAITING_CODE,
        proof=ProofClass.PHONE if hold else None,
        **hold | ending,
    )


def _run_out(scene: Scene) -> list[Case]:
    """Make six whose time ran out, two of them before the code was typed."""
    ages = {"other26": 3, "other27": 40, "other28": 12, "other29": 29, "other30": 50, "maria": 81}
    return [
        _expired(scene, key, scene.ago(days=days), is_accepted=number > 1)
        for number, (key, days) in enumerate(ages.items())
    ]


def _expired(scene: Scene, key: str, opened_at: datetime, *, is_accepted: bool) -> Case:
    state = S.AWAITING_PROOF if is_accepted else S.AWAITING_CODE
    end = opened_at + TYPING * is_accepted + policy.LIVES[state]
    contact = other_address(key)
    return case(
        scene,
        key,
        S.EXPIRED,
        opened_at,
        contact=contact,
        is_accepted=is_accepted,
        expires_at=end,
        moved_at=end,
    )


def _of_nobody(scene: Scene) -> list[Case]:
    """Make 20 on accounts that do not exist: typing errors, and people who try names."""
    waiting = [
        case(scene, "", S.AWAITING_PROOF, scene.ago(days=days), contact=f"typo{days}@example.net")
        for days in (1, 3, 5)
    ]
    over = [
        _expired(scene, "", scene.ago(days=9 + 6.5 * number), is_accepted=number % 2 == 0)
        for number in range(12)
    ]
    causes = ("withdrawn", "withdrawn", "codes", "codes", "replaced")
    ended = [
        _cancelled(scene, "", scene.ago(days=2 + 9 * number), CancelCause(cause), S.AWAITING_CODE)
        for number, cause in enumerate(causes)
    ]
    return waiting + over + ended
