"""What surrounds a claim that people may decide: for its risk, and for the case file."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q

from accounts.models import User
from activity import queries as activity
from activity.enums import EventKind
from activity.models import SecurityEvent
from activity.places import country_of
from recovery import history
from recovery.enums import LIVE_STATES, Resets, TicketState
from recovery.models import Evidence, Proof, RecoveryTicket
from recovery.policy import Decision
from recovery.risk import RiskFacts

CONTACT_CHANGES = (
    EventKind.CONTACT_ADDED,
    EventKind.CONTACT_REMOVED,
    EventKind.CONTACT_SUSPENDED,
    EventKind.CONTACT_RESTORED,
    EventKind.PRIMARY_CHANGED,
    EventKind.CONTACTS_REPLACED,
)
AUTHENTICATOR_CHANGES = (
    EventKind.AUTHENTICATOR_ADDED,
    EventKind.AUTHENTICATOR_REMOVED,
    EventKind.AUTHENTICATOR_SUSPENDED,
    EventKind.AUTHENTICATOR_RESTORED,
    EventKind.TWO_STEP_ON,
    EventKind.TWO_STEP_OFF,
    EventKind.RECOVERY_CODES_MADE,
    EventKind.SECOND_STEP_RESET,
)
A_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Circumstances:
    """Where a claim comes from, beside the sign-ins of its account until the trusted moment."""

    sign_ins: int
    network_seen: int
    country_seen: int
    is_known_device: bool
    has_country: bool

    def as_context(self) -> dict[str, Any]:
        """Give what is kept of it with the evidence."""
        country = "usual" if self.country_seen else "new"
        return {
            "device": "known" if self.is_known_device else "new",
            "network_seen": self.network_seen,
            "country": country if self.has_country else "",
            "sign_ins": self.sign_ins,
        }


def circumstances_of(
    user: User | None, ticket: RecoveryTicket, evidence: Evidence
) -> Circumstances:
    """Count what is familiar; one statement, for nobody too."""
    country = country_of(ticket.address or "")
    seen = activity.was_seen(
        user,
        network=ticket.network,
        country=country,
        device=ticket.device_hash,
        until=evidence.as_of or ticket.opened_at,
    )
    return Circumstances(
        sign_ins=seen.sign_ins,
        network_seen=seen.network,
        country_seen=seen.country,
        is_known_device=seen.device > 0,
        has_country=bool(country),
    )


def risk_facts_of(
    ticket: RecoveryTicket,
    evidence: Evidence,
    decision: Decision,
    *,
    is_contested: bool,
    has_strong_proof: bool,
) -> RiskFacts:
    """Give what the risk of a claim on an account that exists is made of."""
    around = circumstances_of(ticket.user, ticket, evidence)
    changes = _changes(ticket)
    of_network, of_contact = _tickets_alike(ticket)
    return RiskFacts(
        is_contested=is_contested,
        competing_claims=competing_claims(ticket),
        has_young_contacts=bool(changes & set(CONTACT_CHANGES)),
        has_young_authenticators=bool(changes & set(AUTHENTICATOR_CHANGES)),
        is_known_device=around.is_known_device,
        network_seen=around.network_seen,
        is_usual_country=around.country_seen > 0,
        tickets_of_network=of_network,
        tickets_of_contact=of_contact,
        has_strong_proof=has_strong_proof,
        resets_second_step=decision.resets != Resets.PASSWORD,
    )


def competing_claims(ticket: RecoveryTicket) -> int:
    """Count the other live claims of the account with a strong proof or evidence above the bar."""
    own = {"ticket": OuterRef("pk")}
    shown = Q(Exists(Proof.objects.filter(**own, is_strong=True))) | Q(
        Exists(Evidence.objects.filter(**own, is_above_bar=True))
    )
    others = RecoveryTicket.objects.filter(user=ticket.user_id, state__in=LIVE_STATES)
    return others.exclude(pk=ticket.pk).filter(shown).count()


def _changes(ticket: RecoveryTicket) -> set[str]:
    since = history.young_since(ticket.user, ticket)
    events = SecurityEvent.objects.filter(
        user=ticket.user_id, kind__in=(*CONTACT_CHANGES, *AUTHENTICATOR_CHANGES), at__gte=since
    )
    return set(events.values_list("kind", flat=True))


def _tickets_alike(ticket: RecoveryTicket) -> tuple[int, int]:
    """Count other tickets of a day from the same network, and with the same contact.

    A person who begins again withdraws what they had: that is no other ticket.
    """
    day = RecoveryTicket.objects.filter(opened_at__gt=ticket.opened_at - A_DAY)
    others = day.exclude(Q(pk=ticket.pk) | Q(state=TicketState.CANCELLED, user=ticket.user_id))
    counted = others.aggregate(
        network=Count("pk", filter=Q(network=ticket.network) & ~Q(network="")),
        contact=Count("pk", filter=Q(contact_limit_key=ticket.contact_limit_key)),
    )
    return counted["network"], counted["contact"]
