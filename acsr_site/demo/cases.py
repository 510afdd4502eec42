"""How one ticket of the demo is put together."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from accounts.client import Client
from accounts.normalise import email, identifier_key
from acsr_site.demo import cast
from acsr_site.demo.scene import Scene
from recovery import policy
from recovery.enums import ENDED_STATES, Outcome, ProofClass, TicketState
from recovery.models import RecoveryTicket
from recovery.services.references import ALPHABET, LENGTH

HOUR = timedelta(hours=1)
TYPING = timedelta(minutes=2)  # until the code from the mailbox is typed
NAMES = {figure.key: figure.name for figure in cast.EVERYBODY}
IDENTIFIERS = {figure.key: figure.identifier for figure in cast.EVERYBODY}


@dataclass(frozen=True)
class Case:
    """A ticket with what else is known of it.

    key: of the figure whose account it is about, "" for an account that does not exist.
    proof: what was accepted on it, None for nothing. client: the browser that asked.
    """

    ticket: RecoveryTicket
    key: str
    proof: ProofClass | None
    client: Client


def other_address(key: str) -> str:
    """Give an address that a claimant can open and that is on no account; key: "" for nobody."""
    name = NAMES.get(key, "somebody")
    return f"{name.lower().replace(' ', '.')}.now@example.net"


def decided(at: datetime, outcome: Outcome, row: str, **fields: Any) -> dict[str, Any]:
    """Give the columns of a decision; ``row`` is the line of the table that it came from."""
    return {
        "outcome": outcome,
        "reasons": [row],
        "policy_version": policy.VERSION,
        "epoch": 1,
        "decided_at": at,
        "moved_at": at,
    } | fields


def held(start: datetime, length: timedelta, end: datetime | None, row: str) -> dict[str, Any]:
    """Give the columns of a wait; end: None where its first notice has not gone out yet."""
    hold = {"hold_length": length, "hold_from": start if end else None, "hold_until": end}
    return decided(start, Outcome.HOLD, row) | hold


def contested(at: datetime, reason: str) -> dict[str, Any]:
    return {
        "epoch": 1,
        "contested_at": at,
        "contested_reason": reason,
        "expires_at": at + policy.CONTESTED_LIVES,
        "answer_at": at + 18 * HOUR,
        "moved_at": at,
    }


def case(
    scene: Scene,
    key: str,
    state: TicketState,
    opened_at: datetime,
    *,
    contact: str = "",
    proof: ProofClass | None = None,
    client: Client | None = None,
    is_accepted: bool = True,
    **fields: Any,
) -> Case:
    """Make one ticket.

    contact: the claimant's address, "" for the account's own. is_accepted: its code was typed.
    """
    client = client or scene.homes.get(key) or scene.stranger()
    identifier = IDENTIFIERS.get(key) or f"user{scene.chance.randint(100, 999)}@example.org"
    claimant = email(contact or IDENTIFIERS[key])
    accepted_at = opened_at + TYPING if is_accepted else None
    moved_at = fields.get("moved_at") or accepted_at or opened_at
    life = policy.LIVES.get(state) or policy.LIVES[TicketState.AWAITING_PROOF]
    values = {
        "identifier": identifier,
        "contact": claimant.value,
        "contact_match_key": claimant.match_key,
        "address": client.address,
        "agent": client.agent,
        "moved_at": moved_at,
        "expires_at": moved_at + life,
    }
    ticket = RecoveryTicket(
        id=scene.new_id(),
        reference="".join(scene.chance.choice(ALPHABET) for _ in range(LENGTH)),
        user=scene.users.get(key),
        state=state,
        identifier_key=identifier_key(identifier),
        contact_limit_key=claimant.limit_key,
        browser_hash=scene.new_token_hash(),
        device_hash=client.device,
        network=client.network,
        time_zone=client.time_zone,
        opened_at=opened_at,
        code_accepted_at=accepted_at,
        **values | fields | _forgotten(scene, state, moved_at),
    )
    return Case(ticket, key, proof, client)


def _forgotten(scene: Scene, state: TicketState, moved_at: datetime) -> dict[str, Any]:
    """Give what retention has emptied since the ticket ended."""
    if state not in ENDED_STATES or moved_at > scene.now - policy.CLEAR_AFTER_END:
        return {}
    return {"identifier": "", "contact": "", "contact_match_key": "", "agent": "", "address": None}
