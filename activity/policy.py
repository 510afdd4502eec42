"""Every figure of activity (design.md section 4)."""

from datetime import timedelta

EVENTS_KEPT = timedelta(days=90)
VIEWS_KEPT = timedelta(days=90)  # who of the staff saw whose account; the audit chain stays
# Counts of values that no sign-in had for so long, and incidents after their end: as long as what
# they were made from.
COUNTS_KEPT = EVENTS_KEPT
INCIDENTS_KEPT = EVENTS_KEPT
EVENTS_SHOWN = timedelta(days=30)
PERIODS = (timedelta(days=7), EVENTS_SHOWN, EVENTS_KEPT)  # what the page can be asked for
EVENTS_PER_PAGE = 30  # entries, of which each may stand for repeats
# Rows that one page reads to fold; a longer row of repeats goes on on the next page.
ROWS_PER_PAGE = 300
UNUSUAL_SHOWN = 5  # unanswered ones on top of the page
SIGN_INS_MAPPED = 2000  # the newest, so that a map of a million costs no more
PLACES_MAPPED = 8  # more marks hide each other
EXPORT_BATCH = 1000  # rows of an export in memory at once

# A change and the event that tells of it are written in one transaction, the event last.
RECORDED_WITHIN = timedelta(minutes=1)
# Scores of sign-ins (risk.judge): from the first on the owner is told and asked, and nobody's
# history rests on it; from the second on one more step is asked for.
UNUSUAL_FROM = 50
CONFIRM_FROM = 80
# Wrong passwords of so long bear on the right one; of one network no more rows are read, which is
# more than its limit lets it fill in that time (accounts.policy.NETWORK_FAILURES).
FAILURES_LATELY = timedelta(hours=1)
FAILURES_READ = 1000
# People mistype their own name a few times; more unknown names are a list of somebody else's.
TYPOS_OF_A_NAME = 5
# Sign-ins that a worker counts, accounts that a rebuild locks, and rows in one statement.
COUNTED_AT_ONCE = 1000
REBUILT_AT_ONCE = 100
ROWS_AT_ONCE = 500
# A report can be taken back for so long; what it suspended keeps its secrets as long.
TAKE_BACK = timedelta(minutes=10)
# As long as the events that they report are shown.
REPORT_LINK_LIVES = timedelta(days=30)
# Where the browser that paused its own account reads what was done; its session is over.
PAUSED_PAGE_LIVES = timedelta(days=1)
# Taken back so often in a day, the next report stands: who presses in turns sends no more notices.
TAKEN_BACK_A_DAY = 3
# A browser that was known for so long before an event answers "this was me" from a new session too.
BROWSER_VOUCHES_AFTER = timedelta(days=30)
# Sign-ins like the reported one that a report unteaches at most.
UNLEARNED_AT_ONCE = 50

# Longer than a fan-out takes: some rows for each of at most a dozen contacts.
NOTICE_LEASE = timedelta(seconds=60)
NOTICES_PER_SWEEP = 100
# Messages of one kind to one number; as many more where one carries a link to undo a removal.
# Whoever changes an account again and again must not have us pay for it, nor be paid for it. Each
# kind counts for itself: noisy sign-ins leave no change of a password untold.
SMS_A_DAY = 20
# Unusual sign-ins and refused second steps: one notice per source in so long, and of all sources
# together so many; what is left over is counted in the next one, or told when the time is over.
FOLDED_FOR = timedelta(hours=1)
NOTICES_BEFORE_FOLDING = 3
# Notices that went out about older events than this fold nothing: bounds the search for them.
FOLDS_EVENTS_OF = timedelta(days=1)
# So often a day a browser that the account knows may give a wrong second step untold.
TYPOS_A_DAY = 2
# A sign-in that was asked for a mailed code and is not complete by then is told.
CODE_UNUSED_AFTER = timedelta(minutes=10)  # as long as the code works

# Small enough that one DELETE never holds SQLite's only write lock for long.
PRUNE_BATCH = 1000

# Entries read at once when the chain is checked.
AUDIT_BATCH = 2000
