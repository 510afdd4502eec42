"""Every figure of activity (design.md section 4)."""

from datetime import timedelta

EVENTS_KEPT = timedelta(days=90)
VIEWS_KEPT = timedelta(days=90)  # who of the staff saw whose account; the audit chain stays
EVENTS_SHOWN = timedelta(days=30)
EVENTS_PER_PAGE = 30

# A change and the event that tells of it are written in one transaction, the event last.
RECORDED_WITHIN = timedelta(minutes=1)
# Scores of sign-ins (risk.judge): from the first on the owner is told and asked, and nobody's
# history rests on it; from the second on one more step is asked for.
UNUSUAL_FROM = 50
CONFIRM_FROM = 80
# A report can be taken back for so long; what it suspended keeps its secrets as long.
TAKE_BACK = timedelta(minutes=10)
# As long as the events that they report are shown.
REPORT_LINK_LIVES = timedelta(days=30)
# Where the browser that paused its own account reads what was done; its session is over.
PAUSED_PAGE_LIVES = timedelta(days=1)
# Taken back so often in a day, the next report stands: who presses in turns sends no more notices.
TAKEN_BACK_A_DAY = 3
# Sign-ins like the reported one that a report unteaches at most.
UNLEARNED_AT_ONCE = 50

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
