"""How unusual the demo's sign-ins were, judged as the portal judges, from what it knew by then."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from activity import places, policy, risk
from activity.assessors import KNOWN, values_of
from activity.enums import EventKind, Level, OwnerVerdict
from activity.models import SecurityEvent
from activity.risk import Circumstances, Counts, Point, Value
from activity.services import learning

ANSWERED_AFTER = timedelta(hours=2)


class Memory:
    """What all sign-ins so far have taught."""

    def __init__(self) -> None:
        self.common: Counter[Value] = Counter()
        self.own: defaultdict[UUID, Counter[Value]] = defaultdict(Counter)
        self.last: dict[UUID, SecurityEvent] = {}
        self.failures: list[SecurityEvent] = []

    def learn(self, event: SecurityEvent) -> None:
        """Take a sign-in in."""
        values = values_of(learning.features_of(event))
        self.common.update(values)
        self.own[_owner(event)].update(values)
        self.last[_owner(event)] = event
        event.is_learned = True

    def judge(self, event: SecurityEvent) -> risk.Judgement:
        """Judge a sign-in that was not taken in yet."""
        features, own = learning.features_of(event), self.own[_owner(event)]
        counts = Counts(
            own_total=own[risk.ALL, ""],
            common_total=self.common[risk.ALL, ""],
            own=own,
            common=self.common,
            own_known={name: own[KNOWN + name, ""] for name in risk.FEATURES},
            common_known={name: self.common[KNOWN + name, ""] for name in risk.FEATURES},
        )
        last = self.last.get(_owner(event))
        failed = [
            each
            for each in self.failures
            if each.network == event.network and each.at > event.at - policy.FAILURES_LATELY
        ]
        circumstances = Circumstances(
            now=_point(event),
            last=_point(last) if last else None,
            failures=sum(each.user_id == event.user_id for each in failed),
            accounts_failed=len({each.user_id for each in failed}),
        )
        return risk.judge(features, counts, circumstances)


def judge(events: Iterable[SecurityEvent], answered: set[tuple[UUID, str]]) -> None:
    """Judge each sign-in, the oldest first, and let it teach what it may.

    answered: accounts and the countries of theirs that they said were them.
    """
    memory = Memory()
    for event in sorted(events, key=lambda event: event.at):
        if event.kind == EventKind.SIGN_IN_FAILED:
            memory.failures.append(event)
        if event.kind == EventKind.SIGNED_IN:
            _judge_one(memory, event, answered)


def _judge_one(memory: Memory, event: SecurityEvent, answered: set[tuple[UUID, str]]) -> None:
    shown = event.details["authenticators"]
    if "passkey" in shown:
        memory.learn(event)
        return
    found = memory.judge(event)
    event.score, event.risk_model = found.score, risk.MODEL
    event.reasons = [str(reason) for reason in found.reasons]
    event.is_unusual = found.level != Level.LOW
    if found.level == Level.HIGH and shown == ["password"]:
        shown.append("email")  # as was asked for
    if event.is_unusual and (_owner(event), event.country) in answered:
        event.verdict, event.verdict_at = OwnerVerdict.ME, event.at + ANSWERED_AFTER
    if not event.is_unusual or event.verdict or shown != ["password"]:
        memory.learn(event)


def _owner(event: SecurityEvent) -> UUID:
    if event.user_id is None:
        raise ValueError("Nobody signs in to no account.")
    return event.user_id


def _point(event: SecurityEvent) -> Point:
    radius = places.radius_around(event.country, event.latitude, event.longitude)
    if radius is None:
        return Point(event.at)
    return Point(event.at, event.latitude, event.longitude, radius)
