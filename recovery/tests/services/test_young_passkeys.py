"""A passkey opens an account alone, so a thief's must not outlive the recovery (attacks 25, 29)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Passkey
from accounts.queries import has_second_step
from accounts.tests.factories import make_passkey, make_totp, make_user
from activity.enums import EventKind
from activity.models import Notice
from recovery.enums import ProofClass, Resets, TicketState
from recovery.services import completion
from recovery.tests.factories import make_claimant, make_proof, make_ticket

NEW = "Silver-kettle-4-meadow"
pytestmark = pytest.mark.django_db


@pytest.fixture
def maria():
    user = make_user(email="maria@example.org")
    make_totp(user)
    return user


def test_a_passkey_made_this_week_goes_with_the_old_password_and_is_told(maria):
    make_passkey(maria, made_at=_days_ago(6))

    _complete(maria)

    assert not Passkey.objects.in_use().exists()
    assert has_second_step(maria)
    told = Notice.objects.values_list("event__kind", flat=True)
    assert list(told) == [EventKind.AUTHENTICATOR_REMOVED]


def test_a_passkey_that_counted_when_the_request_was_opened_stays(maria):
    kept = make_passkey(maria, made_at=_days_ago(8))

    _complete(maria)

    assert Passkey.objects.in_use().get() == kept
    assert not Notice.objects.exists()


def test_a_passkey_made_with_the_account_stays(maria):
    maria.created_at = _days_ago(3)
    maria.save(update_fields=["created_at"])
    kept = make_passkey(maria, made_at=_days_ago(3))

    _complete(maria)

    assert Passkey.objects.in_use().get() == kept


def test_other_young_second_steps_stay_for_they_open_nothing_alone(maria):
    make_totp(maria, made_at=_days_ago(1))

    _complete(maria)

    assert maria.totpdevice_set.filter(confirmed=True).count() == 2


def _complete(user):
    ticket = make_ticket(user, state=TicketState.APPROVED, resets=Resets.PASSWORD)
    make_proof(ticket, ProofClass.APP)
    completion.complete(ticket, NEW, client=make_claimant())


def _days_ago(days):
    return timezone.now() - timedelta(days=days)
