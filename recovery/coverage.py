"""How many accounts could come back by which way, before a portal goes live (read only)."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from accounts.holdings import read_ahead
from accounts.hooks import Outlook, Recoverability
from accounts.models import User
from recovery import grading, history, weights
from recovery.recoverability import Account, Thing, judge, situation_of

BATCH = 500  # accounts that are in memory at once

AT_ONCE, AFTER_A_WAIT = "at once", "after a wait"
PEOPLE_AND_PROOF, PEOPLE_ALONE = "people, with a proof", "people, by answers alone"
RETURNS = (AT_ONCE, AFTER_A_WAIT, PEOPLE_AND_PROOF, PEOPLE_ALONE)


@dataclass
class Coverage:
    """What was counted. returns: by what is lost, in words, and how the person would be back.

    ways: what would bring back who forgot the password. thin: accounts whose history could not
    reach the bar of the questionnaire; None where it was not read.
    """

    accounts: int = 0
    protected: int = 0
    with_two_step: int = 0
    unreachable: int = 0
    thin: int | None = None
    levels: Counter[int] = field(default_factory=Counter)
    returns: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    ways: Counter[str] = field(default_factory=Counter)

    def as_json(self) -> dict[str, Any]:
        """Give what ``recoverability_report --json`` prints."""
        return {
            "accounts": self.accounts,
            "protected": self.protected,
            "with_two_step": self.with_two_step,
            "unreachable": self.unreachable,
            "thin": self.thin,
            "levels": {str(level): self.levels[level] for level in range(1, 5)},
            "returns": {
                lost: {each: counts[each] for each in RETURNS}
                for lost, counts in self.returns.items()
            },
            "ways_without_the_password": dict(self.ways.most_common()),
        }


def count(now: datetime, *, with_history: bool = False) -> Coverage:
    """Count over all active accounts, a batch at a time.

    with_history: also read each account's history, which costs some statements for each.
    """
    found = Coverage(thin=0 if with_history else None)
    judged: dict[Any, Recoverability] = {}
    for batch in _batches():
        read_ahead(batch)
        for user in batch:
            account, things = situation_of(user, now)
            # Accounts are alike by the thousand: each kind is judged once.
            things = [_plain(thing, now) for thing in things]
            kind = (account, frozenset(Counter(things).items()))
            if kind not in judged:
                judged[kind] = judge(account, things, now)
            _add(found, account, judged[kind])
            if with_history:
                found.thin = (found.thin or 0) + _is_thin(user, now)
    return found


def _batches() -> Iterator[list[User]]:
    users = User.objects.filter(is_active=True).order_by("pk").iterator(chunk_size=BATCH)
    while batch := list(islice(users, BATCH)):
        yield batch


def _plain(thing: Thing, now: datetime) -> Thing:
    """Give the thing with only whether it counts, not since when."""
    counts = thing.counts_from is not None and thing.counts_from <= now
    return replace(thing, counts_from=now if counts else None)


def _add(found: Coverage, account: Account, outlook: Recoverability) -> None:
    found.accounts += 1
    found.protected += account.is_protected
    found.with_two_step += account.has_two_step
    found.unreachable += not account.mailboxes_and_phones
    found.levels[outlook.level] += 1
    for each in outlook.outlooks:
        found.returns[each.lost][_return_of(each)] += 1
    password = outlook.outlooks[0]  # the commonest loss comes first
    found.ways[_ways_of(password)] += 1


def _return_of(outlook: Outlook) -> str:
    if outlook.needs_people:
        return PEOPLE_AND_PROOF if outlook.ways else PEOPLE_ALONE
    return AFTER_A_WAIT if outlook.takes > timedelta(0) else AT_ONCE


def _ways_of(outlook: Outlook) -> str:
    return " + ".join([*outlook.ways, *(["people"] if outlook.needs_people else [])])


def _is_thin(user: User, now: datetime) -> bool:
    return grading.most(history.history_of(user, now), now) < weights.BAR
