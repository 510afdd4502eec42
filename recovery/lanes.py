"""The queue of staff: what waits, in which lane, how urgent, and what a row of it says."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self
from uuid import UUID

from django.db import models
from django.db.models import Case, Count, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.errors import AddressRefused
from accounts.models import Contact, User
from accounts.normalise import address, identifier_key
from accounts.queries import uses_second_step
from recovery import policy
from recovery.enums import LIVE_STATES, Outcome, Reason, TicketState
from recovery.models import Evidence, Proof, RecoveryTicket, Vote

Tickets = QuerySet[RecoveryTicket]
Ranked = QuerySet[Any]  # tickets with ``lane_rank`` and ``due``, which the stubs would lose


class Lane(models.TextChoices):
    """By urgency: the first is dealt first."""

    TAKEOVER = "takeover", _("Takeover")
    PROTECTED = "protected", _("Protected")
    APPEAL = "appeal", _("Appeal")
    EVIDENCE = "evidence", _("Evidence")
    CAMPAIGN = "campaign", _("Campaign")


LANES = tuple(Lane)


class Flag(models.TextChoices):
    """What stands out about a case."""

    SHARED = "shared", _("shared contact")
    PROTECTED = "protected", _("protected")
    DISPUTED = "disputed", _("disputed")
    APPEAL = "appeal", _("appeal")
    NEW_CONTACTS = "new_contacts", _("new contacts")
    ALIKE = "alike", _("alike")
    PASSED_ON = "passed_on", _("passed to security")
    FROZEN = "frozen", _("stopped before")


def waiting() -> Tickets:
    """Give the cases that wait for a decision: not folded into another, not agreed on yet."""
    return RecoveryTicket.objects.filter(
        state=TicketState.IN_REVIEW, folded_into=None, effect_at=None
    )


def by_urgency(tickets: Tickets) -> Ranked:
    """Order by lane, then by when the first decision is due; adds ``lane_rank`` and ``due``."""
    return _ranked(tickets).order_by("lane_rank", "due", "pk")


def lane_of(ticket: Any) -> Lane:
    """Give the lane of a ticket of ``by_urgency``."""
    lane: Lane = LANES[ticket.lane_rank]
    return lane


def found(tickets: Tickets, typed: str) -> Tickets:
    """Give those with exactly this reference, theirs or of one folded into them, or address."""
    plain = "".join(letter for letter in typed.upper() if letter.isalnum())
    folded = _folded().filter(reference=plain).values("folded_into")
    meant = Q(reference=plain) | Q(pk__in=folded) | Q(identifier_key=identifier_key(typed))
    try:
        return tickets.filter(meant | Q(contact_match_key=address(typed).match_key))
    except AddressRefused:
        return tickets.filter(meant)


def with_somebody(now: datetime) -> Q:
    """Give the condition that a member of staff has the ticket at this moment."""
    return Q(claimed_by__isnull=False, claimed_until__gt=now)


def is_with(ticket: RecoveryTicket, staff: User, now: datetime) -> bool:
    """Tell whether this person has the ticket at this moment."""
    return (
        ticket.claimed_by_id == staff.pk
        and ticket.claimed_until is not None
        and ticket.claimed_until > now
    )


def flagged(tickets: Tickets, flag: Flag, now: datetime) -> Tickets:
    """Give those with one flag."""
    return tickets.filter(_flags(now)[flag])


def begun_by_others(tickets: Tickets, staff: User) -> Tickets:
    """Give those on which somebody else has decided, and this person has not."""
    votes = Vote.objects.filter(ticket=OuterRef("pk"))
    return tickets.filter(Exists(votes.filter(voided_at=None).exclude(decider=staff))).exclude(
        Exists(votes.filter(decider=staff))
    )


@dataclass(frozen=True)
class LaneCount:
    """How many cases of a lane wait, and how many of them are late."""

    lane: Lane
    waiting: int = 0
    late: int = 0


def counts(now: datetime) -> list[LaneCount]:
    """Count every lane; one statement."""
    late = Count("pk", filter=Q(due__lte=now))
    rows = _ranked(waiting()).order_by().values("lane_rank").annotate(Count("pk"), late=late)
    found = {row["lane_rank"]: (row["pk__count"], row["late"]) for row in rows}
    return [LaneCount(lane, *found.get(rank, (0, 0))) for rank, lane in enumerate(LANES)]


@dataclass(frozen=True)
class Place:
    """Where in the order a page begins or ends."""

    rank: int
    due: datetime
    pk: UUID

    def __str__(self) -> str:
        return f"{self.rank}~{self.due.isoformat()}~{self.pk}"

    @classmethod
    def read(cls, text: str) -> Self | None:
        """Give what ``str`` gave; None for anything else."""
        try:
            rank, due, pk = text.split("~")
            at = datetime.fromisoformat(due.replace(" ", "+"))
            # In one zone, so that the first and last days there are stay days of a database.
            place = cls(int(rank), at.astimezone(UTC), UUID(pk))
        except (ValueError, OverflowError):
            return None
        is_possible = 0 <= place.rank < len(LANES) and timezone.is_aware(at)
        return place if is_possible else None

    @classmethod
    def of(cls, ticket: Any) -> Self:
        """Give the place of a ticket of ``by_urgency``."""
        return cls(ticket.lane_rank, ticket.due, ticket.pk)


@dataclass(frozen=True)
class Page:
    """One page of the queue; before, after: where the neighbouring pages begin, or None."""

    tickets: list[RecoveryTicket]
    before: Place | None = None
    after: Place | None = None


def page(tickets: Tickets, *, after: Place | None = None, before: Place | None = None) -> Page:
    """Give policy.QUEUE_PAGE tickets that follow, or that come before, a place in the order."""
    ordered = by_urgency(tickets)
    if before and not after:
        ordered = ordered.filter(_beyond(before, "lt")).order_by("-lane_rank", "-due", "-pk")
    elif after:
        ordered = ordered.filter(_beyond(after, "gt"))
    rows = list(ordered[: policy.QUEUE_PAGE + 1])
    has_more, rows = len(rows) > policy.QUEUE_PAGE, rows[: policy.QUEUE_PAGE]
    if before and not after:
        rows.reverse()
        has_before, has_after = has_more, True
    else:
        has_before, has_after = after is not None, has_more
    return Page(
        rows,
        before=Place.of(rows[0]) if rows and has_before else None,
        after=Place.of(rows[-1]) if rows and has_after else None,
    )


def with_columns(tickets: Tickets, now: datetime) -> Tickets:
    """Add what a row of the queue says besides the ticket itself, in the same statement."""
    own = OuterRef("pk")
    newest = Evidence.objects.filter(ticket=own, graded_at__isnull=False).order_by("-submitted_at")
    rivals = RecoveryTicket.objects.filter(
        user=OuterRef("user"), state__in=LIVE_STATES, code_accepted_at__isnull=False
    )
    columns: dict[str, Any] = {
        "held_proofs": _count(Proof.objects.filter(ticket=own, is_strong=True), "proof_class"),
        "decisions": _count(Vote.objects.filter(ticket=own, voided_at=None)),
        "claims": _count(rivals),
        "alike_count": _count(_alike(now)) + _count(_folded().filter(folded_into=own)),
        "two_step": Case(When(uses_second_step(OuterRef("user")), then=True), default=False),
        **{
            f"evidence_{name}": models.Subquery(newest.values(name)[:1])
            for name in ("score", "bar", "is_above_bar", "is_thin")
        },
        **{
            f"flag_{flag}": Case(When(condition, then=True), default=False)
            for flag, condition in _flags(now).items()
        },
    }
    return tickets.select_related("user", "claimed_by").annotate(**columns)


def protected_requests() -> Tickets:
    """Give what only superusers decide, until it is carried out; the most urgent first."""
    return RecoveryTicket.objects.filter(
        state=TicketState.IN_REVIEW, outcome=Outcome.SUPERUSERS
    ).order_by(F("carry_out_until").asc(nulls_last=True), "first_due_at", "pk")


def _ranked(tickets: Tickets) -> Ranked:
    takes = {
        Lane.TAKEOVER: Q(reason=Reason.TAKEOVER) | Q(contested_at__isnull=False),
        Lane.PROTECTED: Q(outcome=Outcome.SUPERUSERS),
        Lane.APPEAL: Q(appeal_of__isnull=False),
        Lane.CAMPAIGN: Q(Exists(_folded().filter(folded_into=OuterRef("pk")))),
    }
    rank = Case(
        *(When(condition, then=Value(LANES.index(lane))) for lane, condition in takes.items()),
        default=Value(LANES.index(Lane.EVIDENCE)),
        output_field=models.SmallIntegerField(),
    )
    # What is contested comes from other states and may have had no time of its own.
    return tickets.annotate(lane_rank=rank, due=Coalesce("first_due_at", "moved_at"))


def _beyond(place: Place, side: str) -> Q:
    """Give the condition of lying on one side ("lt" or "gt") of a place in the order."""
    return (
        Q(**{f"lane_rank__{side}": place.rank})
        | Q(**{"lane_rank": place.rank, f"due__{side}": place.due})
        | Q(**{"lane_rank": place.rank, "due": place.due, f"pk__{side}": place.pk})
    )


def _folded() -> Tickets:
    return RecoveryTicket.objects.filter(
        state=TicketState.IN_REVIEW, folded_into__isnull=False
    ).order_by()


def _alike(now: datetime) -> Tickets:
    """Give the other cases of the last day from a ticket's network or contact."""
    return (
        waiting()
        .filter(
            Q(network=OuterRef("network"), network__gt="")
            | Q(contact_limit_key=OuterRef("contact_limit_key")),
            opened_at__gt=now - policy.ALIKE_WITHIN,
        )
        .exclude(pk=OuterRef("pk"))
    )


def _flags(now: datetime) -> dict[Flag, Q]:
    owner = OuterRef("user")
    elsewhere = Contact.objects.on_file().filter(limit_key=OuterRef("limit_key"))
    shared = (
        Contact.objects.on_file()
        .filter(user=owner)
        .filter(Exists(elsewhere.exclude(user=OuterRef("user"))))
    )
    of_others = Contact.objects.on_file().filter(limit_key=OuterRef("contact_limit_key"))
    young = Contact.objects.filter(user=owner, added_at__gt=now - policy.YOUNG)
    return {
        Flag.SHARED: Q(Exists(shared)) | Q(Exists(of_others.exclude(user=owner))),
        Flag.PROTECTED: Q(user__is_protected=True)
        | Q(user__is_staff=True)
        | Q(user__is_superuser=True),
        Flag.DISPUTED: Q(contested_at__isnull=False),
        Flag.APPEAL: Q(appeal_of__isnull=False),
        Flag.NEW_CONTACTS: Q(Exists(young)),
        Flag.ALIKE: Q(Exists(_alike(now)))
        | Q(Exists(_folded().filter(folded_into=OuterRef("pk")))),
        Flag.PASSED_ON: Q(is_passed_on=True),
        Flag.FROZEN: Q(is_frozen=True),
    }


def _count(rows: QuerySet[Any], distinct: str = "") -> Coalesce:
    """Count rows of another table for each ticket of a query."""
    number = Count(distinct or "pk", distinct=bool(distinct))
    counted = rows.order_by().annotate(one=Value(1)).values("one").annotate(number=number)
    return Coalesce(models.Subquery(counted.values("number")), 0)
