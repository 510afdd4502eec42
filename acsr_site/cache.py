"""The cache of a portal without services: a table in a database file of its own."""

from datetime import datetime
from typing import Any

from django.core.cache.backends.db import DatabaseCache
from django.db import connections, models, router, transaction

CACHE_ALIAS = "cache"
CACHE_APP_LABEL = "django_cache"  # the label Django gives its cache table


class AtomicDatabaseCache(DatabaseCache):
    """Django's database cache with counters that no flood of requests outruns or pushes out.

    The first holds on SQLite alone, where the transaction takes the write lock at once; on
    PostgreSQL two counts can read the same value, so Redis counts there.
    """

    def incr(self, key: Any, delta: int = 1, version: int | None = None) -> int:
        """Add ``delta`` and give the new value; raises ValueError for a missing key."""
        with transaction.atomic(using=router.db_for_write(self.cache_model_class)):
            return super().incr(key, delta, version)

    def _cull(self, db: str, cursor: Any, now: datetime, num: int) -> None:
        """Delete what has run out, and never a living count to make room.

        Django's own drops a third of all keys past MAX_ENTRIES: whoever asks from a few hundred
        networks would wipe out the limits of everybody.
        """
        connection = connections[db]
        names = (self._table, "expires")  # type: ignore[attr-defined]  # Django's own name
        table, expires = map(connection.ops.quote_name, names)
        ended = connection.ops.adapt_datetimefield_value(now)
        cursor.execute(f"DELETE FROM {table} WHERE {expires} < %s", [ended])  # noqa: S608 - our names


class CacheRouter:
    """Keep the cache table on the ``cache`` alias, and everything else off it."""

    def db_for_read(self, model: type[models.Model], **_hints: Any) -> str | None:
        """Name the alias of the cache table; None leaves other models to Django."""
        return CACHE_ALIAS if model._meta.app_label == CACHE_APP_LABEL else None

    def db_for_write(self, model: type[models.Model], **_hints: Any) -> str | None:
        """Write where ``db_for_read`` reads."""
        return self.db_for_read(model)

    def allow_migrate(self, db: str, app_label: str, **_hints: Any) -> bool | None:
        """Allow exactly the cache table on the alias; None leaves the rest to Django."""
        is_cache_table = app_label == CACHE_APP_LABEL
        if db == CACHE_ALIAS or is_cache_table:
            return db == CACHE_ALIAS and is_cache_table
        return None
