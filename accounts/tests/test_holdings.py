from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.holdings import had_second_step, holdings_of
from accounts.models import User
from accounts.tests.factories import (
    make_code_device,
    make_contact,
    make_passkey,
    make_recovery_codes,
    make_totp,
    make_user,
)

pytestmark = pytest.mark.django_db
NOW = timezone.now()


@pytest.fixture
def maria():
    return make_user(email="maria@example.org", phone="+33612345678")


def fresh(user):
    return User.objects.get(pk=user.pk)


def test_what_is_in_use_is_given_and_what_is_not_is_not(maria):
    make_contact(maria, "gone@example.org", removed_at=NOW)
    make_contact(maria, "doubtful@example.org", suspended_at=NOW)
    app = make_totp(maria)
    make_totp(maria, confirmed=False, made_at=None)
    make_totp(maria, confirmed=False, removed_at=NOW)
    passkey = make_passkey(maria)
    sms = make_code_device(maria, maria.contacts.get(kind="phone"))
    mail = make_code_device(maria, maria.contacts.get(value="maria@example.org"))
    codes, _ = make_recovery_codes(maria, codes=10)
    codes.codes.filter(number__lte=7).update(used_at=NOW)

    held = holdings_of(fresh(maria))

    assert sorted(contact.value for contact in held.contacts) == [
        "+33612345678",
        "maria@example.org",
    ]
    assert held.second_steps == [passkey, app, sms, mail]
    assert (held.codes, held.codes_left) == (codes, 3)


def test_account_without_anything_holds_nothing(db):
    held = holdings_of(make_user(email=None))

    assert (held.contacts, held.second_steps, held.codes, held.codes_left) == ([], [], None, 0)


def test_what_others_hold_is_not_theirs(maria):
    make_totp(make_user())
    make_recovery_codes(make_user())

    held = holdings_of(fresh(maria))

    assert (held.second_steps, held.codes) == ([], None)


@pytest.mark.parametrize("count", [1, 3])
def test_reading_costs_five_queries_and_nothing_the_second_time(
    maria, count, django_assert_num_queries
):
    for _ in range(count):
        make_totp(maria)
        make_contact(maria)
        make_passkey(maria)
        make_code_device(maria)
    make_recovery_codes(maria)
    user = fresh(maria)

    with django_assert_num_queries(5):
        holdings_of(user)
    with django_assert_num_queries(0):
        holdings_of(user)
        had_second_step(user, NOW)


def test_past_is_as_it_was_with_what_was_removed_since(maria):
    made, removed = NOW - timedelta(days=20), NOW - timedelta(days=10)
    make_totp(maria, confirmed=False, made_at=made, removed_at=removed)
    make_totp(maria, confirmed=False, made_at=None)
    user = fresh(maria)

    times = [made - timedelta(seconds=1), made, removed - timedelta(seconds=1), removed, NOW]

    assert [had_second_step(user, at) for at in times] == [False, True, True, False, False]
