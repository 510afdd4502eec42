"""Every figure of delivery: how often, how long, how late (design.md section 5)."""

import random
from datetime import datetime, timedelta

from outbox.enums import Queue

# What one SMTP conversation may wait for: connection, greeting, EHLO, STARTTLS, EHLO again, two
# steps of AUTH, MAIL, RCPT, DATA, the end of the text and QUIT. Each ends after EMAIL_TIMEOUT.
SMTP_WAITS = 12
SMS_TIMEOUT_SECONDS = 10  # of each wait for the gateway

# How long a worker owns a message. Longer than the slowest conversation (SMTP_WAITS of 10 s), so
# that nobody sends what another is still sending; a killed worker's message waits this long.
LEASE = timedelta(seconds=150)

# Waits after the 1st, 2nd, ... failed try. The last one repeats until the code's life is over.
CODE_LADDER = (
    timedelta(seconds=15),
    timedelta(seconds=45),
    timedelta(minutes=2),
    timedelta(minutes=4),
    timedelta(minutes=6),
    timedelta(minutes=8),
)
NOTICE_LADDER = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(minutes=30),  # RFC 5321 4.5.4.1: at least 30 minutes, once the first tries failed
    timedelta(hours=1),
    timedelta(hours=3),
)
# So that a mail server that comes back is not met by all notices in one second.
NOTICE_JITTER = 0.25  # share of the wait, up or down
# RFC 5321 4.5.4.1: "the give-up time generally needs to be at least 4-5 days".
GIVE_UP_AFTER = timedelta(days=5)

# A sweep that has worked this long leaves the rest to the next one: it holds a worker's slot.
SWEEP_LONGEST = timedelta(seconds=20)
# A broker that is gone is left alone for this long in each process.
BROKER_PAUSE = timedelta(seconds=5)

TEXT_COLUMNS = 76
REPLY_LENGTH = 300

# Addresses in clear are kept no longer than those of an ended ticket (design.md section 4).
SETTLED_KEPT = timedelta(days=7)
ABANDONED_KEPT = timedelta(days=30)  # staff look at these
# Rows in one transaction of a prune: what waits for its locks waits for milliseconds.
PRUNE_BATCH = 1000


def next_try(queue: str, attempts: int, now: datetime) -> datetime:
    """Say when a message whose ``attempts``-th try just failed is tried again."""
    if queue == Queue.CODES:
        return now + _rung(CODE_LADDER, attempts)
    spread = random.uniform(1 - NOTICE_JITTER, 1 + NOTICE_JITTER)  # noqa: S311 - spreads load
    return now + _rung(NOTICE_LADDER, attempts) * spread


def last_useful_moment(created_at: datetime, expires_at: datetime | None) -> datetime:
    """Say after when a message is worth no further try."""
    return expires_at or created_at + GIVE_UP_AFTER


def _rung(ladder: tuple[timedelta, ...], attempts: int) -> timedelta:
    return ladder[min(max(attempts, 1), len(ladder)) - 1]
