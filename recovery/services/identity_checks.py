"""Staff saw who somebody is: a proof of the class *person*, which never stands alone."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.client import Client
from accounts.models import User
from activity.enums import EventKind
from activity.services import audit
from activity.services.events import record_event
from recovery import eligibility, policy
from recovery.eligibility import Bar
from recovery.enums import CheckWay, ProofClass, TicketState, Verdict
from recovery.errors import MayNotDecide, StaleTicket, VerdictRefused
from recovery.models import IdentityCheck, Proof, RecoveryTicket
from recovery.services import decisions, proofs

SYSTEM = Client()
# Whoever opened the request for a caller, or has decided already, may have seen the person.
NO_OBSTACLE = frozenset({Bar.OPENED, Bar.VOTED})
STATES = (TicketState.AWAITING_PROOF, TicketState.EVALUATING, TicketState.IN_REVIEW)
NOBODYS_BROWSER = ""  # completion never finds this proof among those of the claimant's browser


def record(
    ticket: RecoveryTicket,
    staff: User,
    way: CheckWay,
    place: str,
    checked_at: datetime,
    *,
    client: Client,
) -> IdentityCheck:
    """Record a check, as proof and in the audit chain.

    Raises MayNotDecide, StaleTicket, and VerdictRefused for a place or time that cannot be. Whoever
    recorded it never approves alone (agreement.is_reached). What staff had asked for more goes back
    to them.
    """
    now = timezone.now()
    _require_sense(ticket, place, checked_at, now)
    with transaction.atomic():
        accounts = User.objects.select_for_update(no_key=True)
        account = accounts.filter(pk=ticket.user_id).first() if ticket.user_id else None
        locked = RecoveryTicket.objects.locked().filter(pk=ticket.pk, state__in=STATES).first()
        if locked is None or locked.effect_at is not None or locked.expires_at <= now:
            raise StaleTicket(ticket.pk)
        staff = User.objects.get(pk=staff.pk)
        _require_may_check(staff, locked, client)
        check = IdentityCheck.objects.create(
            ticket=locked, checked_by=staff, way=way, place=place.strip(), checked_at=checked_at
        )
        proofs.write(
            Proof(
                ticket=locked,
                proof_class=ProofClass.PERSON,
                is_strong=True,
                epoch=account.epoch if account else None,
                browser_hash=NOBODYS_BROWSER,
                proved_at=now,
            )
        )
        if locked.state == TicketState.AWAITING_PROOF and locked.verdict == Verdict.MORE:
            decisions.back_to_review(locked, now)
        record_event(account, EventKind.PROOF_ACCEPTED, client=SYSTEM, reference=locked.reference)
        audit.append(
            actor=f"user:{staff.pk}",
            action="recovery:identity:checked",
            subject=locked.subject,
            reason=way,
            details={"check": check.pk},
        )
    return check


def _require_may_check(staff: User, ticket: RecoveryTicket, client: Client) -> None:
    rights = (eligibility.OPEN, eligibility.SECURE)
    found = eligibility.bars(staff, ticket, client=client, rights=rights)
    obstacles = [bar.value for bar in found if bar not in NO_OBSTACLE]
    if obstacles:
        raise MayNotDecide(obstacles)


def _require_sense(ticket: RecoveryTicket, place: str, at: datetime, now: datetime) -> None:
    longest = IdentityCheck._meta.get_field("place").max_length or 0
    if not 0 < len(place.strip()) <= longest:
        raise VerdictRefused("place", _("Say where, in at most 120 characters."))
    if not ticket.opened_at - policy.DAY <= at <= now:
        raise VerdictRefused("checked_at", _("Say when: not ahead, and not before the request."))
