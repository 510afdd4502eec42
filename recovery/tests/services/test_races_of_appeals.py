"""Two presses of "Ask a person" at the same moment: one request comes of them, for everybody."""

from dataclasses import replace

import pytest

from accounts.tests.factories import make_user
from accounts.tests.threads import run_at_once
from recovery import policy
from recovery.errors import AppealUsed
from recovery.models import Evidence, Notice, RecoveryTicket
from recovery.services import appeals
from recovery.tests.factories import make_claimant
from recovery.tests.services.test_appeals import make_refused

PRESSES, ROUNDS = 5, 20
pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("has_limit", [True, False], ids=["as it is", "by the lock alone"])
@pytest.mark.parametrize("is_known", [True, False], ids=["known", "unknown"])
def test_of_presses_at_once_one_is_an_appeal(monkeypatch, is_known, has_limit):
    if not has_limit:
        many = replace(policy.APPEALS_PER_CLAIMANT, limit=ROUNDS * PRESSES)
        monkeypatch.setattr(policy, "APPEALS_PER_CLAIMANT", many)
    for number in range(ROUNDS):
        user = make_user(email=f"owner{number}@example.org") if is_known else None
        refused = make_refused(user, contact=f"claimant{number}@example.com")
        own = [RecoveryTicket.objects.get(pk=refused.pk) for _ in range(PRESSES)]

        results = run_at_once(
            PRESSES, lambda place, own=own: appeals.ask(own[place], client=make_claimant())
        )

        asked = [result for result in results if isinstance(result, RecoveryTicket)]
        assert [type(result) for result in results].count(AppealUsed) == PRESSES - 1
        appeal = RecoveryTicket.objects.get(appeal_of=refused)
        assert asked == [appeal]
        assert Evidence.objects.filter(ticket=appeal).count() == 1
        assert Notice.objects.filter(ticket=appeal).count() == 1
