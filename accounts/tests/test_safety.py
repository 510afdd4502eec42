"""What keeps others out, and the one thing to do next, in an order that can be defended."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import policy, safety
from accounts.enums import Mode
from accounts.holdings import holdings_of
from accounts.hooks import Outlook, Recoverability
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
BAD = Recoverability(2, [Outlook("your phone", [], timedelta(days=7), needs_people=True)])
FINE = Recoverability(4, [Outlook("your phone", ["your mailbox"], timedelta(0), False)])


@pytest.fixture
def maria():
    return make_user(email="maria@example.org")


def level_of(user):
    return safety.safety_of(User.objects.get(pk=user.pk)).level


def next_of(user, outlook=FINE, to_ask=None, mode=Mode.NORMAL):
    held = holdings_of(User.objects.get(pk=user.pk))
    found = safety.next_thing(safety.Situation(held, outlook, to_ask, policy.MODES[mode]))
    return (found.title, found.url) if found else None


def finish(user):
    """Give an account everything there is to have."""
    make_contact(user)
    make_totp(user)
    make_passkey(user)
    return make_recovery_codes(user)[0]


def test_best_second_step_gives_the_level(maria):
    levels = [level_of(maria)]
    make_code_device(maria)
    levels.append(level_of(maria))
    make_totp(maria)
    levels.append(level_of(maria))
    make_passkey(maria)
    levels.append(level_of(maria))

    assert levels == [1, 2, 3, 4]


def test_printed_codes_alone_keep_nobody_out(maria):
    make_recovery_codes(maria)

    assert level_of(maria) == 1


def test_text_messages_beside_something_stronger_are_named(maria):
    make_totp(maria)
    before = safety.safety_of(User.objects.get(pk=maria.pk)).reasons
    make_code_device(maria)

    after = safety.safety_of(User.objects.get(pk=maria.pk)).reasons

    assert [reason for reason in after if reason not in before] == [
        "Text messages still work too, and can be redirected by who takes your number."
    ]


def test_way_back_comes_before_the_lock(maria):
    assert next_of(maria, BAD) == ("Print recovery codes", "/security/two-step/codes/")


def test_where_no_loss_needs_people_the_lock_is_next(maria):
    assert next_of(maria) == ("Turn on two-step verification", "/security/two-step/")


def test_codes_that_are_used_up_come_first_of_all(maria):
    codes = finish(maria)
    codes.codes.update(used_at=NOW)

    assert next_of(maria) == ("Print new codes", "/security/two-step/codes/")


def test_codes_that_nobody_kept_are_no_way_back(maria):
    make_totp(maria)
    make_recovery_codes(maria, is_kept=False)

    assert next_of(maria, BAD) == ("Print recovery codes", "/security/two-step/codes/")


def test_one_address_is_too_few_and_a_marked_one_is_none(maria):
    make_totp(maria)
    other = make_contact(maria, mark="lost", marked_at=NOW)

    assert next_of(maria) == ("Add another address or phone", "/security/contacts/")

    other.mark, other.marked_at = "", None
    other.save()

    assert next_of(maria) == ("Add a passkey", "/security/two-step/passkey/")


@pytest.mark.parametrize(
    ("left", "expected"),
    [
        (1, ("Print new codes", "/security/two-step/codes/")),
        (3, ("Print new codes", "/security/two-step/codes/")),
        (4, None),
        (10, None),
    ],
)
def test_few_codes_are_named_in_time(maria, left, expected):
    codes = finish(maria)
    codes.codes.filter(number__gt=left).update(used_at=NOW)

    assert next_of(maria) == expected


def test_step_that_was_not_used_for_long_is_asked_about(maria):
    finish(maria)
    app = maria.totpdevice_set.get()

    assert next_of(maria, to_ask=app) == (
        "Does it still work?",
        f"/security/two-step/totp/{app.pk}/",
    )


def test_account_that_has_all_has_nothing_to_do(maria):
    finish(maria)

    assert next_of(maria) is None


def test_nothing_is_advised_that_the_mode_forbids(maria):
    assert next_of(maria, BAD, mode=Mode.CONTESTED) is None
    assert next_of(maria, BAD, mode=Mode.RESTRICTED) == (
        "Add another address or phone",
        "/security/contacts/",
    )
