"""The audit chain of the demo: 250 entries of 90 days that verify as any other."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db import transaction

from acsr_site.demo import cast
from acsr_site.demo.cases import Case
from acsr_site.demo.scene import Scene
from activity.models import AuditEntry, AuditHead
from activity.services import audit
from recovery.enums import Outcome, TicketState

LENGTH = 250
Act = tuple[datetime, dict[str, Any]]


def make(scene: Scene, cases: list[Case]) -> None:
    """Append everything that staff and the system did, oldest first; the last lock, as always."""
    acts = [*_beginnings(scene), *_decisions(scene, cases)]
    acts += _routine(scene, LENGTH - len(acts) - audit.head().number)
    acts.sort(key=lambda act: act[0])
    with transaction.atomic():
        head = AuditHead.objects.select_for_update().filter(pk=audit.HEAD_KEY).first()
        head = head or AuditHead(pk=audit.HEAD_KEY)
        entries = list(_linked(head, acts))
        AuditEntry.objects.bulk_create(entries)
        head.number, head.digest = entries[-1].number, entries[-1].digest
        head.save()


def _linked(head: AuditHead, acts: list[Act]) -> Iterator[AuditEntry]:
    """Give the entries, each bound to the one before."""
    previous = head.digest
    for number, (at, values) in enumerate(acts, start=head.number + 1):
        entry = AuditEntry(number=number, at=at, previous=previous, **values)
        entry.digest = previous = audit.digest_of(entry)
        yield entry


def _beginnings(scene: Scene) -> list[Act]:
    """Give how staff came to be and how Ben was imported."""
    acts = [
        _act(
            scene.ago(days=89, minutes=-5 * number),
            "system",
            "accounts:staff:created",
            subject=f"user:{figure.id}",
            reason=f"role {figure.role}",
        )
        for number, figure in enumerate(cast.STAFF)
    ]
    imported = _act(scene.ago(days=5), "system", "accounts:file:imported", reason="1 account")
    lucia = scene.users["lucia"]
    undone = _act(
        lucia.frozen_at or scene.now, "system", "recovery:ticket:undone", subject=f"user:{lucia.pk}"
    )
    return [*acts, imported, undone]


def _decisions(scene: Scene, cases: list[Case]) -> list[Act]:
    """Give what Lena and Omar decided: every refusal, what they asked for, and Jonas's wait."""
    acts = []
    for case in cases:
        ticket, subject = case.ticket, f"ticket:{case.ticket.pk}"
        at = ticket.decided_at or scene.now
        if ticket.state == TicketState.DENIED:
            acts.append(_act(at, _staff(scene, "lena"), "recovery:ticket:refused", subject=subject))
        if ticket.outcome == Outcome.MORE:
            acts.append(_act(at, _staff(scene, "lena"), "recovery:ticket:asked", subject=subject))
        if case.key == "jonas":
            acts += [
                _act(at, _staff(scene, key), "recovery:ticket:approved", subject=subject)
                for key in ("lena", "omar")
            ]
    return acts


def _routine(scene: Scene, count: int) -> list[Act]:
    """Give what happens on most days: messages that were given up are tried again."""
    first_message = 1000
    return [
        _act(
            scene.some_time(scene.ago(days=88), scene.now),
            _staff(scene, scene.chance.choice(("priya", "sam"))),
            "outbox:message:tried_again",
            subject=f"message:{first_message + number}",
        )
        for number in range(count)
    ]


def _staff(scene: Scene, key: str) -> str:
    return f"user:{scene.users[key].pk}"


def _act(at: datetime, actor: str, action: str, *, subject: str = "", reason: str = "") -> Act:
    return at, {
        "actor": actor,
        "action": action,
        "subject": subject,
        "reason": reason,
        "details": {},
    }
