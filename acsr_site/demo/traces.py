"""What requests leave behind: proofs, codes, notices, links, objections and frozen pairs."""

from datetime import datetime, timedelta

from accounts.enums import ContactKind
from accounts.models import Challenge, Contact
from acsr_site.demo.cases import TYPING, Case
from acsr_site.demo.scene import Scene
from recovery import policy
from recovery.enums import (
    CancelCause,
    LinkOutcome,
    LinkRight,
    NoticeKind,
    ProofClass,
    TicketState,
)
from recovery.models import ClaimFreeze, Notice, NoticeLink, Objection, Proof, RecoveryTicket
from recovery.models.proof import LONG_UNPROVED, TOO_YOUNG
from vault import digests

SENDING = timedelta(seconds=3)
OBJECTIONS = (CancelCause.OBJECTION, CancelCause.SESSION)
KINDS = {ProofClass.MAIL: ContactKind.EMAIL, ProofClass.PHONE: ContactKind.PHONE}


def make(scene: Scene, cases: list[Case]) -> None:
    """Write what belongs to the tickets."""
    Proof.objects.bulk_create(_proof(scene, case) for case in cases if case.proof)
    Challenge.objects.bulk_create(
        _challenge(scene, case) for case in cases if case.ticket.state == TicketState.AWAITING_CODE
    )
    _make_notices(scene, cases)
    _make_objections(scene, cases)


def _proof(scene: Scene, case: Case) -> Proof:
    """Give what the ticket rests on."""
    ticket = case.ticket
    contact = _proved_contact(scene, case)
    is_young = bool(contact and contact.counts_from and contact.counts_from > ticket.opened_at)
    # By the table only such a proof by mail makes an account without a second step wait.
    is_stale = case.proof == ProofClass.MAIL and ticket.reasons == ["one_proof"]
    is_stale = is_stale and ticket.hold_length is not None
    return Proof(
        ticket=ticket,
        proof_class=case.proof or "",
        is_strong=not is_young,
        marks=[LONG_UNPROVED] * is_stale + [TOO_YOUNG] * is_young,
        contact=contact,
        limit_key=contact.limit_key if contact else "",
        since=contact.verified_at if contact else scene.ago(days=200),
        epoch=ticket.epoch or scene.users[case.key].epoch,
        browser_hash=ticket.browser_hash,
        proved_at=ticket.code_accepted_at or ticket.opened_at,
    )


def _proved_contact(scene: Scene, case: Case) -> Contact | None:
    contacts = scene.contacts[case.key]
    named = [c for c in contacts if c.match_key == case.ticket.contact_match_key]
    kind = KINDS.get(case.proof) if case.proof else None
    return next(iter(named), scene.contact(case.key, kind) if kind else None)


def _challenge(scene: Scene, case: Case) -> Challenge:
    """Give the open question of a ticket whose code was not typed yet; nobody knows the code."""
    ticket = case.ticket
    kind = policy.OPENING_CODE
    return Challenge(
        purpose=kind.name,
        subject=ticket.subject,
        address=ticket.contact,
        limit_key=ticket.contact_limit_key,
        code_hmac=digests.keyed(str(scene.new_id()), purpose=kind.name, subject=ticket.subject),
        attempts=scene.chance.randint(0, 2),
        sent_at=ticket.opened_at,
        expires_at=ticket.opened_at + SENDING + kind.lifetime,
    )


def _make_notices(scene: Scene, cases: list[Case]) -> None:
    """Write due rows as the services would have: settled where their time has come.

    Three are due right now, so that the worker really sends them and their links work: Ingrid's
    end, the last day of one wait and the beginning of another.
    """
    notices = []
    for case in cases:
        for kind, due_at in _due_times(case.ticket):
            is_waiting = due_at >= scene.now or (case.key, kind) == ("ingrid", "completed")
            settled_at = None if is_waiting else due_at + SENDING
            notices.append(
                Notice(ticket=case.ticket, kind=kind, due_at=due_at, settled_at=settled_at)
            )
    Notice.objects.bulk_create(notices)


def _due_times(ticket: RecoveryTicket) -> list[tuple[NoticeKind, datetime]]:
    """Give what a ticket tells, and when; nothing of a wait after the ticket has moved on."""
    times: list[tuple[NoticeKind, datetime | None]] = [
        (NoticeKind.OPENED, ticket.code_accepted_at),
        (NoticeKind.COMPLETED, ticket.completed_at),
        (NoticeKind.REVIEW, ticket.in_review_at),
    ]
    if ticket.state == TicketState.DENIED:
        return [(kind, at) for kind, at in times if at] + _answer(ticket)
    if ticket.hold_length and ticket.state != TicketState.IN_REVIEW:
        times.append((NoticeKind.HELD, ticket.decided_at))
    if ticket.hold_from and ticket.hold_until:
        last = ticket.hold_until - policy.HOLD_LAST_NOTICE
        halfway = ticket.hold_from + (ticket.hold_until - ticket.hold_from) / 2
        is_long = last - halfway >= policy.HOLD_NOTICES_APART
        times += [(NoticeKind.HALFWAY, halfway)] if is_long else []
        is_over_a_day = last - ticket.hold_from >= policy.HOLD_NOTICES_APART
        times += [(NoticeKind.LAST_DAY, last)] if is_over_a_day else []
        if ticket.state in (TicketState.APPROVED, TicketState.COMPLETED):
            times.append((NoticeKind.RELEASED, ticket.hold_until))
    goes_on = ticket.state == TicketState.ON_HOLD
    return [(kind, at) for kind, at in times if at and (goes_on or at <= ticket.moved_at)]


def _answer(ticket: RecoveryTicket) -> list[tuple[NoticeKind, datetime]]:
    return [(NoticeKind.ANSWERED, ticket.answer_at)] if ticket.answer_at else []


def _make_objections(scene: Scene, cases: list[Case]) -> None:
    """Write who stopped what, with which link, and what stays frozen for a week."""
    objected = [
        case
        for case in cases
        if case.ticket.cancel_cause in OBJECTIONS or case.ticket.contested_reason == "objection"
    ]
    Objection.objects.bulk_create(_objection(scene, case) for case in objected)
    undone = [case for case in cases if case.key == "lucia"]
    NoticeLink.objects.bulk_create(_link(scene, case) for case in objected + undone)
    stopped = [case for case in objected if case.ticket.cancelled_at]
    ClaimFreeze.objects.bulk_create(
        freeze for case in stopped for freeze in _freezes(scene, case.ticket)
    )


def _objection(scene: Scene, case: Case) -> Objection:
    ticket = case.ticket
    in_session = ticket.cancel_cause == CancelCause.SESSION
    return Objection(
        ticket=ticket,
        user=scene.users[case.key],
        contact=None if in_session else scene.contacts[case.key][0],
        is_senior=ticket.cancelled_at is not None,
        cancelled_the_ticket=ticket.cancelled_at is not None,
        made_at=ticket.cancelled_at or ticket.contested_at or ticket.moved_at,
    )


def _link(scene: Scene, case: Case) -> NoticeLink:
    """Give the link that was pressed."""
    ticket = case.ticket
    values = {
        "right": LinkRight.STOP,
        "outcome": LinkOutcome.TOLD_STAFF,
        "used_at": ticket.moved_at,
    }
    if ticket.cancelled_at:
        values["outcome"] = LinkOutcome.STOPPED
    if ticket.completed_at:
        values = {
            "right": LinkRight.UNDO,
            "outcome": LinkOutcome.PAUSED,
            "used_at": scene.users[case.key].frozen_at,
            "expires_at": ticket.completed_at + policy.UNDO_LIVES,
        }
    return NoticeLink(
        token_hash=scene.new_token_hash(),
        ticket=ticket,
        contact=scene.contacts[case.key][0],
        made_at=(ticket.code_accepted_at or ticket.opened_at) + TYPING,
        **values,
    )


def _freezes(scene: Scene, ticket: RecoveryTicket) -> list[ClaimFreeze]:
    until = (ticket.cancelled_at or scene.now) + policy.FREEZE_LIVES
    if until <= scene.now or ticket.user is None:
        return []
    keys = [f"contact:{ticket.contact_limit_key}", f"network:{ticket.network}"]
    return [ClaimFreeze(user=ticket.user, ticket=ticket, key=key, until=until) for key in keys]
