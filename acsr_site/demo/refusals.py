"""What was refused in the demo, by the answers alone or by staff, and who asked a person again."""

from datetime import timedelta

from acsr_site.demo import queue
from acsr_site.demo.cases import HOUR, TYPING, Case, case, decided, other_address
from acsr_site.demo.scene import Scene
from recovery.enums import Outcome, RiskLevel, StaffReason, TicketState, Verdict

COUNT = 25
BY_STAFF_EVERY = 5
APPEALED = ("tom", "other22")


def make(scene: Scene) -> list[Case]:
    """Give 25 refusals over 80 days, two of them with an appeal; of the last nobody is told yet."""
    refused = [
        _refused(scene, "tom", days=1, told_after=timedelta(hours=17)),
        _refused(scene, "other23", days=0.25, told_after=timedelta(hours=11)),
        _refused(scene, "other22", days=4, told_after=timedelta(hours=14), by_staff=True),
    ]
    refused += [
        _refused(
            scene,
            f"other{number % 29}",
            days=6 + 3.3 * number,
            told_after=timedelta(hours=12 + number % 12),
            by_staff=number % BY_STAFF_EVERY == 0,
        )
        for number in range(COUNT - len(refused))
    ]
    first = {made.key: made for made in reversed(refused)}
    return [*refused, *(_appeal(scene, first[key]) for key in APPEALED)]


def _refused(
    scene: Scene, key: str, *, days: float, told_after: timedelta, by_staff: bool = False
) -> Case:
    at = scene.ago(days=days)
    fields = decided(at, Outcome.DENY, "below_the_bar", answer_at=at + told_after)
    if by_staff:
        fields |= {
            "outcome": Outcome.REVIEW,
            "reasons": ["evidence"],
            "people": 2,
            "risk": RiskLevel.HIGH,
            "in_review_at": at - 2 * HOUR,
            "verdict": Verdict.DENY,
            "told_reasons": [StaffReason.RARE_FACTS_DIFFER],
        }
    opened_at = at - 5 * HOUR
    return case(scene, key, TicketState.DENIED, opened_at, contact=other_address(key), **fields)


def _appeal(scene: Scene, refused: Case) -> Case:
    """Give the request in which a person looks again."""
    at = scene.ago(hours=5)
    reviewed = queue.reviewed(at, risk=RiskLevel.MEDIUM, first_due_at=scene.now + 15 * HOUR)
    return case(
        scene,
        refused.key,
        TicketState.IN_REVIEW,
        at - TYPING,
        contact=other_address(refused.key),
        appeal_of=refused.ticket,
        **decided(at, Outcome.REVIEW, "appeal") | reviewed,
    )
