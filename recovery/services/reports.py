"""What becomes of the claims on an account when somebody reports that something was not them."""

from contextlib import suppress

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.client import Client
from accounts.models import User
from activity.enums import Done, IncidentOrigin
from activity.models import Incident
from activity.services.report_facts import Fact
from recovery import facts, queries
from recovery.enums import PEOPLE_DECIDE, LinkOutcome, TicketState
from recovery.errors import DeadLink, StaleTicket
from recovery.models import RecoveryTicket
from recovery.services import objections


def answer(user: User, incident: Incident, *, client: Client) -> None:
    """Object to the claims that a report bears on, and add that to what it did.

    From a session that is older than what it reports: to those that were opened since then, with
    the rank of that session. Where the account was paused, by a mail or a younger session: to all
    that wait or are looked at, without any rank, so that people decide. The presser may be a thief,
    who must cancel nothing; or the claimant, who must not go on while the owner is shut out.
    Claims that still have to be proved are let be: a pause voids what they have shown, and a new
    one may be opened at any time. It is the way out. Inside the report's transaction, which
    holds the account's lock.
    """
    is_old = incident.origin == IncidentOrigin.OLD_SESSION
    claims = queries.claims_of(user)
    if is_old:
        claims = claims.filter(opened_at__gte=incident.since)
    else:
        claims = claims.filter(_runs_by_itself())
    heard = _object_to(user, claims, incident, client, may_cancel=is_old)
    if heard:
        stopped = heard.count(LinkOutcome.STOPPED)
        incident.done.append(Fact(what=Done.CONTESTED_CLAIMS, count=len(heard), stopped=stopped))


def _runs_by_itself() -> Q:
    by_people = Q(state=TicketState.APPROVED, people__gt=0)
    return Q(state__in=[*PEOPLE_DECIDE, TicketState.ON_HOLD]) | by_people


def _object_to(
    user: User,
    claims: QuerySet[RecoveryTicket],
    incident: Incident,
    client: Client,
    *,
    may_cancel: bool,
) -> list[LinkOutcome]:
    """Object to each; a report is one objection, however many claims there are."""
    now = timezone.now()
    running = list(claims.select_for_update(of=("self",), no_key=True))
    is_first = bool(running) and not objections.was_one_lately(user, now)
    heard = []
    for ticket in running:
        is_senior = may_cancel and facts.is_old_session(user, ticket, client, now)
        # Its claimant may have moved it meanwhile: a report does not fail for that.
        with suppress(StaleTicket, DeadLink), transaction.atomic():
            outcome = objections.hear(
                user,
                ticket,
                incident.contact,
                is_senior=is_senior,
                cancels=is_senior and is_first,
                client=client,
            )
            heard.append(outcome)
    return heard
