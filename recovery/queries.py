"""Where tickets stand: for their claimants, for owners, and for the worker."""

from datetime import datetime, timedelta

from django.db.models import BooleanField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.client import Client
from accounts.hooks import Banner
from accounts.models import TrustedBrowser, User
from activity.enums import EventKind
from activity.models import SecurityEvent
from recovery import facts, policy
from recovery.enums import (
    LIVE_STATES,
    PEOPLE_DECIDE,
    PROOF_STATES,
    CancelCause,
    ProofClass,
    TicketState,
    Verdict,
)
from recovery.models import Evidence, Proof, RecoveryTicket, Vote

# Ended by somebody else than the claimant, who is not told that anybody did.
SILENT_CAUSES = (CancelCause.OBJECTION, CancelCause.SESSION, CancelCause.RIVAL)
# What somebody else did, or the decision itself; what its claimant ended was not refused.
REFUSED_BY = ("", *SILENT_CAUSES)
UNPROVED_STATES = (TicketState.AWAITING_CODE, TicketState.AWAITING_PROOF)


def sends_counted_by(ticket: RecoveryTicket, client: Client) -> tuple[str, ...]:
    """Give what the codes of a ticket are counted under, besides those that open one.

    Whoever typed its code owns the address. Until then anybody may have opened the ticket, and on
    another network they leave the owner of the address hers.
    """
    if ticket.code_accepted_at:
        return (ticket.contact_limit_key,)
    return (ticket.contact_limit_key, client.network)


def end_of_hold(start: datetime, length: timedelta) -> datetime:
    """Give the end of a wait: by day in the site's zone, later rather than earlier."""
    end = timezone.localtime(start + length, timezone.get_default_timezone())
    if policy.HOLD_ENDS_FROM_HOUR <= end.hour < policy.HOLD_ENDS_UNTIL_HOUR:
        return end
    if end.hour >= policy.HOLD_ENDS_UNTIL_HOUR:
        end += timedelta(days=1)
    return end.replace(hour=policy.HOLD_ENDS_FROM_HOUR, minute=0, second=0, microsecond=0)


def shown_state(ticket: RecoveryTicket, now: datetime) -> str:
    """Give the state that the claimant may see (design.md section 2, the five faces).

    A ticket that somebody stopped before anything was accepted looks as one that was never
    touched, because nobody has earned to know that an owner exists. A stopped ticket that was
    accepted looks *evaluating* until its answer time, then ended. What has run out looks so at
    once, and not when the sweep comes by, or the moment would tell the two apart.
    """
    if _was_refused(ticket, now) or _was_stopped(ticket):
        if ticket.cancelled_from in UNPROVED_STATES:
            return TicketState.EXPIRED if ticket.expires_at <= now else ticket.cancelled_from
        waits = ticket.answer_at and ticket.answer_at > now
        return TicketState.EVALUATING if waits else TicketState.CANCELLED
    if ticket.state == TicketState.IN_REVIEW or _stands_still(ticket):
        return TicketState.EVALUATING
    if ticket.state in UNPROVED_STATES and ticket.expires_at <= now:
        return TicketState.EXPIRED
    # A refusal that its claimant ended first is ended as any other.
    return TicketState.CANCELLED if ticket.state == TicketState.DENIED else ticket.state


def takes_proofs(ticket: RecoveryTicket, now: datetime) -> bool:
    """Tell whether its claimant may show something more, by what they may know of it.

    Beside what the states say: a ticket whose questions were answered, while it is looked at.
    """
    shown = shown_state(ticket, now)
    if shown == TicketState.EVALUATING:
        return ticket.evidence.exists()
    return shown in PROOF_STATES


def has_answer(ticket: RecoveryTicket) -> bool:
    """Tell whether there is something to tell the claimant: a refusal, a stop, or what is missing.

    Not of what they have withdrawn themselves.
    """
    if ticket.state == TicketState.AWAITING_PROOF:
        return ticket.verdict == Verdict.MORE
    if ticket.state == TicketState.CANCELLED:
        return _was_stopped(ticket) and ticket.cancelled_from not in UNPROVED_STATES
    was_refused = ticket.state in (TicketState.DENIED, TicketState.EXPIRED)
    return was_refused and ticket.cancel_cause != CancelCause.WITHDRAWN


def appeal_until(ticket: RecoveryTicket, now: datetime) -> datetime | None:
    """Give until when a person can be asked; None: not, or not any more.

    The same for everybody, accounts that do not exist too: a function of the ticket's own times.
    """
    is_over = shown_state(ticket, now) == TicketState.CANCELLED
    if not is_over or ticket.cancel_cause not in REFUSED_BY or not ticket.contact:
        return None
    told_at = max(filter(None, [ticket.answer_at, ticket.effect_at]), default=ticket.moved_at)
    until = told_at + policy.APPEAL_LIVES
    if until <= now or RecoveryTicket.objects.filter(appeal_of=ticket.pk).exists():
        return None
    return until


def _stands_still(ticket: RecoveryTicket) -> bool:
    """Tell of a decision that was contested and that staff have not been given yet."""
    decided = (TicketState.ON_HOLD, TicketState.APPROVED)
    return ticket.contested_at is not None and ticket.state in decided


def _was_refused(ticket: RecoveryTicket, now: datetime) -> bool:
    """Tell of a refusal, from its moment on, that its claimant did not end before.

    One whose worker is late looks as one that was stopped, which needs no worker.
    """
    if ticket.cancel_cause == CancelCause.WITHDRAWN:
        return False
    is_due = bool(ticket.effect_at and ticket.effect_at <= now)
    is_decided = ticket.state in PEOPLE_DECIDE and ticket.verdict == Verdict.DENY and is_due
    return is_decided or ticket.state == TicketState.DENIED


def _was_stopped(ticket: RecoveryTicket) -> bool:
    return ticket.state == TicketState.CANCELLED and ticket.cancel_cause in SILENT_CAUSES


def claims_of(user: User) -> QuerySet[RecoveryTicket]:
    """Give the live tickets of an account whose code was typed, newest first.

    Those that are contested already come last, or they would hide the others from the owner.
    """
    claims = RecoveryTicket.objects.live().filter(user=user, code_accepted_at__isnull=False)
    return claims.order_by(F("contested_at").asc(nulls_first=True), "-opened_at")


def is_disputed(user: User) -> bool:
    """Tell whether a claim is with staff, waits or is contested (settings.ACCOUNT_DISPUTES)."""
    standing = Q(state__in=[TicketState.IN_REVIEW, TicketState.ON_HOLD])
    live = RecoveryTicket.objects.live().filter(user=user)
    return live.filter(standing | Q(contested_at__isnull=False)).exists()


def rivals_to_settle(reason: str) -> QuerySet[RecoveryTicket]:
    """Give the live tickets that lost to a completed one and are not yet where they belong.

    ``has_proof`` tells whether they compete, by a strong proof or by evidence above the bar: then
    they belong to staff, and what those agreed on before is void. Answers are graded first.
    """
    evidence = Evidence.objects.filter(ticket=OuterRef("pk"))
    strong = Proof.objects.filter(ticket=OuterRef("pk"), is_strong=True)
    votes = Vote.objects.filter(ticket=OuterRef("pk"), voided_at__isnull=True)
    competes = Exists(strong) | Exists(evidence.filter(is_above_bar=True))
    lost = RecoveryTicket.objects.live().filter(contested_reason=reason)
    decided = Q(state__in=[TicketState.ON_HOLD, TicketState.APPROVED]) | Q(Exists(votes))
    return (
        lost.annotate(has_proof=ExpressionWrapper(competes, output_field=BooleanField()))
        .exclude(Exists(evidence.filter(graded_at__isnull=True)))
        .filter(Q(has_proof=False) | decided)
    )


def sessions_ended(ticket: RecoveryTicket) -> int:
    """Give how many browsers a completed ticket signed out."""
    ended = SecurityEvent.objects.filter(user=ticket.user_id, kind=EventKind.SESSIONS_ENDED)
    event = ended.filter(at__gte=ticket.completed_at, details__reference=ticket.reference).first()
    return int(event.details.get("count", 0)) if event else 0


def trusts_ended(ticket: RecoveryTicket) -> int:
    """Give how many browsers need the second step again since a ticket was completed."""
    if ticket.epoch is None:
        return 0
    return TrustedBrowser.objects.filter(
        user=ticket.user_id, epoch=ticket.epoch, expires_at__gt=ticket.completed_at
    ).count()


def requests_of(match_key: str, since: datetime) -> QuerySet[RecoveryTicket]:
    """Give the tickets that were opened with this contact, newest first."""
    return RecoveryTicket.objects.filter(
        Q(state__in=LIVE_STATES) | Q(opened_at__gt=since), contact_match_key=match_key
    ).order_by("-opened_at")[: policy.REQUESTS_LISTED]


def accepted_classes(ticket: RecoveryTicket, browser_hash: str, now: datetime) -> list[str]:
    """Give the words for what this browser has shown so far."""
    return [
        str(ProofClass(proof.proof_class).label)
        for proof in facts.held_proofs(ticket, browser_hash, now)
    ]


def banners_for(user: User) -> list[Banner]:
    """Tell a signed-in owner of running recoveries (settings.ACCOUNT_BANNERS)."""
    ticket = claims_of(user).first()
    if ticket is None:
        return []
    return [
        Banner(
            title=_("Someone is trying to get into this account"),
            text=_("Asked for on %(when)s. If it was not you, you can stop it.")
            % {"when": date_format(timezone.localtime(ticket.opened_at), "j F, H:i")},
            action_url=reverse("recovery:object"),
            action_label=_("See the request"),
            style="problem",
        )
    ]
