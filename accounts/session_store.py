"""Sessions in the database alone, so that an ended one is dead at once.

The cookie holds a random key, the row only its SHA-256: who reads the table cannot take over a
session. Saving never makes a row again that another request deleted.
"""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cached_property
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase, UpdateError
from django.utils import timezone

from accounts import policy
from accounts.models import UserSession
from vault import digests


class SessionStore(SessionBase):
    """The session of one browser (Django's SESSION_ENGINE).

    row: the stored row, read or made at first use; None as long as there is none.
    """

    row: UserSession | None = None
    # The key under which the row stands while a new one waits to be written; "" without one.
    _former_hash = ""
    _leaves_row = False

    def __init__(self, session_key: str | None = None) -> None:
        super().__init__(session_key)
        self._begun: dict[str, Any] = {}  # columns that wait to be written with the data
        self._is_unstored = False  # has a key, and its first write inserts the row

    @classmethod
    def get_model_class(cls) -> type[UserSession]:
        """Give the table; Django's admin and commands ask for it by this name."""
        return UserSession

    @property
    def key_hash(self) -> str:
        """The row's key, which is the SHA-256 of the cookie's value; "" without one."""
        return self._former_hash or self._new_hash

    @property
    def _new_hash(self) -> str:
        return digests.token_hash(self.session_key) if self.session_key else ""

    @cached_property
    def new_browser(self) -> str:
        """A random name for a browser that has none yet; the same for the whole request."""
        return secrets.token_urlsafe(16)

    def exists(self, session_key: str) -> bool:
        """Tell whether this key has a row."""
        return UserSession.objects.filter(pk=digests.token_hash(session_key)).exists()

    def load(self) -> dict[str, Any]:
        """Give the data of a live session; an unknown or dead key gives an empty new one."""
        self.row = UserSession.objects.filter(
            pk=self.key_hash, expire_date__gt=timezone.now()
        ).first()
        if self.row is None:
            self._session_key = None
            return {}
        data: dict[str, Any] = self.decode(self.row.session_data)
        return data

    def create(self) -> None:
        """Insert a row under a new random key, with the data that is in memory."""
        self._session_key = digests.new_token()
        self.save(must_create=True)
        self.modified = True

    def save(self, must_create: bool = False) -> None:
        """Write the data; raises UpdateError when another request ended the session.

        Only what the data says and ``begin`` set is written: services keep the other columns.
        """
        if self.session_key is None:
            self.create()
            return
        must_create = must_create or self._is_unstored
        data: dict[str, Any] = self._get_session(no_load=must_create)  # type: ignore[attr-defined]
        now = timezone.now()
        if must_create:
            self.row = UserSession(pk=self.key_hash, created_at=now, **self._begun)
        written = self._begun | {
            "session_data": self.encode(data),
            "expire_date": self.ends_at(now),
            "last_seen_at": now,
            "user_id": data.get(SESSION_KEY),
        }
        if must_create:
            self._set(written).save(force_insert=True)
            self._begun, self._is_unstored = {}, False
        else:
            self._write(written)

    def delete(self, session_key: str | None = None) -> None:
        """Delete the row of this key, else of this session, under whichever key it stands."""
        row_hash = digests.token_hash(session_key) if session_key else self.key_hash
        rows = UserSession.objects.filter(pk=row_hash)
        if self._leaves_row:
            ends_at = timezone.now() + policy.STALE_SESSION_LIVES
            rows.filter(expire_date__gt=ends_at).update(expire_date=ends_at)
        else:
            rows.delete()

    @contextmanager
    def leaving_row(self) -> Iterator[None]:
        """Let ``delete`` only shorten the row's life.

        Between a change of the account and the write that puts the new epoch into the session that
        made it, another request of the same browser finds the old one. It is signed out, but must
        not take the row from under the write.
        """
        self._leaves_row = True
        try:
            yield
        finally:
            self._leaves_row = False

    def flush(self) -> None:
        """Delete the row and forget the data; the next write makes a new session."""
        super().flush()
        self.row = None
        self._former_hash, self._begun, self._is_unstored = "", {}, False

    def cycle_key(self) -> None:
        """Give the session a new key, which the next write puts into its row.

        The row is re-keyed in place: copying it, as Django does, would bring back a session that
        was ended between reading and copying.
        """
        self._get_session()  # type: ignore[attr-defined]  # Django's own name
        if self.session_key is None or self._is_unstored:
            self._is_unstored = True
        else:
            self._former_hash = self.key_hash
        self._session_key = digests.new_token()
        self.modified = True

    def begin(self, values: dict[str, Any]) -> None:
        """Set the columns of a completed sign-in, which the next write puts into the row."""
        self._begun = values
        self._set(values)
        self.modified = True

    def touch(self, now: datetime) -> None:
        """Note that the session was used, at most once a minute; moves its idle limit."""
        if self.row is None or now - self.row.last_seen_at < policy.LAST_SEEN_EVERY:
            return
        written = {"last_seen_at": now, "expire_date": self.ends_at(now)}
        UserSession.objects.filter(pk=self.key_hash).update(**written)
        self._set(written)

    def ends_at(self, now: datetime) -> datetime:
        """Give when the session ends if nothing more is asked: kept, idle or absolute limit."""
        row = self.row or UserSession(created_at=now)
        began_at = row.signed_in_at or row.created_at
        if row.is_kept:
            return began_at + policy.SESSION_KEPT
        return min(now + policy.SESSION_IDLE, began_at + policy.SESSION_LONGEST)

    def get_expiry_age(self, **kwargs: Any) -> int:
        """Give the seconds that a kept session's cookie lives."""
        now = timezone.now()
        return max(0, int((self.ends_at(now) - now).total_seconds()))

    def get_expiry_date(self, **kwargs: Any) -> datetime:
        """Give when the session ends."""
        return self.ends_at(timezone.now())

    def get_expire_at_browser_close(self) -> bool:
        """Tell whether the cookie goes with the browser: unless the person chose to be kept."""
        return not (self.row and self.row.is_kept)

    def _write(self, values: dict[str, Any]) -> None:
        """Write columns, and the new key if one waits; raises UpdateError for an ended session."""
        if self._former_hash:
            values = values | {"session_key": self._new_hash}
        if not UserSession.objects.filter(pk=self.key_hash).update(**values):
            raise UpdateError
        self._former_hash, self._begun = "", {}
        self._set(values)

    def _set(self, values: dict[str, Any]) -> UserSession:
        """Put what was written onto the row in memory."""
        if self.row is None:
            self.row = UserSession()
        for name, value in values.items():
            setattr(self.row, name, value)
        return self.row
