"""Every figure of activity (design.md section 4)."""

from datetime import timedelta

EVENTS_KEPT = timedelta(days=90)
EVENTS_SHOWN = timedelta(days=30)
EVENTS_PER_PAGE = 30

# Longer than a fan-out takes: some rows for each of at most a dozen contacts.
NOTICE_LEASE = timedelta(seconds=60)
NOTICES_PER_SWEEP = 100

# Small enough that one DELETE never holds SQLite's only write lock for long.
PRUNE_BATCH = 1000

# Entries read at once when the chain is checked.
AUDIT_BATCH = 2000
