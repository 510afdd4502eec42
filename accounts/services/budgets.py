"""Limits that parallel requests cannot outrun: one statement counts and decides."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_

from django.db import connection, transaction
from django.db.models import Case, F, Q, QuerySet, Value, When
from django.db.models.expressions import Combinable
from django.utils import timezone

from accounts.errors import LimitReached
from accounts.models import Budget
from accounts.policy import Rule

# A row whose window is over begins anew; one that is full stays as it is and returns nothing.
COUNT = """
INSERT INTO accounts_budget (rule, key, used, window_ends_at) VALUES {rows}
ON CONFLICT (rule, key) DO UPDATE SET
  used = CASE WHEN accounts_budget.window_ends_at <= %s THEN 1
              ELSE accounts_budget.used + 1 END,
  window_ends_at = CASE WHEN accounts_budget.window_ends_at <= %s THEN excluded.window_ends_at
                        ELSE accounts_budget.window_ends_at END
WHERE accounts_budget.window_ends_at <= %s
   OR accounts_budget.used < CASE {limits} ELSE 0 END
RETURNING rule, key, used
"""
LIMIT = "WHEN accounts_budget.rule = %s AND accounts_budget.key = %s THEN %s"


@dataclass(frozen=True)
class Use:
    """One use to count: of which rule, by whom.

    parts: what the rule is keyed on. times: factor on its limit, for networks many people share.
    """

    rule: Rule
    parts: tuple[str, ...]
    times: int = 1

    @property
    def key(self) -> str:
        """SHA-256 of the parts, so that the table holds no address in clear."""
        sized = "".join(f"{len(part)}:{part}" for part in self.parts)
        return hashlib.sha256(sized.encode()).hexdigest()


def consume(rule: Rule, *parts: str, times: int = 1, now: datetime | None = None) -> None:
    """Count one use, durably; raises LimitReached when there is none left.

    times: factor on the limit. Call it outside any transaction: what follows may fail, the count
    stands.
    """
    consume_all([Use(rule, parts, times)], now=now)


def consume_all(uses: Sequence[Use], *, now: datetime | None = None) -> dict[str, int]:
    """Count one use of each rule in one statement; raises LimitReached if any has none left.

    A rule may come several times, each time for another key. Refused is refused: where one has none
    left, none is counted. Otherwise posts that a narrow limit turns away would use up the wide one
    of everybody.
    Gives how many uses each rule, by its name, has seen with this one; of several keys the most.
    For no uses there is no statement.
    """
    if not uses:
        return {}
    now = now or timezone.now()
    # In one order everywhere, so that two requests never wait for each other's rows.
    ordered = sorted(uses, key=lambda use: (use.rule.name, use.key))
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute(*_count_statement(ordered, now))
        counted = {(rule, key): used for rule, key, used in cursor.fetchall()}
        full = [use for use in ordered if (use.rule.name, use.key) not in counted]
        if full:
            transaction.set_rollback(True)
    if full:
        raise LimitReached(until=_opens_again_at(full, now))
    by_use = sorted(counted.items(), key=lambda item: item[1])
    return {rule: used for (rule, _key), used in by_use}


def give_back_all(uses: Sequence[Use], *, over: Sequence[Use] = ()) -> None:
    """Undo one use of each, of one's own, that turned out not to be a failure; resets nothing else.

    over: those that begin again at nothing, because what they counted has ended. One statement, or
    none for no uses.
    """
    if not (uses or over):
        return
    used: Combinable = F("used") - 1
    if over:
        used = Case(When(_any_of(over), then=Value(0)), default=used)
    Budget.objects.filter(_any_of([*uses, *over]), used__gt=0).update(used=used)


def used_up(rule: Rule, *parts: str, now: datetime) -> QuerySet[Budget]:
    """Give the row of this rule and key if none is left in it: a condition for other queries."""
    return Budget.objects.filter(
        rule=rule.name,
        key=Use(rule, parts).key,
        used__gte=rule.limit,
        window_ends_at__gt=now,
    )


def peek(rule: Rule, *parts: str, now: datetime | None = None) -> int:
    """Give how many uses the present window has seen."""
    rows = Budget.objects.filter(
        rule=rule.name,
        key=Use(rule, parts).key,
        window_ends_at__gt=now or timezone.now(),
    )
    return rows.values_list("used", flat=True).first() or 0


def reset(rule: Rule, *parts: str) -> None:
    """Forget the uses of this rule by this key."""
    Budget.objects.filter(rule=rule.name, key=Use(rule, parts).key).delete()


def _any_of(uses: Sequence[Use]) -> Q:
    return reduce(or_, [Q(rule=use.rule.name, key=use.key) for use in uses])


def _count_statement(uses: Sequence[Use], now: datetime) -> tuple[str, list[str | int]]:
    def as_stored(at: datetime) -> str:
        return str(connection.ops.adapt_datetimefield_value(at))

    rows: list[str | int] = []
    limits: list[str | int] = []
    for use in uses:
        rows += [use.rule.name, use.key, as_stored(now + use.rule.window)]
        limits += [use.rule.name, use.key, use.rule.limit * use.times]
    statement = COUNT.format(
        rows=", ".join(["(%s, %s, 1, %s)"] * len(uses)),
        limits=" ".join([LIMIT] * len(uses)),
    )
    return statement, [*rows, *[as_stored(now)] * 3, *limits]


def _opens_again_at(uses: Sequence[Use], now: datetime) -> datetime:
    """Give when the last of the full windows is over."""
    ends = [
        Budget.objects.filter(rule=use.rule.name, key=use.key)
        .values_list("window_ends_at", flat=True)
        .first()
        for use in uses
    ]
    return max((end for end in ends if end), default=now)
