"""Many claims, judged by the portal's own grading, risk and decision table."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any

from django.conf import settings

from recovery import grading, policy, risk, weights
from recovery.enums import Outcome, RiskLevel
from recovery.evidence import Result
from recovery.simulation import figures
from recovery.simulation.figures import Knowledge
from recovery.simulation.people import Answerer
from recovery.simulation.world import Person, World

OWNERS = "owners"
GROUPS: dict[str, Knowledge] = {
    OWNERS: figures.OWNER,
    "stranger": figures.STRANGER,
    "acquaintance": figures.ACQUAINTANCE,
    "ex_partner": figures.EX_PARTNER,
    "thief_inside": figures.THIEF_INSIDE,
}
REACHED = frozenset({Outcome.REVIEW, Outcome.SUPERUSERS})
ALONE = frozenset({Outcome.APPROVE, Outcome.HOLD})
TWO_PEOPLE = 2
TENTHS = 10  # scores are in tenths of a bit


@dataclass
class Tally:
    """What came of the claims of one group."""

    claims: int = 0
    reached: int = 0
    granted_alone: int = 0
    needs_check: int = 0
    low_risk: int = 0
    bits: list[float] = field(default_factory=list)

    def add(self, result: Result, level: str, decision: policy.Decision) -> None:
        """Count one claim."""
        is_reached = decision.outcome in REACHED
        self.claims += 1
        self.reached += is_reached
        # Nothing but people may say yes to answers, and two of them.
        self.granted_alone += decision.outcome in ALONE or (
            is_reached and decision.people < TWO_PEOPLE
        )
        self.needs_check += is_reached and decision.needs_check
        self.low_risk += is_reached and level == RiskLevel.LOW
        self.bits.append(result.score / TENTHS)

    def share(self, count: int) -> float:
        """Give a count as a share of all claims, rounded for people."""
        return round(count / self.claims, 4)

    def quantile(self, share: float) -> float:
        """Give the score that this share of claims does not exceed, in bits."""
        return sorted(self.bits)[min(int(share * self.claims), self.claims - 1)]

    def at_least(self, bar: float) -> float:
        """Give the share of claims whose score reaches a bar, in bits."""
        return sum(score >= bar for score in self.bits) / self.claims


@dataclass(frozen=True)
class Trial:
    """All groups of one run. bar: in bits."""

    seed: int
    people: int
    bar: float
    has_towns: bool
    groups: dict[str, Tally]

    def as_json(self) -> dict[str, Any]:
        """Give what ``simulate_policy --json`` prints."""
        owners = self.groups[OWNERS]
        return {
            "owners": {
                "reached_review": owners.share(owners.reached),
                "needs_check": owners.share(owners.needs_check),
                "median_bits": owners.quantile(0.5),
            },
            "attackers": {
                name: {
                    "reached_review": tally.share(tally.reached),
                    "granted_alone": tally.share(tally.granted_alone),
                }
                for name, tally in self.groups.items()
                if name != OWNERS
            },
            "bar_bits": self.bar,
            "policy_version": policy.VERSION,
            "weights_version": weights.VERSION,
            "seed": self.seed,
            "people": self.people,
            "towns": self.has_towns,
        }


def run(*, seed: int, people: int, has_towns: bool = False, bar: float | None = None) -> Trial:
    """Let everybody of every group claim one account each.

    people: claims of each group. bar: in bits; None: the shipped one. has_towns: whether places of
    sign-ins have towns, as with a city database in GEOIP_PATH.
    """
    tenths = weights.BAR if bar is None else round(bar * TENTHS)
    groups = {}
    for name, knowledge in GROUPS.items():
        # A world of its own for each group: what one group draws moves no other.
        world = World(Random(f"{seed}:{name}"), has_towns=has_towns)  # noqa: S311 - no secret
        groups[name] = tally = Tally()
        for person in _population(world, people):
            _claim(tally, world, person, knowledge, tenths)
    return Trial(seed, people, tenths / TENTHS, has_towns, groups)


def _population(world: World, people: int) -> Iterator[Person]:
    return (world.person() for _ in range(people))


def _claim(tally: Tally, world: World, person: Person, knowledge: Knowledge, bar: int) -> None:
    answerer = Answerer(world, person, knowledge)
    former = answerer.former()
    answers = answerer.answers(passwords=len(former))
    result = grading.grade(answers, person.history, former=former, bar=bar)
    level = risk.assess(answerer.risk_facts()).level
    decision = policy.decide(
        policy.Facts(
            has_two_step=person.has_two_step,
            is_above_bar=result.is_above_bar,
            is_thin=result.is_thin,
            risk=level,
            one_person_low_risk=settings.ONE_PERSON_FOR_LOW_RISK,
        )
    )
    tally.add(result, level, decision)
