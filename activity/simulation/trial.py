"""One run: owners sign in, attackers try, and what the portal makes of both."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from statistics import median
from typing import Any

from activity import policy, risk
from activity.enums import Level
from activity.risk import Circumstances, Counts, Features, Judgement, Value
from activity.simulation import attackers, figures
from activity.simulation.world import Person, SignIn, World, first

HISTORIES = (4, 12, 39)
# So many people of the portal, with so many sign-ins each, are what is common there.
PEOPLE, SIGN_INS_EACH = 2000, 10
TRIES = 3  # of each attacker on each account and history


class Ledger:
    """What the portal remembers of sign-ins, as FeatureCount and CommonCount do."""

    def __init__(self, sign_ins: Iterable[SignIn] = ()) -> None:
        self.total = 0
        self.seen: Counter[Value] = Counter()
        self.known: Counter[str] = Counter()
        self.vouched: set[str] = set()
        self.last: SignIn | None = None
        for sign_in in sign_ins:
            self.learn(sign_in)

    def learn(self, sign_in: SignIn) -> None:
        self.total += 1
        self.last = sign_in
        for name in risk.FEATURES:
            value = getattr(sign_in.features, name)
            if value:
                self.seen[name, value] += 1
                self.known[name] += 1

    def judge(self, sign_in: SignIn, common: "Ledger") -> Judgement:
        """Judge as the portal does. Neither failures nor bursts: see attackers."""
        features = sign_in.features
        counts = Counts(
            own_total=self.total,
            common_total=common.total,
            own=self._of(features),
            common=common._of(features),
            own_known=self.known,
            common_known=common.known,
            is_vouched=features.pattern in self.vouched,
        )
        last = self.last.point if self.last else None
        return risk.judge(features, counts, Circumstances(now=sign_in.point, last=last))

    def _of(self, features: Features) -> dict[Value, int]:
        values = ((name, getattr(features, name)) for name in risk.FEATURES)
        return {value: self.seen[value] for value in values if value in self.seen}


@dataclass
class Tally:
    """Scores of the owners' next sign-ins, and of tries on their accounts.

    full: all of the history was learned, as published studies have it. lives: the same for every
    sign-in up to there, one list for each owner. real: it was learned as the
    portal learns, where what was unusual and not answered teaches nothing.
    """

    full: list[int] = field(default_factory=list)
    lives: list[list[int]] = field(default_factory=list)
    real: list[int] = field(default_factory=list)
    tries: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    real_tries: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))

    def cell(self, name: str, detection: float) -> dict[str, Any]:
        """Give one attacker's figures, at the highest bar that detects so many of the tries.

        reauth: the median over owners of the share of their sign-ins so far that reach it, as the
        published figures are medians. reauth_next: the share of owners whose next one does.
        """
        bar = _bar(self.tries[name], detection)
        return {
            "tpr": round(_at_least(bar, self.tries[name]), 4),
            "reauth": round(median(_at_least(bar, life) for life in self.lives or [[]]), 4),
            "reauth_next": round(_at_least(bar, self.full), 4),
            "bar": bar,
            "told": round(_at_least(policy.UNUSUAL_FROM, self.real_tries[name]), 4),
            "asked": round(_at_least(policy.CONFIRM_FROM, self.real_tries[name]), 4),
            "owners_told": round(_at_least(policy.UNUSUAL_FROM, self.real), 4),
            "owners_asked": round(_at_least(policy.CONFIRM_FROM, self.real), 4),
        }


@dataclass(frozen=True)
class Trial:
    """What came of a run; ``tallies`` by the length of the history."""

    seed: int
    owners: int
    detection: float
    tallies: dict[int, Tally]

    def as_json(self) -> dict[str, dict[str, dict[str, Any]]]:
        """Give attacker, history, figures."""
        return {
            name: {
                str(length): tally.cell(name, self.detection)
                for length, tally in self.tallies.items()
            }
            for name in attackers.ATTACKERS
        }


def run(*, seed: int, owners: int, detection: float) -> Trial:
    """Let so many owners sign in, and every attacker try each account.

    detection: the share of tries that the bar of ``reauth`` must catch.
    """
    world = World(Random(f"{seed}:world"))  # noqa: S311 - no secret
    crowd = [Person(world, number) for number in range(PEOPLE)]
    common = Ledger(first(crowd, SIGN_INS_EACH))
    tallies = {length: Tally() for length in HISTORIES}
    for number in range(owners):
        # Each owner has dice of their own, so that more of them change nothing about the first.
        world.dice = Random(f"{seed}:{number}")  # noqa: S311 - no secret
        _live(Person(world, number), common, tallies)
    return Trial(seed, owners, detection, tallies)


def _live(person: Person, common: Ledger, tallies: dict[int, Tally]) -> None:
    """Let one owner sign in, one time more than the longest history."""
    world, full, real = person.world, Ledger(), Ledger()
    history: list[SignIn] = []
    life: list[int] = []
    for sign_in in person.sign_ins():
        tally = tallies.get(len(history))
        score = full.judge(sign_in, common).score
        if tally is not None:
            tally.full.append(score)
            tally.lives.append(list(life))
            _attack(tally, world, history, (full, real), common)
        found = real.judge(sign_in, common)
        if tally is not None:
            tally.real.append(found.score)
        if len(history) == max(tallies):
            return
        full.learn(sign_in)
        _learn(real, sign_in, found, is_answered=world.chance(figures.ANSWERS))
        history.append(sign_in)
        life.append(score)


def _attack(
    tally: Tally,
    world: World,
    history: list[SignIn],
    ledgers: tuple[Ledger, Ledger],
    common: Ledger,
) -> None:
    for name in attackers.ATTACKERS:
        for _ in range(TRIES):
            at = history[-1].at + world.dice.random() * timedelta(days=30)
            tried = attackers.attack(name, world, history, at)
            for ledger, scores in zip(ledgers, (tally.tries, tally.real_tries), strict=True):
                scores[name].append(ledger.judge(tried, common).score)


def _learn(ledger: Ledger, sign_in: SignIn, found: Judgement, *, is_answered: bool) -> None:
    """Learn what was low, or confirmed by the step that was asked for, or answered "me"."""
    if found.level == Level.MEDIUM and not is_answered:
        return
    if found.level != Level.LOW and is_answered:
        ledger.vouched.add(sign_in.features.pattern)
    ledger.learn(sign_in)


def _bar(scores: list[int], detection: float) -> int:
    """Give the highest score that at least this share of the scores reaches."""
    return max(bar for bar in range(101) if _at_least(bar, scores) >= detection or bar == 0)


def _at_least(bar: int, scores: list[int]) -> float:
    return sum(score >= bar for score in scores) / max(1, len(scores))
