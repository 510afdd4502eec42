"""What staff decide: independent votes, an agreement, and its effect at the answer time."""

import json
import logging
from datetime import datetime, timedelta
from itertools import chain
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.client import Client
from accounts.models import User
from activity.enums import EventKind
from activity.services import audit
from activity.services.events import record_event
from recovery import agreement, eligibility, suggestions
from recovery.enums import ContestedReason, StaffReason, TicketState, Verdict
from recovery.errors import ClaimLost, MayNotDecide, StaleTicket
from recovery.models import Proof, RecoveryTicket, Vote
from recovery.services import choices, decisions, reviews, voiding
from recovery.services.choices import Choice
from vault import digests

__all__ = ["Choice", "cast", "decide", "seal_of"]

logger = logging.getLogger(__name__)
SYSTEM = Client()
NOT_COUNTED = "not_counted"
AFTER_EFFECT = timedelta(days=1)  # a ticket must not run out between agreement and effect


def decide(ticket: RecoveryTicket, staff: User, choice: Choice, *, client: Client) -> Vote:
    """Write one vote; where enough people agree the ticket takes its verdict.

    Raises ClaimLost, MayNotDecide, VerdictRefused and StaleTicket, and then no vote is written.
    Where the account has changed since the ticket was put before people, that comes out here:
    earlier votes are void and StaleTicket is raised, so that the case is looked at again.
    """
    with transaction.atomic():
        vote = cast(ticket, staff, choice, client=client)
    if vote is None:
        raise StaleTicket(ticket.pk)
    return vote


def cast(ticket: RecoveryTicket, staff: User, choice: Choice, *, client: Client) -> Vote | None:
    """Do what ``decide`` does inside the caller's transaction, which must be committed.

    None instead of StaleTicket where the account has changed: the old votes are void with it.
    """
    account, case, folded = _lock(ticket)
    staff = User.objects.get(pk=staff.pk)  # as they are now: their role may be gone
    _require_open(case, staff, client)
    if account is not None and account.epoch != case.epoch:
        _start_again(case, account)
        return None
    vote = _write(case, account, staff, choice)
    _follow(case, folded, vote, staff)
    return vote


def _lock(ticket: RecoveryTicket) -> tuple[User | None, RecoveryTicket, list[RecoveryTicket]]:
    """Lock the account, then the ticket with all that is folded into it, and read them anew."""
    accounts = User.objects.select_for_update(no_key=True)
    account = accounts.filter(pk=ticket.user_id).first() if ticket.user_id else None
    members = Q(pk=ticket.pk) | Q(folded_into=ticket.pk)
    rows = list(RecoveryTicket.objects.locked().filter(members).order_by("pk"))
    case = next((row for row in rows if row.pk == ticket.pk), None)
    if case is None:
        raise StaleTicket(ticket.pk)
    waiting = [row for row in rows if row != case and _is_waiting(row)]
    return account, case, waiting


def _is_waiting(ticket: RecoveryTicket) -> bool:
    return ticket.state == TicketState.IN_REVIEW and ticket.effect_at is None


def _require_open(case: RecoveryTicket, staff: User, client: Client) -> None:
    """Raise where the ticket waits for nobody's decision, or not for this one's."""
    is_over = case.expires_at <= timezone.now()
    if not _is_waiting(case) or case.folded_into_id or is_over:
        raise StaleTicket(case.pk)
    found = eligibility.bars(staff, case, client=client)
    if found:
        raise MayNotDecide([bar.value for bar in found])
    # A claim that lapsed still stands while nobody else took the ticket.
    if case.claimed_by_id != staff.pk:
        raise ClaimLost(case.pk)


def _start_again(case: RecoveryTicket, account: User) -> None:
    """Void what was decided on an account that is not as it was, and have two people decide."""
    decisions.contest(case, ContestedReason.EPOCH_CHANGED)
    voiding.void_all(case, voiding.EPOCH)
    record_event(account, EventKind.TICKET_CONTESTED, client=SYSTEM, reference=case.reference)
    logger.info("votes_voided", extra={"ticket": str(case.pk)})


def _write(case: RecoveryTicket, account: User | None, staff: User, choice: Choice) -> Vote:
    suggested = suggestions.suggest(case)
    choices.require_possible(case, account, choice, suggested)
    is_approval = choice.verdict == Verdict.APPROVE
    hold = choice.hold if choice.hold is not None else suggested.hold
    now = timezone.now()
    is_passed_on = choice.verdict == Verdict.PASS_ON
    return Vote.objects.create(
        ticket=case,
        decider=staff,
        verdict=choice.verdict,
        reasons=[reason.value for reason in dict.fromkeys(choice.reasons)],
        hold=hold if is_approval else None,
        suspended_contacts=sorted(set(choice.suspend_contacts)) if is_approval else [],
        suspended_authenticators=sorted(set(choice.suspend_authenticators)) if is_approval else [],
        note=choice.note.strip() or None,
        is_against_suggestion=choices.is_against(suggested, choice),
        epoch=account.epoch if account else None,
        made_at=now,
        voided_at=now if is_passed_on else None,
        void_reason=eligibility.PASSED_ON if is_passed_on else "",
    )


def _follow(case: RecoveryTicket, folded: list[RecoveryTicket], vote: Vote, staff: User) -> None:
    """Do what follows from one more vote, end the claim, and write it into the chain."""
    now = vote.made_at
    reviews.end_claim(case, staff, now)
    agreed: list[Vote] = []
    if vote.verdict == Verdict.PASS_ON:
        RecoveryTicket.objects.filter(pk=case.pk).update(is_passed_on=True)
    else:
        agreed = _agreeing(case, folded, vote)
    if agreed:
        _take_verdict(case, folded, agreed, now)
    _tell(case, folded, vote, agreed)


def _tell(
    case: RecoveryTicket, folded: list[RecoveryTicket], vote: Vote, agreed: list[Vote]
) -> None:
    """Write a vote into the chain: what it says only once it keeps nobody from deciding alone.

    Who may read the chain may have to decide next. Until people agree the entry holds a keyed
    digest of the vote; the entry of the agreement tells every vote that stands.
    """
    is_open = bool(agreed) or vote.verdict == Verdict.PASS_ON
    # Where more is asked the others' votes are void soon, and people decide on their own again.
    is_final = agreed and vote.verdict != Verdict.MORE
    standing = case.votes.filter(voided_at=None).order_by("pk") if is_final else agreed
    audit.append(
        actor=f"user:{vote.decider_id}",
        action="recovery:ticket:decided",
        subject=case.subject,
        reason=vote.verdict if is_open else "",
        details={
            "vote": vote.pk,
            "seal": seal_of(vote),
            "agreed": [one.pk for one in agreed],
            "votes": [_in_full(one) for one in standing],
            "folded": [one.reference for one in folded],
        },
    )


def seal_of(vote: Vote) -> str:
    """Give what the chain holds of a vote while nobody else may read it."""
    written = json.dumps(_in_full(vote), sort_keys=True)
    return digests.keyed(written, purpose="recovery.vote", subject=str(vote.pk))


def _in_full(vote: Vote) -> dict[str, Any]:
    """Give a vote in codes and numbers, without its note."""
    return {
        "vote": vote.pk,
        "decider": str(vote.decider_id),
        "verdict": str(vote.verdict),
        "reasons": vote.reasons,
        "hold_hours": int(vote.hold.total_seconds() // 3600) if vote.hold else 0,
        "contacts": vote.suspended_contacts,
        "authenticators": vote.suspended_authenticators,
        "is_against_suggestion": vote.is_against_suggestion,
    }


def _agreeing(case: RecoveryTicket, folded: list[RecoveryTicket], vote: Vote) -> list[Vote]:
    """Give the votes that are an agreement with this one; none while it takes more people."""
    same = list(case.votes.filter(voided_at=None, verdict=vote.verdict, epoch=vote.epoch))
    if vote.verdict == Verdict.MORE:
        return [vote]  # it gives nothing away but a mail
    counted, is_enough = _count(case, folded, same)
    return counted if is_enough else []


def still_agree(case: RecoveryTicket, votes: list[Vote]) -> bool:
    """Tell whether those whose votes led to a verdict still are who may give it.

    Somebody may have left, or been found out, since. Votes that do not count any more are void
    where too few are left. Inside the transaction that holds the account's lock.
    """
    counted, is_enough = _count(case, [], votes)
    if not is_enough:
        others = case.votes.filter(pk__in=[one.pk for one in votes])
        others.exclude(pk__in=[one.pk for one in counted]).update(
            voided_at=timezone.now(), void_reason=NOT_COUNTED
        )
    return is_enough


def _count(
    case: RecoveryTicket, folded: list[RecoveryTicket], votes: list[Vote]
) -> tuple[list[Vote], bool]:
    """Give those of votes for one verdict that count now, and whether they are enough."""
    voters = eligibility.whose_votes_count(
        [one.decider_id for one in votes if one.decider_id], case
    )
    people = {voter.pk for voter in voters}
    is_enough = bool(votes) and agreement.is_reached(
        Verdict(votes[0].verdict),
        people,
        needed=agreement.people_needed([case, *folded]),
        approvers={one.pk for one in voters if eligibility.has_right(one, eligibility.APPROVE)},
        checkers=list(case.checks.values_list("checked_by", flat=True)),
        needs_check=case.needs_check,
    )
    return [one for one in votes if one.decider_id in people], is_enough


def _take_verdict(
    case: RecoveryTicket, folded: list[RecoveryTicket], agreed: list[Vote], now: datetime
) -> None:
    """Let the ticket take what people agreed on; its state moves at the answer time."""
    verdict = Verdict(agreed[-1].verdict)
    told = list(dict.fromkeys(chain.from_iterable(one.reasons for one in agreed)))
    fields: dict[str, Any] = {"verdict": verdict, "told_reasons": told, "decided_at": now}
    holds = [one.hold for one in agreed if one.hold is not None]
    if verdict != Verdict.MORE:
        # Of somebody who has lost the right since: what else they chose must not count either.
        others = case.votes.filter(voided_at=None, verdict=verdict)
        others.exclude(pk__in=[one.pk for one in agreed]).update(
            voided_at=now, void_reason=NOT_COUNTED
        )
    _settle(case, fields | ({"hold_length": max(holds)} if holds else {}), now)
    refused = _refused_with(folded, agreed)
    for other in folded:
        if other.pk in refused:
            _settle(other, fields, now)
        else:
            voiding.part(RecoveryTicket.objects.filter(pk=other.pk))
    logger.info("ticket_agreed", extra={"ticket": str(case.pk), "verdict": verdict.value})


def _refused_with(folded: list[RecoveryTicket], agreed: list[Vote]) -> set[UUID]:
    """Give what is refused with its case; the others wait for decisions of their own.

    Nobody decides what they have not seen, nor refuses a stranger for the case's own weakness:
    only what was there at the first of these votes, has shown no proof since, and only where each
    of them says that it is a campaign.
    """
    is_campaign = all(
        one.verdict == Verdict.DENY and StaffReason.CAMPAIGN in one.reasons for one in agreed
    )
    if not is_campaign:
        return set()
    proved = Proof.objects.filter(ticket__in=[one.pk for one in folded], is_strong=True)
    has_shown = set(proved.values_list("ticket", flat=True))
    seen_at = min(one.made_at for one in agreed)
    return {
        one.pk
        for one in folded
        if one.in_review_at and one.in_review_at <= seen_at and one.pk not in has_shown
    }


def _settle(ticket: RecoveryTicket, fields: dict[str, Any], now: datetime) -> None:
    effect_at = max(now, ticket.answer_at or now)
    fields |= {
        "effect_at": effect_at,
        "expires_at": max(ticket.expires_at, effect_at + AFTER_EFFECT),
        "claimed_by": None,
        "claimed_until": None,
    }
    waiting = RecoveryTicket.objects.filter(
        pk=ticket.pk, state=TicketState.IN_REVIEW, effect_at=None
    )
    if not waiting.update(**fields):
        raise StaleTicket(ticket.pk)
