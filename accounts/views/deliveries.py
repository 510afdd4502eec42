"""Where a code that was sent stands: what every page with a field for one says of it."""

from typing import Any

from django.conf import settings
from django.utils import timezone

from accounts.models import Challenge
from accounts.policy import ChallengeKind
from accounts.services import challenges
from outbox.queries import delivery_state

STYLES = {"good": "good", "problem": "danger", "wait": ""}  # of templates/_delivery.html


def context_of(kind: ChallengeKind, sent: Challenge) -> dict[str, Any]:
    """Give what ``_delivery.html`` and ``_resend.html`` show, and which code counts how long.

    The page adds its own ``poll_url`` and ``resend_url``. is_held_up: the last message is not
    handed over yet, so that a newer one would only wait behind it.
    """
    delivery = delivery_state(sent.message_id)
    resend_from = challenges.resend_from(kind, sent)
    tries_left = challenges.tries_left(kind, sent)
    expires_at = sent.expires_at
    if delivery.at and delivery.style == "good":
        # Handed over since the code was read: its time has begun, and nobody polls any more.
        expires_at = min(expires_at, delivery.at + kind.lifetime)
    return {
        "delivery": {
            "words": delivery.words,
            "style": STYLES[delivery.style],
            "is_settled": delivery.is_settled,
        },
        "is_held_up": not delivery.is_settled and delivery.style != "good",
        # Its time begins when it was handed over.
        "works_until": expires_at if delivery.at else None,
        "code_number": sent.number,
        "sent_at": sent.sent_at,
        "tries_left": tries_left,
        "can_resend": tries_left > 0,
        "resend_from": resend_from if resend_from > timezone.now() else None,
        "from_address": settings.DEFAULT_FROM_EMAIL,
    }
