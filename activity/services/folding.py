"""Which notices go out at once, which wait to be counted in another, and which are no news.

Unusual sign-ins and refused second steps alone: changes of an account, pauses and reports are
never folded. A notice that waits is its own due row: the next one that goes out counts it, or it
goes out itself when its time comes, so that none is lost with a worker.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from accounts.enums import FailurePool
from accounts.models import User
from activity import policy
from activity.enums import EventKind
from activity.models import Notice, SecurityEvent

FOLDED = frozenset({EventKind.SIGNED_IN, EventKind.SECOND_STEP_FAILED, EventKind.CODE_SENT})


@dataclass(frozen=True)
class More:
    """What one message counts beside its own event: how many, the first of them when."""

    count: int = 0
    since: datetime | None = None


def lock(pk: int, now: datetime) -> Notice | None:
    """Lock a notice for its fan-out, its account before it; None where it is not due any more.

    The account, because two workers with two notices of one account must not both find that
    nothing went out yet.
    """
    found = Notice.objects.select_related("event").filter(pk=pk).first()
    if found is None:
        return None
    if found.event.kind in FOLDED and found.event.user_id:
        User.objects.select_for_update(no_key=True).filter(pk=found.event.user_id).first()
    rows = Notice.objects.select_related("event__user")
    rows = rows.filter(pk=pk, settled_at=None, due_at__lte=now)
    return rows.select_for_update(of=("self",), no_key=True).first()


def is_no_news(event: SecurityEvent) -> bool:
    """Tell of what need not be told after all."""
    if event.kind == EventKind.SECOND_STEP_FAILED:
        return _is_typo(event)
    return event.kind == EventKind.CODE_SENT and _was_completed(event)


def _is_typo(event: SecurityEvent) -> bool:
    """Tell of a known browser's few wrong codes of a day: its owner mistypes.

    That browser's alone, so that the owner's typos hide nobody else's tries.
    """
    if event.details.get("pool") != FailurePool.KNOWN or not event.device_hash:
        return False
    same = SecurityEvent.objects.filter(
        user=event.user_id,
        kind=event.kind,
        device_hash=event.device_hash,
        at__gt=event.at - timedelta(days=1),
        at__lte=event.at,
    )
    return same.count() <= policy.TYPOS_A_DAY


def _was_completed(event: SecurityEvent) -> bool:
    """Tell of a mailed code whose sign-in is complete, which is told by itself if unusual."""
    signed_in = SecurityEvent.objects.filter(
        user=event.user_id,
        kind=EventKind.SIGNED_IN,
        at__gt=event.at,
        at__lte=event.at + policy.FOLDED_FOR,
        network=event.network,
        browser=event.browser,
        system=event.system,
        device=event.device,
    )
    if event.device_hash:  # else it got its cookie as it signed in
        signed_in = signed_in.filter(device_hash=event.device_hash)
    return signed_in.exists()


def waits_until(notice: Notice, now: datetime) -> datetime | None:
    """Give when a notice is due again, where one like it has just gone out; None: tell it now.

    One that has waited does not wait again.
    """
    event = notice.event
    if notice.is_folded or event.kind not in FOLDED or event.user_id is None:
        return None
    told = list(_of_this_kind(event, is_folded=False, settled_at__gt=now - policy.FOLDED_FOR))
    alike = [each for each in told if _source(each.event) == _source(event)]
    went_out = [each.settled_at for each in alike or told if each.settled_at]
    # A thief elsewhere must not come to be counted in a notice that the owner knows to be about
    # themselves; nor may one with a hundred addresses bury the owner in mail.
    if not alike and len(told) < policy.NOTICES_BEFORE_FOLDING:
        return None
    return (max(went_out) if alike else min(went_out)) + policy.FOLDED_FOR


def put_off(notice: Notice, until: datetime) -> None:
    """Let a notice wait until then, unless another one counts it before."""
    Notice.objects.filter(pk=notice.pk).update(is_folded=True, due_at=until, claimed_until=None)


def take_in(notice: Notice, now: datetime) -> More:
    """Settle what waits beside a notice that goes out now, and give what its messages count."""
    if notice.event.kind not in FOLDED:
        return More()
    waiting = _of_this_kind(notice.event, is_folded=True, settled_at=None).exclude(pk=notice.pk)
    found = {each.pk: each.event.at for each in waiting}
    if not found:
        return More()
    Notice.objects.filter(pk__in=found).update(settled_at=now)
    return More(count=len(found), since=min(found.values()))


def _of_this_kind(event: SecurityEvent, **wanted: Any) -> QuerySet[Notice]:
    return Notice.objects.select_related("event").filter(
        event__user=event.user_id,
        event__kind=event.kind,
        event__at__gt=event.at - policy.FOLDS_EVENTS_OF,
        **wanted,
    )


def _source(event: SecurityEvent) -> tuple[str, ...]:
    """Give what one source of sign-ins has in common: a browser, or all without cookies there."""
    return (event.network, event.device_hash, event.browser, event.system, event.device)
