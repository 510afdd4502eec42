"""Second steps that are taken away: softly, and what goes with the last (attacks.md 25, 27)."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from accounts import errors, queries, signals
from accounts.models import CodeDevice, Passkey, RecoveryCode, TotpDevice, User
from accounts.services import authenticators, restrictions
from accounts.tests.factories import (
    make_client,
    make_code_device,
    make_passkey,
    make_recovery_codes,
    make_totp,
    make_user,
)
from accounts.tests.heard import heard
from accounts.tests.second_steps import (
    ALWAYS_DISPUTED,
    KINDS,
    MAKERS,
    STEPS,
    activate,
    in_use,
    make_pending,
    remove,
)
from accounts.tests.threads import run_at_once

pytestmark = pytest.mark.django_db


def told_of(told):
    names = ("kind", "is_last", "is_quiet")
    return [tuple(each[name] for name in names) for each in told]


@pytest.mark.parametrize("kind", MAKERS)
def test_removed_one_keeps_its_row_and_nothing_secret(kind):
    user = make_user()
    row = MAKERS[kind](user)

    remove(row)

    row.refresh_from_db()
    assert row.confirmed is False
    assert timezone.now() - row.removed_at < timedelta(minutes=1)
    assert in_use(user) == []
    assert User.objects.get(pk=user.pk).epoch == user.epoch == 2


def test_nothing_secret_of_removed_ones_is_left_in_the_database():
    user = make_user()
    rows = [make_passkey(user), make_totp(user), make_recovery_codes(user)[0]]

    for row in rows:
        remove(row)

    with connection.cursor() as cursor:
        cursor.execute("SELECT credential_id, public_key FROM accounts_passkey")
        assert [bytes(value) for value in cursor.fetchone()] == [b"", b""]
        cursor.execute("SELECT seed FROM accounts_totpdevice")
        assert cursor.fetchone() == (None,)
    assert RecoveryCode.objects.count() == 0


def test_removed_passkey_is_still_known_by_its_digest():
    row = make_passkey(make_user())
    digest = row.credential_id_sha256

    remove(row)

    assert Passkey.objects.get().credential_id_sha256 == digest != ""


@pytest.mark.parametrize("kind", STEPS)
def test_last_one_turns_two_step_off_whatever_codes_are_printed(kind):
    user = make_user()
    code_set, _codes = make_recovery_codes(user)
    row = MAKERS[kind](user)

    with heard(signals.authenticator_removed) as told:
        fallen = remove(row)

    assert fallen == []
    assert told_of(told) == [(kind, True, False)]
    assert in_use(user) == [code_set]


def test_one_of_two_leaves_two_step_on():
    user = make_user()
    left, row = make_totp(user), make_passkey(user)

    with heard(signals.authenticator_removed) as told:
        remove(row)

    assert told_of(told) == [("passkey", False, False)]
    assert in_use(user) == [left]


def test_removed_printed_codes_turn_nothing_off():
    user = make_user()
    code_set, _codes = make_recovery_codes(user)

    with heard(signals.authenticator_removed) as told:
        remove(code_set)

    assert told_of(told) == [("recovery_codes", False, False)]


def test_codes_by_mail_fall_with_their_last_companion():
    user = make_user()
    by_mail = [MAKERS[KINDS.EMAIL](user) for _ in range(2)]
    row = make_totp(user)

    with heard(signals.authenticator_removed) as told:
        fallen = remove(row)

    assert fallen == by_mail
    assert told_of(told) == [
        ("email", False, True),
        ("email", False, True),
        ("totp", True, False),
    ]
    assert in_use(user) == []


def test_codes_by_mail_stay_beside_another():
    user = make_user()
    by_mail, sms, row = MAKERS[KINDS.EMAIL](user), make_code_device(user), make_totp(user)

    assert remove(row) == []
    assert in_use(user) == [sms, by_mail]


def test_one_that_is_gone_already_is_not_removed_again():
    user = make_user()
    make_passkey(user)
    row = make_totp(user)
    same = TotpDevice.objects.get(pk=row.pk)
    remove(row)
    same.user = user

    with heard(signals.authenticator_removed) as told, pytest.raises(errors.AccountChanged):
        remove(same)

    assert told == []


def test_contested_account_removes_nothing():
    user = make_user()
    row = make_totp(user)
    restrictions.contest(user)

    with pytest.raises(errors.Forbidden):
        remove(row)
    with pytest.raises(errors.Forbidden):
        authenticators.turn_off(user, client=make_client())

    assert in_use(user) == [row]


def test_standing_claim_stops_removal_by_all_but_two_strong_proofs(settings):
    settings.ACCOUNT_DISPUTES = ALWAYS_DISPUTED
    user = make_user()
    row = make_totp(user)
    with pytest.raises(errors.Forbidden):
        remove(row)

    remove(row, is_strong=True)

    assert in_use(user) == []


def test_turning_off_leaves_the_printed_codes_and_tells_once():
    user = make_user()
    code_set, _codes = make_recovery_codes(user)
    for kind in (*STEPS, KINDS.EMAIL):
        MAKERS[kind](user)

    with heard(signals.authenticator_removed) as told:
        count = authenticators.turn_off(user, client=make_client())

    assert count == 4
    assert [(each["is_last"], each["is_quiet"]) for each in told] == [
        (False, True),
        (False, True),
        (False, True),
        (True, False),
    ]
    assert in_use(user) == [code_set]
    assert user.epoch == 2


def test_turning_off_what_is_off_changes_nothing():
    user = make_user()

    assert authenticators.turn_off(user, client=make_client()) == 0
    assert User.objects.get().epoch == 1


def test_recovery_removes_everything_in_silence_and_from_contested_accounts_too():
    user, other = make_user(), make_user()
    theirs = make_totp(other)
    for maker in MAKERS.values():
        maker(user)
    restrictions.contest(user)

    with heard(signals.authenticator_removed) as told:
        count = authenticators.remove_all(user, client=make_client())

    assert count == len(told) == 5
    assert {each["is_quiet"] for each in told} == {True}
    assert [each["is_last"] for each in told] == [False] * 4 + [True]
    assert in_use(user) == []
    assert in_use(other) == [theirs]


def test_contact_takes_its_own_codes_with_it():
    user = make_user()
    first, second = make_code_device(user), make_code_device(user)

    with heard(signals.authenticator_removed) as told:
        count = authenticators.remove_for_contact(user, first.contact_id, client=make_client())

    assert count == 1
    assert told_of(told) == [("sms", False, True)]
    assert in_use(user) == [second]


def test_contact_with_the_last_step_turns_two_step_off_aloud():
    user = make_user()
    sms = make_code_device(user)
    MAKERS[KINDS.EMAIL](user)

    with heard(signals.authenticator_removed) as told:
        count = authenticators.remove_for_contact(user, sms.contact_id, client=make_client())

    assert count == 2
    assert told_of(told) == [("email", False, True), ("sms", True, False)]
    assert in_use(user) == []


def test_contact_without_codes_takes_nothing():
    user = make_user()
    row = make_totp(user)

    removed = authenticators.remove_for_contact(user, user.contacts.get().pk, client=make_client())

    assert removed == 0
    assert in_use(user) == [row]


@pytest.mark.django_db(transaction=True)
def test_one_removed_many_times_at_once_is_told_once():
    user = make_user()
    pk = make_totp(user).pk

    def work(_number):
        return remove(authenticators.find(User.objects.get(), KINDS.TOTP, pk))

    with heard(signals.authenticator_removed) as told:
        results = run_at_once(4, work)

    refused = {type(result) for result in results if result != []}
    assert results.count([]) == len(told) == 1
    assert refused <= {errors.AccountChanged, errors.NoSuchAuthenticator}
    assert User.objects.get().epoch == 2


@pytest.mark.django_db(transaction=True)
def test_adding_codes_by_mail_and_removing_what_they_stand_beside_leave_none_alone():
    for _ in range(5):
        user = make_user()
        companion = make_totp(user)
        pending = make_pending(user, KINDS.EMAIL)
        rows = [
            TotpDevice.objects.select_related("user").get(pk=companion.pk),
            CodeDevice.objects.select_related("user", "contact").get(pk=pending.pk),
        ]

        results = run_at_once(2, lambda which, rows=rows: (remove, activate)[which](rows[which]))

        assert sum(isinstance(result, errors.AccountChanged) for result in results) == 1
        left = {step.kind for step in queries.second_steps(user)}
        assert left in (set(), {KINDS.TOTP, KINDS.EMAIL})


def test_what_is_in_doubt_goes_with_what_would_stand_alone_and_the_rest_stays():
    user = make_user()
    passkey, app = make_passkey(user), make_totp(user)
    mailed = make_code_device(user, user.contacts.get())

    first = authenticators.remove_in_doubt(user, [passkey], client=make_client())
    left = in_use(user)
    second = authenticators.remove_in_doubt(user, [app], client=make_client())

    assert (first, second) == (1, 2)
    assert set(left) == {app, mailed}
    assert in_use(user) == []
    assert User.objects.get(pk=user.pk).epoch == user.epoch == 3


def test_nothing_in_doubt_changes_nothing():
    user = make_user()
    make_passkey(user)

    assert authenticators.remove_in_doubt(user, [], client=make_client()) == 0
    assert User.objects.get(pk=user.pk).epoch == 1
