"""Keep that an event was not its owner, and unteach what was learned of whoever it was."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Q
from django.utils import timezone

from activity import policy
from activity.enums import EventKind, OwnerVerdict
from activity.models import SecurityEvent
from activity.services import learning

VERDICT = ["verdict", "verdict_at"]


def dispute(event: SecurityEvent, *, overrules: bool) -> dict[str, Any]:
    """Answer an event with "this wasn't me"; gives what ``settle`` needs to undo that.

    Sign-ins since then from the same browser, or from one like it on the same network, are
    unlearned with it. overrules: "this was me" gives way. Under the account's lock.
    """
    if event.verdict == OwnerVerdict.NOT_ME or (event.verdict and not overrules):
        return {}
    former = event.verdict
    answer(event, OwnerVerdict.NOT_ME)
    learned = [str(each.pk) for each in _like(event) if learning.unlearn(each)]
    return {"verdict": former, "learned": learned}


def note(event: SecurityEvent) -> dict[str, Any]:
    """Answer the same from a session that may be a thief's; gives what ``settle`` needs.

    Only where the answer takes nothing from the owner: not what was learned as hers, and over no
    other answer. Nothing else is unlearned.
    """
    if event.verdict or event.is_learned:
        return {}
    answer(event, OwnerVerdict.NOT_ME)
    return {"verdict": "", "learned": []}


def settle(event: SecurityEvent, before: dict[str, Any]) -> None:
    """Let an event and what was learned stand as before ``dispute``, which gave ``before``.

    An answer that was given since then stands.
    """
    if "verdict" not in before or event.verdict != OwnerVerdict.NOT_ME:
        return
    answer(event, before["verdict"])
    events = SecurityEvent.objects.filter(pk__in=before["learned"], user=event.user_id)
    for each in events:
        learning.learn(each)
    if before["verdict"] == OwnerVerdict.ME and event.kind == EventKind.SIGNED_IN:
        learning.vouch(event)


def answer(event: SecurityEvent, verdict: str) -> None:
    """Write the owner's answer, "" for none."""
    event.verdict = verdict
    event.verdict_at = timezone.now() if verdict else None
    event.save(update_fields=VERDICT)


def _like(event: SecurityEvent) -> Iterable[SecurityEvent]:
    """Give the learned sign-ins that a dispute is about, the event itself first."""
    if event.kind == EventKind.SIGNED_IN:
        yield event
    alike = Q(network=event.network, browser=event.browser, system=event.system)
    if not event.network:
        alike = Q(pk=None)
    if event.device_hash:
        alike |= Q(device_hash=event.device_hash)
    since = SecurityEvent.objects.filter(
        alike, user=event.user_id, kind=EventKind.SIGNED_IN, is_learned=True, at__gte=event.at
    )
    yield from since.exclude(pk=event.pk).order_by("at")[: policy.UNLEARNED_AT_ONCE]
