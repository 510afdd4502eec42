"""Earlier passwords that were typed on a page that was refused: kept, never drawn again.

They stay encrypted in the session's row of the database, for the ticket that they were typed for.
"""

import json
from collections.abc import Sequence
from datetime import datetime

from recovery import policy
from recovery.models import RecoveryTicket
from vault import cipher
from vault.errors import VaultError

LABEL = "recovery.held_passwords"


def seal(ticket: RecoveryTicket, passwords: Sequence[str], now: datetime) -> str:
    """Give what the session may keep of passwords by place; "" where there are none."""
    if not any(passwords):
        return ""
    until = now + policy.PASSWORDS_HELD_FOR
    held = {
        "ticket": str(ticket.pk),
        "until": until.isoformat(),
        "passwords": list(passwords),
    }
    return cipher.encrypt(LABEL, json.dumps(held))


def unseal(ticket: RecoveryTicket, sealed: str, now: datetime) -> list[str]:
    """Give the passwords again, [] of another ticket, after their time and of a lost key."""
    if not sealed:
        return []
    try:
        held = json.loads(cipher.decrypt(LABEL, sealed))
    except VaultError:
        return []
    is_over = datetime.fromisoformat(held["until"]) <= now
    return [] if is_over or held["ticket"] != str(ticket.pk) else list(held["passwords"])
