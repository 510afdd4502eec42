"""A case file, put together from its rows: eight statements for what is shown of a ticket."""

from datetime import datetime
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.enums import AuthenticatorKind, ContactKind
from accounts.models import User
from accounts.policy import MADE_AT_SIGN_UP
from accounts.queries import mask
from activity import places, useragents
from recovery import policy, staff_wording
from recovery.cases import grades, rows
from recovery.cases.parts import (
    Account,
    Against,
    Ballot,
    CaseFile,
    Check,
    Claim,
    Related,
    RiskLine,
    Seen,
    Young,
)
from recovery.cases.rows import Entry, Holding
from recovery.cases.timeline import timeline
from recovery.enums import (
    LIVE_STATES,
    CheckWay,
    ContestedReason,
    ProofClass,
    Reason,
    StaffReason,
    TicketState,
    Verdict,
)
from recovery.models import RecoveryTicket, Vote
from recovery.suggestions import build_ground, suggest

STEPS = ("passkey", "totp", "code")
# More may be asked meanwhile, and then people decide on their own again.
STILL_TO_DECIDE = (TicketState.AWAITING_PROOF, TicketState.EVALUATING, TicketState.IN_REVIEW)


def case_file(ticket_id: UUID, viewer: User) -> CaseFile | None:
    """Give the case file as ``viewer`` may read it; None for a ticket that does not exist.

    What others chose is open to who has chosen, and to who never will (``shows_votes_to``).
    """
    ticket = rows.ticket(ticket_id, viewer)
    if ticket is None:
        return None
    evidence, graded = rows.evidence(ticket)
    votes = rows.votes(ticket)
    entries = rows.entries(ticket)
    held = rows.holdings(ticket.user_id)
    events = rows.events(ticket.user_id)
    messages = rows.messages(ticket, [row.value for row in held if row.source == "contact"])
    others = rows.related(ticket)
    related = tuple(_related(ticket, other) for other in others)
    is_open = shows_votes_to(viewer, ticket, votes)
    ground = build_ground(
        strong_since=[row.until for row in entries if _is_held(row)],
        evidence=evidence if evidence and evidence.graded_at else None,
        grades=graded,
        has_check=any(row.source == "check" for row in entries),
        against=[
            *(other.since for other in others if _is_rival(ticket, other)),  # type: ignore[attr-defined]
            *(row.until for row in entries if row.source == "objection"),
        ],
        has_objection=any(row.source == "objection" for row in entries),
    )
    return CaseFile(
        ticket=ticket,
        suggestion=suggest(ticket, ground),
        account=_account(ticket, held),
        claim=_claim(ticket, entries, held),
        against=_against(ticket, entries, held, related),
        answers=grades.answers(evidence, graded),
        risk=tuple(_risk(ticket)),
        note=(evidence.note or "") if evidence else "",
        timeline=timeline(
            ticket, events=events, messages=messages, entries=entries, evidence=evidence
        ),
        related=related,
        young=tuple(_young(held, ticket.user, timezone.now())),
        ballots=tuple(_ballot(vote, viewer, is_open) for vote in votes if not vote.voided_at),
        voided=tuple(_ballot(vote, viewer, is_open) for vote in votes if vote.voided_at),
        draft=ticket.draft or {},  # type: ignore[attr-defined]
        seen=_seen(entries),
    )


def shows_votes_to(viewer: User, ticket: RecoveryTicket, votes: list[Vote]) -> bool:
    """Tell whether ``viewer`` may read what others chose on a ticket.

    Independent decisions: who may still choose reads it after having chosen.
    """
    is_settled = ticket.verdict in (Verdict.APPROVE, Verdict.DENY)
    if is_settled or ticket.state not in STILL_TO_DECIDE:
        return True
    own = [vote for vote in votes if vote.decider_id == viewer.pk]
    if any(vote.voided_at is None or vote.void_reason == "passed_on" for vote in own):
        return True
    return not viewer.has_perm("recovery.review_recoveryticket")


def _seen(entries: list[Entry]) -> tuple[Seen, ...]:
    return tuple(
        Seen(by=row.person.strip(), first_at=row.at, last_at=row.until, audit_number=row.number)
        for row in entries
        if row.source == "view" and row.until
    )


def _account(ticket: RecoveryTicket, held: list[Holding]) -> Account | None:
    user = ticket.user
    if user is None:
        return None
    contacts = [row for row in held if row.source == "contact" and _is_on_file(row)]
    steps = [_step_of(row) for row in held if row.source in STEPS and row.flag]
    return Account(
        name=mask(_name_of(user, contacts)),
        made_at=user.created_at,
        sign_ins=ticket.sign_ins,  # type: ignore[attr-defined]
        last_sign_in_at=ticket.last_sign_in_at,  # type: ignore[attr-defined]
        second_steps=tuple(str(kind.label) for kind in dict.fromkeys(steps)),
        contacts=len(contacts),
        contacts_since=min((row.made_at for row in contacts if row.made_at), default=None),
        is_protected=user.is_specially_protected,
        is_frozen=user.frozen_at is not None,
    )


def _name_of(user: User, contacts: list[Holding]) -> str:
    """Give what names the account: the address that it signs in with, or its external id."""
    primaries = {row.kind: row.value for row in contacts if row.flag}
    return (
        primaries.get(ContactKind.EMAIL)
        or user.external_id
        or primaries.get(ContactKind.PHONE)
        or str(user.pk)[:8]
    )


def _claim(ticket: RecoveryTicket, entries: list[Entry], held: list[Holding]) -> Claim:
    proofs = [row for row in entries if row.source == "proof"]
    on_file = {row.limit_key for row in held if row.source == "contact" and _is_on_file(row)}
    return Claim(
        opened_at=ticket.opened_at,
        says=str(Reason(ticket.reason).label),
        named=mask(ticket.identifier) if ticket.identifier else "",
        contact=mask(ticket.contact) if ticket.contact else "",
        is_contact_on_file=ticket.contact_limit_key in on_file,
        agent=useragents.read(ticket.agent).label,
        place=places.find(ticket.address or "").words,
        is_known_device=ticket.is_known_device,  # type: ignore[attr-defined]
        network_seen=ticket.network_seen,  # type: ignore[attr-defined]
        proofs=tuple(_proof_words(row) for row in proofs),
        checks=tuple(
            Check(str(CheckWay(row.code).label), row.words, row.at, row.person.strip())
            for row in entries
            if row.source == "check"
        ),
        for_caller_by=str(ticket.opened_by or ""),
        appeal_of=ticket.appeal_of.reference if ticket.appeal_of else "",
    )


def _is_held(row: Entry) -> bool:
    """Tell of a strong proof that the person showed; a check by staff is one of another kind."""
    return row.source == "proof" and row.flag and row.code != ProofClass.PERSON


def _proof_words(row: Entry) -> str:
    kind = str(ProofClass(row.code).label)
    return kind if row.flag else _("%(kind)s (weak)") % {"kind": kind}


def _against(
    ticket: RecoveryTicket,
    entries: list[Entry],
    held: list[Holding],
    related: tuple[Related, ...],
) -> Against:
    objections = [row for row in entries if row.source == "objection"]
    contacts = [row for row in held if row.source == "contact"]
    changes = [at for row in contacts for at in (row.made_at, row.removed_at) if at]
    campaign = [other for other in related if _is_alike(ticket, other)]
    return Against(
        competing=sum(other.is_competing for other in related),
        objections=len(objections),
        senior_objections=sum(row.flag for row in objections),
        contact_elsewhere=ticket.contact_elsewhere,  # type: ignore[attr-defined]
        contacts_changed_at=max(changes, default=None),
        of_network=sum("network" in other.shared for other in related),
        campaign=len(campaign),
        folded=ticket.folded_number,  # type: ignore[attr-defined]
        contested=str(ContestedReason(ticket.contested_reason).label)
        if ticket.contested_at and ticket.contested_reason
        else "",
        is_frozen=ticket.is_frozen,
    )


def _is_alike(ticket: RecoveryTicket, other: Related) -> bool:
    """Tell of one that waits too, was asked for the same day, and from one network or contact.

    For the eye: what may be folded with it is narrower (services.campaigns.alike).
    """
    is_same_day = abs(other.opened_at - ticket.opened_at) <= policy.DAY
    return other.is_waiting and is_same_day and bool({"network", "contact"} & {*other.shared})


def _related(ticket: RecoveryTicket, other: RecoveryTicket) -> Related:
    shared = {
        "account": ticket.user_id is not None and other.user_id == ticket.user_id,
        "contact": other.contact_limit_key == ticket.contact_limit_key,
        "device": bool(ticket.device_hash) and other.device_hash == ticket.device_hash,
        "network": bool(ticket.network) and other.network == ticket.network,
    }
    return Related(
        id=other.pk,
        reference=other.reference,
        shared=tuple(name for name, is_shared in shared.items() if is_shared),
        shares=", ".join(staff_wording.shared(name) for name, is_so in shared.items() if is_so),
        state=str(TicketState(other.state).label),
        style=staff_wording.STATES.get(other.state, ""),
        opened_at=other.opened_at,
        is_waiting=other.state == TicketState.IN_REVIEW,
        is_competing=_is_rival(ticket, other),
    )


def _is_rival(ticket: RecoveryTicket, other: RecoveryTicket) -> bool:
    """Tell of a live claim to the same account that has shown something."""
    is_same = ticket.user_id is not None and other.user_id == ticket.user_id
    has_shown = other.has_strong or other.is_above_bar  # type: ignore[attr-defined]
    return is_same and other.state in LIVE_STATES and bool(has_shown)


def _risk(ticket: RecoveryTicket) -> list[RiskLine]:
    """Give the reasons in order of weight; a code alone raises the risk."""
    lines = []
    for reason in ticket.risk_reasons:
        code, points = (reason, 1) if isinstance(reason, str) else (reason[0], reason[1])
        lines.append(RiskLine(staff_wording.risk_reason(code), raises=points > 0))
    return lines


def _young(held: list[Holding], user: User | None, now: datetime) -> list[Young]:
    """Give what came lately and is in use, the newest first; nothing that came at sign-up."""
    if user is None:
        return []
    since = max(now - policy.YOUNG, user.created_at + MADE_AT_SIGN_UP)
    return [
        Young(
            key=str(row.key) if row.source == "contact" else f"{_step_of(row)}:{row.key}",
            words=_young_words(row),
            since=row.made_at,
            is_contact=row.source == "contact",
        )
        for row in reversed(held)
        if row.made_at and row.made_at >= since and _is_in_use(row)
    ]


def _is_in_use(row: Holding) -> bool:
    return _is_on_file(row) if row.source == "contact" else row.flag


def _step_of(row: Holding) -> AuthenticatorKind:
    """Name the kind of a second step; of sent codes by where they go."""
    of_contact = {
        ContactKind.PHONE: AuthenticatorKind.SMS,
        ContactKind.EMAIL: AuthenticatorKind.EMAIL,
    }
    if row.source == "code":
        return of_contact[ContactKind(row.kind)]
    return AuthenticatorKind(row.kind)


def _young_words(row: Holding) -> str:
    if row.source == "contact":
        return mask(row.value)
    words = str(_step_of(row).label)
    return f"{words} {mask(row.value)}" if row.value else words


def _is_on_file(row: Holding) -> bool:
    return row.source == "contact" and not (row.removed_at or row.suspended_at)


def _ballot(vote: Vote, viewer: User, is_open: bool) -> Ballot:
    is_own = vote.decider_id == viewer.pk
    by = str(vote.decider or _("somebody who left"))
    voided = str(staff_wording.VOIDED.get(vote.void_reason, vote.void_reason))
    if not (is_open or is_own):
        return Ballot(by=by, made_at=vote.made_at, is_own=False, voided=voided)
    return Ballot(
        by=by,
        made_at=vote.made_at,
        is_own=is_own,
        verdict=Verdict(vote.verdict),
        decided=str(staff_wording.DECIDED[vote.verdict]),
        reasons=tuple(str(StaffReason(reason).label) for reason in vote.reasons),
        hold=vote.hold,
        note=vote.note or "",
        is_against_suggestion=vote.is_against_suggestion,
        voided=voided,
    )
