"""The modes table, row by row."""

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
