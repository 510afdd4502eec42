"""The outlook of an account as it stands in the tables."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import hooks
from accounts.models import User
from accounts.tests.factories import (
    make_code_device,
    make_contact,
    make_passkey,
    make_recovery_codes,
    make_totp,
    make_user,
)
from recovery.recoverability import outlook_of

NOW = timezone.now()


def asked(user):
    found = hooks.recoverability(User.objects.get(pk=user.pk))
    return {each.lost: (*each.ways, each.needs_people) for each in found.outlooks}


@pytest.fixture
def maria(db):
    return make_user(email="maria@example.org")


def test_account_is_read_as_it_stands(maria):
    make_totp(maria)
    make_recovery_codes(maria, codes=2)

    assert asked(maria) == {
        "your password": ("your mailbox", "your authenticator app", False),
        "your phone": ("your password", "one of your printed codes", False),
        "your mailbox": ("your password", "your authenticator app", False),
        "your phone and your mailbox": ("your password", "one of your printed codes", False),
    }


def test_codes_that_are_used_up_or_were_never_kept_help_nobody(maria):
    make_totp(maria)
    codes, _ = make_recovery_codes(maria, is_kept=False)

    assert asked(maria)["your phone and your mailbox"] == ("your password", True)

    codes.kept_at = NOW
    codes.save()
    codes.codes.update(used_at=NOW)

    assert asked(maria)["your phone and your mailbox"] == ("your password", True)


def test_marked_removed_and_suspended_addresses_lead_nowhere(maria):
    maria.contacts.update(mark="shared", marked_at=NOW)
    make_contact(maria, "gone@example.org", removed_at=NOW)
    make_contact(maria, "doubtful@example.org", suspended_at=NOW)

    assert asked(maria)["your password"] == (True,)


@pytest.mark.parametrize(
    ("fields", "survives"),
    [
        ({"backup_state": True, "transports": ["internal"]}, True),
        ({"backup_state": False, "transports": ["internal"]}, False),
        ({"backup_state": False, "transports": ["usb", "nfc"]}, True),
        ({"backup_state": False, "transports": []}, False),
    ],
)
def test_passkey_survives_the_phone_where_it_is_copied_or_a_key(maria, fields, survives):
    make_passkey(maria, **fields)

    found = asked(maria)

    assert ("your phone" in found) is not survives


def test_text_messages_are_a_second_step_and_their_phone_a_contact(maria):
    make_code_device(maria, make_contact(maria, "+33612345678"))

    assert asked(maria)["your mailbox"] == ("your password", "your phone", False)


def test_a_wait_of_which_nobody_else_would_hear_is_not_promised(maria):
    make_totp(maria)
    assert asked(maria)["your phone"] == ("your password", "your mailbox", True)

    make_contact(maria, "other@example.net")

    assert asked(maria)["your phone"] == ("your password", "your mailbox", False)


def test_two_spellings_of_one_mailbox_are_one_that_hears(maria):
    make_totp(maria)
    make_contact(maria, "maria+spare@example.org")

    assert asked(maria)["your phone"] == ("your password", "your mailbox", True)


def test_what_does_not_count_yet_is_named_with_its_day_and_without_its_address(maria):
    later, soon = NOW + timedelta(days=5), NOW + timedelta(days=2)
    make_contact(maria, "new@example.net", counts_from=later)
    make_totp(maria, made_at=soon - timedelta(days=7))

    found = outlook_of(maria)

    assert found.soon == [("an authenticator app", soon), ("an e-mail address", later)]


def test_account_of_today_counts_at_once(db):
    maria = make_user(email="maria@example.org", created_at=NOW - timedelta(hours=1))
    make_totp(maria, made_at=NOW - timedelta(minutes=30))
    make_recovery_codes(maria, made_at=NOW - timedelta(minutes=30))

    assert asked(maria)["your password"] == ("your mailbox", "your authenticator app", False)
    assert outlook_of(maria).soon == []


def test_staff_are_protected(maria):
    maria.is_staff = True
    maria.save()
    make_totp(maria)

    assert outlook_of(maria).outlooks[0].takes == timedelta(days=1)


@pytest.mark.parametrize("count", [1, 3])
def test_outlook_costs_five_queries(maria, count, django_assert_num_queries):
    for _ in range(count):
        make_contact(maria)
        make_totp(maria)
        make_passkey(maria)
    make_recovery_codes(maria)
    user = User.objects.get(pk=maria.pk)

    with django_assert_num_queries(5):
        outlook_of(user)
