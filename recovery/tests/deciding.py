"""Deciding as staff do: a case is dealt, and a vote is cast."""

from django.utils import timezone

from accounts.models import User
from accounts.tests.factories import make_client
from recovery import policy
from recovery.enums import DealEnd, StaffReason, Verdict
from recovery.models import Deal, RecoveryTicket, Vote
from recovery.services import verdicts
from recovery.services.verdicts import Choice

R = StaffReason
NOTE = "I spoke to them and they know it all."
STAFF_BROWSER = make_client(browser="of staff", device="")


def approval(**fields):
    return Choice(
        **({"verdict": Verdict.APPROVE, "reasons": (R.RARE_FACTS,), "note": NOTE} | fields)
    )


def denial(**fields):
    return Choice(**({"verdict": Verdict.DENY, "reasons": (R.TOO_LITTLE,), "note": NOTE} | fields))


def deal(ticket: RecoveryTicket, staff: User) -> None:
    """Let ``staff`` have the ticket, as Next would."""
    now = timezone.now()
    RecoveryTicket.objects.filter(pk=ticket.pk).update(
        claimed_by=staff, claimed_until=now + policy.CLAIM_LIVES
    )
    Deal.objects.filter(ticket=ticket, ended_at=None).update(ended_at=now, end=DealEnd.LAPSED)
    Deal.objects.create(ticket=ticket, reviewer=staff)


def decide(ticket: RecoveryTicket, staff: User, choice: Choice | None = None) -> Vote:
    deal(ticket, staff)
    return verdicts.decide(ticket, staff, choice or approval(), client=STAFF_BROWSER)


def read(ticket: RecoveryTicket) -> RecoveryTicket:
    return RecoveryTicket.objects.get(pk=ticket.pk)
