"""Somebody who may says that a request is not theirs (design.md section 2, Notices)."""

import logging
from contextlib import suppress
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts.client import Client
from accounts.models import Contact, Passkey, User
from accounts.services import restrictions
from activity.enums import EventKind
from activity.services import audit, incidents
from activity.services.events import record_event
from recovery import facts, history, policy, promises, queries
from recovery.enums import (
    ENDED_STATES,
    LIVE_STATES,
    CancelCause,
    ContestedReason,
    LinkOutcome,
    LinkRight,
    NoticeKind,
    TicketState,
)
from recovery.errors import DeadLink, StaleTicket
from recovery.models import ClaimFreeze, NoticeLink, Objection, RecoveryTicket
from recovery.services import decisions, notices, transitions
from vault import digests

logger = logging.getLogger(__name__)
UNDONE = "recovery_undone"


def find_link(token: str) -> NoticeLink:
    """Give the link of a token while it may still do something; raises DeadLink.

    Guessed, late and of an ended request are one answer; so is that of a contact that was
    suspended, or removed long enough ago to have lost its say.
    """
    now = timezone.now()
    link = (
        NoticeLink.objects.select_related("ticket", "ticket__user", "contact")
        .filter(token_hash=digests.token_hash(token), contact__in=Contact.objects.may_object(now))
        .first()
    )
    if link is None or not _is_alive(link, now):
        raise DeadLink
    return link


def stop(link: NoticeLink, *, client: Client) -> LinkOutcome:
    """Do what the link is for: stop the request, tell staff, or pause a recovered account.

    Pressed twice it has acted once. Raises DeadLink.
    """
    try:
        with transaction.atomic():
            user, ticket = _lock(link)
            if has_acted(link):
                return LinkOutcome(link.outcome)
            if link.right == LinkRight.UNDO:
                outcome = _pause(user, ticket, client)
            else:
                is_senior = _is_senior(link.contact, ticket, user)
                cancels = is_senior and not was_one_lately(user, timezone.now())
                outcome = hear(
                    user, ticket, link.contact, is_senior=is_senior, cancels=cancels, client=client
                )
            _use(link, outcome)
    except StaleTicket as error:
        raise DeadLink from error
    return outcome


def say_mine(link: NoticeLink, *, client: Client) -> LinkOutcome:
    """Leave the request running; within ten minutes of pressing stop, take that back.

    Raises DeadLink.
    """
    with transaction.atomic():
        user, ticket = _lock(link)
        outcome = LinkOutcome.LEFT_RUNNING
        if link.outcome == LinkOutcome.STOPPED and ticket.state == TicketState.CANCELLED:
            _take_back(ticket, link.contact)
            outcome = LinkOutcome.TAKEN_BACK
        elif link.outcome == LinkOutcome.PAUSED and user.frozen_cause == UNDONE:
            if user.frozen_at and incidents.holds_pause(user, user.frozen_at):
                raise DeadLink  # somebody else has reported meanwhile
            restrictions.unfreeze(user, "taken_back", client)
            outcome = LinkOutcome.TAKEN_BACK
        _use(link, outcome)
    return outcome


def object_in_session(ticket: RecoveryTicket, user: User, *, client: Client) -> LinkOutcome:
    """Object from a signed-in browser, as far as it outranks the ticket; raises DeadLink."""
    with transaction.atomic():
        user = User.objects.select_for_update(no_key=True).get(pk=user.pk)
        locked = RecoveryTicket.objects.locked().filter(pk=ticket.pk, user=user).first()
        if locked is None:
            raise DeadLink
        is_senior = facts.is_old_session(user, locked, client, timezone.now())
        cancels = is_senior and not was_one_lately(user, timezone.now())
        return hear(user, locked, None, is_senior=is_senior, cancels=cancels, client=client)


def object_by_passkey(user: User, passkey: Passkey, *, client: Client) -> None:
    """Stop what is claimed, because somebody signed in with a passkey that is old enough.

    One sign-in is one objection, however many claims there are: the first in 30 days cancels them,
    later ones hand them to people. Inside the sign-in's transaction, which locked the account.
    """
    now = timezone.now()
    if passkey.made_at is None or passkey.made_at > now - policy.OLD_SESSION:
        return
    claims = queries.claims_of(user).filter(contested_at__isnull=True)
    running = list(claims.select_for_update(of=("self",), no_key=True))
    cancels = bool(running) and not was_one_lately(user, now)
    for ticket in running:
        # Its claimant may have moved it meanwhile: a sign-in does not fail for that.
        with suppress(StaleTicket, DeadLink), transaction.atomic():
            hear(user, ticket, None, is_senior=True, cancels=cancels, client=client)


def has_acted(link: NoticeLink) -> bool:
    """Tell whether pressing again would do nothing more: staff know, or it can be taken back."""
    is_told = link.outcome == LinkOutcome.TOLD_STAFF and link.right == LinkRight.STOP
    return is_told or take_back_until(link) is not None


def take_back_until(link: NoticeLink) -> datetime | None:
    """Give until when a press can be taken back, or None."""
    if link.used_at is None or link.outcome not in (LinkOutcome.STOPPED, LinkOutcome.PAUSED):
        return None
    until = link.used_at + policy.TAKE_BACK
    return until if until > timezone.now() else None


def hear(
    user: User,
    ticket: RecoveryTicket,
    contact: Contact | None,
    *,
    is_senior: bool,
    cancels: bool,
    client: Client,
) -> LinkOutcome:
    """Cancel the ticket, or have people decide. cancels: senior, and the first in 30 days.

    Each side is heard once on a ticket: whoever says the same again voids no vote and no wait.
    """
    if ticket.state in ENDED_STATES:
        raise DeadLink
    was_with_people = ticket.contested_at or ticket.people  # else nobody has said anything yet
    if not cancels and was_with_people and _was_heard(ticket, contact, is_senior=is_senior):
        return LinkOutcome.TOLD_STAFF
    now = timezone.now()
    if cancels:
        cause = CancelCause.OBJECTION if contact else CancelCause.SESSION
        answer_at = ticket.answer_at or promises.answer_time(now)
        transitions.move(
            ticket, TicketState.CANCELLED, now=now, cancel_cause=cause, answer_at=answer_at
        )
        _freeze_pairs(user, ticket, now)
        if ticket.cancelled_from not in queries.UNPROVED_STATES:
            # Who has proved nothing must not hear that somebody could stop it.
            notices.plan_answer(ticket, due_at=answer_at)
    else:
        decisions.contest(ticket, ContestedReason.OBJECTION)
    Objection.objects.create(
        ticket=ticket,
        user=user,
        contact=contact,
        is_senior=is_senior,
        cancelled_the_ticket=cancels,
        made_at=now,
    )
    kind = EventKind.TICKET_OBJECTED if cancels else EventKind.TICKET_CONTESTED
    record_event(user, kind, client=client, reference=ticket.reference)
    logger.info("ticket_objected", extra={"ticket": str(ticket.pk), "cancels": cancels})
    return LinkOutcome.STOPPED if cancels else LinkOutcome.TOLD_STAFF


def was_one_lately(user: User, now: datetime) -> bool:
    """Tell of an objection in the last 30 days, so that pressing stop for ever wins nothing."""
    return Objection.objects.filter(
        user=user, made_at__gt=now - policy.OBJECTIONS_COUNT_FOR, taken_back_at__isnull=True
    ).exists()


def _lock_account(ticket: RecoveryTicket) -> User:
    """Lock the account of a ticket, which every lock of a ticket comes after."""
    if ticket.user_id is None:
        raise DeadLink
    return User.objects.select_for_update(no_key=True).get(pk=ticket.user_id)


def _lock(link: NoticeLink) -> tuple[User, RecoveryTicket]:
    """Lock account and ticket, and read the link again: it may have been pressed meanwhile."""
    user = _lock_account(link.ticket)
    ticket = RecoveryTicket.objects.locked().get(pk=link.ticket_id)
    now = timezone.now()
    may_object = NoticeLink.objects.filter(contact__in=Contact.objects.may_object(now))
    try:
        link.refresh_from_db(fields=["used_at", "outcome"], from_queryset=may_object)
    except NoticeLink.DoesNotExist as error:
        raise DeadLink from error
    link.ticket = ticket
    if not _is_alive(link, now):
        raise DeadLink
    return user, ticket


def _is_alive(link: NoticeLink, now: datetime) -> bool:
    if link.expires_at and link.expires_at <= now:
        return False
    if take_back_until(link):
        return True
    if link.right == LinkRight.UNDO:
        is_over = link.outcome == LinkOutcome.PAUSED
        return link.ticket.state == TicketState.COMPLETED and not is_over
    return link.ticket.state in LIVE_STATES


def _is_senior(contact: Contact, ticket: RecoveryTicket, user: User) -> bool:
    """Tell whether the contact was verified before everything that the ticket relies on.

    Where nothing was proved yet, that is what answers would rest on: the account before its young
    changes, so that whoever came with one of them stops nothing.
    """
    if contact.verified_at is None:
        return False
    proofs = ticket.proofs.filter(since__isnull=False).values_list("since")
    # Answers rest on the account as it was at its last trusted moment.
    graded = ticket.evidence.filter(as_of__isnull=False).values_list("as_of")
    ages = [age for (age,) in proofs.order_by().union(graded.order_by()) if age]
    if ages:
        return contact.verified_at < min(ages)
    counts = contact.counts_from is not None and contact.counts_from <= ticket.opened_at
    return counts and contact.verified_at <= history.last_trusted_moment(user, ticket)


def _was_heard(ticket: RecoveryTicket, contact: Contact | None, *, is_senior: bool) -> bool:
    """Tell whether this contact has objected already; all sessions are one side.

    A session that outranks the ticket is heard beside one that does not.
    """
    same = ticket.objections.filter(contact=contact, taken_back_at__isnull=True)
    return same.exists() if contact else same.filter(is_senior__in=[True, is_senior]).exists()


def _freeze_pairs(user: User, ticket: RecoveryTicket, now: datetime) -> None:
    until = now + policy.FREEZE_LIVES
    keys = [f"contact:{ticket.contact_limit_key}"]
    if ticket.network:  # else everybody whose network is unknown would share the freeze
        keys.append(f"network:{ticket.network}")
    ClaimFreeze.objects.bulk_create(
        ClaimFreeze(user=user, ticket=ticket, key=key, until=until) for key in keys
    )


def _pause(user: User, ticket: RecoveryTicket, client: Client) -> LinkOutcome:
    """Freeze an account whose recovery an old contact reports; staff find it in the audit chain.

    Where it is frozen already nothing can be taken back: who shares an account with a thief would
    see the pause end by a second link that was pressed for that purpose alone.
    """
    is_frozen_by_this = restrictions.freeze(user, UNDONE, client)
    record_event(user, EventKind.RECOVERY_UNDONE, client=client, reference=ticket.reference)
    audit.append(actor="system", action="recovery:ticket:undone", subject=ticket.subject)
    return LinkOutcome.PAUSED if is_frozen_by_this else LinkOutcome.TOLD_STAFF


def _take_back(ticket: RecoveryTicket, contact: Contact) -> None:
    """Let a stopped ticket stand where it stood; the objection and its freezes are gone.

    What its claimant has withdrawn or replaced meanwhile stays ended. Answers that were graded
    meanwhile lead on by their grades, as all others (services.evaluation).
    """
    if ticket.cancel_cause == CancelCause.OBJECTION:
        if ticket.cancelled_at:
            notices.tell_after_all(ticket, since=ticket.cancelled_at)
        transitions.move(ticket, TicketState(ticket.cancelled_from), expires_at=ticket.expires_at)
    ticket.freezes.all().delete()
    ticket.notices.filter(kind=NoticeKind.ANSWERED, settled_at__isnull=True).delete()
    ticket.objections.filter(contact=contact, taken_back_at__isnull=True).update(
        taken_back_at=timezone.now()
    )


def _use(link: NoticeLink, outcome: LinkOutcome) -> None:
    link.used_at = timezone.now()
    link.outcome = outcome
    link.save(update_fields=["used_at", "outcome"])
