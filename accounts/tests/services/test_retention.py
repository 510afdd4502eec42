"""What is forgotten, and what is not yet."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import normalise, policy
from accounts.models import Budget, Challenge, FormerPassword, KnownNetwork, SignUp, UserSession
from accounts.services import budgets, challenges, devices, retention
from accounts.session_store import SessionStore
from accounts.tests.factories import make_client, make_user

pytestmark = pytest.mark.django_db

NOTHING = dict.fromkeys(
    ("budgets", "challenges", "sign_ups", "networks", "former_passwords", "sessions"), 0
)


def fill():
    """Make one fresh row of each kind."""
    budgets.consume(policy.SMS_PER_NUMBER, "x")
    address = normalise.email("maria@example.org")
    challenges.issue(policy.SIGN_UP_CODE, "sign_up:1", address, client=make_client())
    SignUp.objects.create(
        address="a@example.org", match_key="a@example.org", encoded_password="!", browser_hash="x"
    )
    devices.remember_network(make_user(), make_client())
    SessionStore().save()


def count_rows():
    return [
        model.objects.count() for model in (Budget, Challenge, SignUp, KnownNetwork, UserSession)
    ]


def test_fresh_rows_stay():
    fill()

    assert retention.prune() == NOTHING
    assert count_rows() == [1, 1, 1, 1, 1]


def test_old_rows_go_and_a_second_run_finds_nothing():
    fill()
    old = timezone.now() - timedelta(days=91)
    Budget.objects.update(window_ends_at=old)
    Challenge.objects.update(expires_at=old)
    SignUp.objects.update(created_at=old)
    KnownNetwork.objects.update(last_day=old.date())
    UserSession.objects.update(expire_date=old)

    first = retention.prune()
    second = retention.prune()

    assert first == dict.fromkeys(NOTHING, 1) | {"former_passwords": 0}
    assert second == NOTHING
    assert count_rows() == [0, 0, 0, 0, 0]


def test_former_passwords_that_no_rule_looks_at_go():
    maria = make_user()
    now = timezone.now()
    for days in range(policy.PASSWORDS_REMEMBERED + 2):
        FormerPassword.objects.create(
            user=maria, encoded=f"hash-{days}", replaced_at=now - timedelta(days=days)
        )

    counts = retention.prune()

    left = FormerPassword.objects.order_by("-replaced_at").values_list("encoded", flat=True)
    assert counts == NOTHING | {"former_passwords": 2}
    assert list(left) == [f"hash-{days}" for days in range(policy.PASSWORDS_REMEMBERED)]
