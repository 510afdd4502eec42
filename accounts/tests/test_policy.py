"""The modes table, row by row."""

from datetime import UTC, datetime, timedelta

import pytest

from accounts import policy
from accounts.enums import Action, Mode

ALLOWED = {
    Mode.NORMAL: set(Action),
    # Seven or thirty days after a recovery that was not proved strongly.
    Mode.RESTRICTED: {
        Action.SIGN_IN,
        Action.CHANGE_PASSWORD,
        Action.ADD_CONTACT,
        Action.RESTORE_CONTACT,
        Action.REMOVE_AUTHENTICATOR,
    },
    Mode.CONTESTED: {Action.SIGN_IN, Action.CHANGE_PASSWORD},
    Mode.FROZEN: set(),
}


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize("action", Action)
def test_mode_allows_exactly_what_the_table_says(mode, action):
    assert (action in policy.MODES[mode]) == (action in ALLOWED[mode])


def test_every_code_has_the_figures_of_the_design():
    for kind in (policy.SIGN_UP_CODE, policy.SIGN_IN_CODE):
        figures = (kind.digits, kind.attempts, kind.lifetime.seconds, kind.longest.seconds)
        assert figures == (8, 5, 600, 1800)


MADE = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("after", "waits"),
    [
        (timedelta(0), timedelta(0)),
        (timedelta(hours=23, minutes=59), timedelta(0)),
        (timedelta(hours=24), timedelta(days=7)),
        (timedelta(days=300), timedelta(days=7)),
    ],
)
def test_authenticator_counts_a_week_later_unless_it_is_as_old_as_the_account(after, waits):
    assert policy.authenticator_counts_from(MADE + after, MADE) == MADE + after + waits
