"""Every figure of activity (design.md section 4)."""

from datetime import timedelta

EVENTS_KEPT = timedelta(days=90)
VIEWS_KEPT = timedelta(days=90)  # who of the staff saw whose account; the audit chain stays
EVENTS_SHOWN = timedelta(days=30)
EVENTS_PER_PAGE = 30

# A change and the event that tells of it are written in one transaction, the event last.
RECORDED_WITHIN = timedelta(minutes=1)
# A sign-in with this score (accounts.hooks.Assessment) was unusual: nobody's history rests on it.
FLAGGED_FROM = 50

# Longer than a fan-out takes: some rows for each of at most a dozen contacts.
NOTICE_LEASE = timedelta(seconds=60)
NOTICES_PER_SWEEP = 100
# Changes that one number is told of; as many more where the message carries a link to undo one.
# Whoever changes an account again and again must not have us pay for it, nor be paid for it.
SMS_A_DAY = 20

# Small enough that one DELETE never holds SQLite's only write lock for long.
PRUNE_BATCH = 1000

# Entries read at once when the chain is checked.
AUDIT_BATCH = 2000
