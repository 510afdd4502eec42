from datetime import UTC, datetime, timedelta

import pytest

from outbox import policy

NOW = datetime(2026, 11, 23, 14, 3, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("attempts", "seconds"),
    [(1, 15), (2, 45), (3, 120), (4, 240), (5, 360), (6, 480), (7, 480), (100, 480)],
)
def test_codes_climb_their_ladder_exactly(attempts, seconds):
    assert policy.next_try("codes", attempts, NOW) == NOW + timedelta(seconds=seconds)


@pytest.mark.parametrize("attempts", [1, 3, 6, 50])
def test_notices_are_slower_and_spread(attempts):
    waits = {policy.next_try("notices", attempts, NOW) - NOW for _ in range(200)}

    rung = policy.NOTICE_LADDER[min(attempts, len(policy.NOTICE_LADDER)) - 1]
    assert len(waits) > 100
    assert min(waits) >= rung * (1 - policy.NOTICE_JITTER)
    assert max(waits) <= rung * (1 + policy.NOTICE_JITTER)
    assert min(waits) > policy.CODE_LADDER[0]
