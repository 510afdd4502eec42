"""Forms that wait, encrypted, in the session while their person confirms who they are."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase
from django.utils import timezone

from accounts import policy
from vault import cipher
from vault.errors import BrokenCiphertext, UnknownKey

KEY = "held_form"
LABEL = "accounts.step_up.form"
# A field whose name contains one of these is never kept.
SECRET_WORDS = ("password", "code", "token", "csrf")


def hold(session: SessionBase, path: str, data: Mapping[str, str]) -> None:
    """Keep what was posted to ``path``, without what is secret, in the place of any other form.

    One that is too long is not kept (policy.HELD_FORM_LONGEST): it would be read and written with
    the session at every request.
    """
    drop(session)
    text = json.dumps(
        {
            "user": session.get(SESSION_KEY),
            "path": path,
            "at": timezone.now().isoformat(),
            "data": {name: value for name, value in data.items() if not _is_secret(name)},
        }
    )
    if len(text) <= policy.HELD_FORM_LONGEST:
        session[KEY] = cipher.encrypt(LABEL, text)


def take(session: SessionBase, path: str) -> dict[str, str] | None:
    """Give what waits for ``path`` and forget it; None where nothing does.

    What waits for another path stays, until its time is over.
    """
    if KEY not in session:
        return None
    held = _open(session[KEY])
    is_own = held.get("user") == session.get(SESSION_KEY) and _is_young(held)
    if is_own and held["path"] != path:
        return None
    drop(session)
    return held["data"] if is_own else None


def drop(session: SessionBase) -> None:
    """Forget what waits."""
    session.pop(KEY, None)


def _is_secret(name: str) -> bool:
    return any(word in name.lower() for word in SECRET_WORDS)


def _is_young(held: dict[str, Any]) -> bool:
    return timezone.now() - datetime.fromisoformat(held["at"]) <= policy.HELD_FORM_LIVES


def _open(sealed: str) -> dict[str, Any]:
    try:
        held: dict[str, Any] = json.loads(cipher.decrypt(LABEL, sealed))
    except (BrokenCiphertext, UnknownKey):
        # The key went with a rotation: as if its time were over.
        return {}
    return held
