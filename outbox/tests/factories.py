"""Messages for tests: valid and due now, unless a test says otherwise."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from outbox.enums import SETTLED_STATES
from outbox.models import Message

CODE = "1234-5678"
TOKEN = "t0ken-of-a-stop-link-that-nobody-may-read-0"
ADDRESS = "maria@example.org"


def make_message(**fields: Any) -> Message:
    """Give a saved notice to Maria; ``state`` brings the times that it needs."""
    if fields.get("state") in SETTLED_STATES:
        fields.setdefault("settled_at", timezone.now())
    fields.setdefault("context", {"title": "Your password was changed", "what": "It was changed."})
    return Message.objects.create(
        **{"kind": "activity.account_changed", "address": ADDRESS, **fields}
    )


def make_code(**fields: Any) -> Message:
    """Give a saved recovery code to Maria that is good for 30 minutes at most."""
    now = timezone.now()
    context = {
        "reference": "KTRW4827",
        "number": 1,
        "sent_at": now.isoformat(),
        "lifetime_seconds": 600,
    }
    return make_message(
        **{
            "kind": "recovery.code",
            "queue": "codes",
            "context": context,
            "secrets": {"code": CODE},
            "carries_secrets": True,
            "created_at": now,
            "due_at": now,
            "expires_at": now + timedelta(minutes=30),
            **fields,
        }
    )
