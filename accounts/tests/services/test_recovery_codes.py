"""Printed codes: shown once, read whatever their spelling, each used once (attacks.md 5, 10)."""

import hmac
import re

import pytest
from django.db import connection
from django.utils import timezone

from accounts import errors, policy, queries, signals
from accounts.models import RecoveryCode, RecoveryCodeSet, User
from accounts.services import recovery_codes, restrictions
from accounts.tests.factories import make_client, make_recovery_codes, make_user
from accounts.tests.heard import heard
from accounts.tests.threads import run_at_once

pytestmark = pytest.mark.django_db


def make(user, replaces=None, **options):
    return recovery_codes.make(user, replaces=replaces, client=make_client(), **options)


def accept(user, typed):
    return recovery_codes.accept(user, typed, client=make_client(), now=timezone.now())


def test_set_is_ten_codes_of_four_groups_without_look_alikes():
    _set, codes = make(make_user())

    assert len(set(codes)) == policy.RECOVERY_CODES
    shape = re.compile(r"[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){3}")
    assert all(shape.fullmatch(code) for code in codes)


def test_no_code_can_be_read_in_the_database():
    _set, codes = make(make_user())

    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM accounts_recoverycode")
        stored = str(cursor.fetchall())
        cursor.execute("SELECT * FROM accounts_recoverycodeset")
        stored += str(cursor.fetchall())
    plain = [code.replace("-", "") for code in codes]
    assert [code for code in codes + plain if code in stored] == []
    assert len({row.code_hmac for row in RecoveryCode.objects.all()}) == policy.RECOVERY_CODES


def test_same_code_of_two_accounts_is_kept_as_two_digests():
    first, second = make_user(), make_user()

    digests = {recovery_codes._digest(user, "0" * 16) for user in (first, second)}

    assert len(digests) == 2


def test_new_set_ends_all_sessions_and_is_told_but_is_no_second_step():
    user = make_user()

    with heard(signals.authenticator_added) as told:
        made, _codes = make(user)

    assert [(each["kind"], each["is_first"]) for each in told] == [("recovery_codes", False)]
    assert User.objects.get(pk=user.pk).epoch == user.epoch == 2
    assert (made.confirmed, made.kept_at) == (True, None)
    assert queries.has_second_step(user) is False


def test_new_set_replaces_the_one_that_was_seen():
    user = make_user()
    former, former_codes = make_recovery_codes(user)

    with heard(signals.authenticator_removed) as told:
        made, codes = make(user, replaces=former.pk)

    former.refresh_from_db()
    assert former.confirmed is False
    assert former.removed_at is not None
    assert former.codes.count() == 0
    assert [(each["is_last"], each["is_quiet"]) for each in told] == [(False, True)]
    assert accept(user, former_codes[0]) is None
    assert accept(user, codes[0]) == made


def test_set_that_is_another_by_now_is_not_replaced():
    user = make_user()
    former, codes = make_recovery_codes(user)

    for seen in (None, former.pk + 1):
        with pytest.raises(errors.AccountChanged):
            make(user, replaces=seen)

    assert RecoveryCodeSet.objects.get() == former
    assert accept(user, codes[0]) == former


def test_contested_account_makes_no_codes():
    user = make_user()
    restrictions.contest(user)

    with pytest.raises(errors.Forbidden):
        make(user)

    assert RecoveryCodeSet.objects.count() == 0


def test_session_that_was_ended_meanwhile_makes_no_codes():
    user = make_user()
    make(User.objects.get(pk=user.pk))

    with pytest.raises(errors.AccountChanged):
        make(user, replaces=RecoveryCodeSet.objects.get().pk)

    assert RecoveryCodeSet.objects.count() == 1


def test_keeping_is_noted_once():
    user = make_user()
    made, _codes = make(user)

    recovery_codes.keep(user, made.pk)

    kept_at = RecoveryCodeSet.objects.get().kept_at
    assert kept_at is not None
    recovery_codes.keep(user, made.pk)
    assert RecoveryCodeSet.objects.get().kept_at == kept_at


def test_set_of_somebody_else_or_removed_is_not_kept():
    user, other = make_user(), make_user()
    theirs, _codes = make_recovery_codes(other, is_kept=False)
    former, _codes = make_recovery_codes(user, is_kept=False)
    make(user, replaces=former.pk)

    for code_set in (theirs, former):
        with pytest.raises(errors.NoSuchAuthenticator):
            recovery_codes.keep(user, code_set.pk)

    assert RecoveryCodeSet.objects.filter(kept_at__isnull=False).count() == 0


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("0123-4567-89AB-CDEF", "0123456789ABCDEF"),
        ("0123 4567 89ab cdef", "0123456789ABCDEF"),
        ("oO-iI-lL", "001111"),
        ("  1234\t-\u2013\u2014 5678\n", "12345678"),
        ("12\u00a034", "1234"),
        ("", ""),
        ("\u0131\u0130\u017f", "\u0131\u0130\u017f"),
    ],
)
def test_code_has_one_spelling(typed, read):
    assert recovery_codes.read(typed) == read


@pytest.mark.parametrize("change", [str.lower, lambda code: code.replace("-", " ")])
def test_code_is_accepted_however_it_is_written(change):
    user = make_user()
    made, codes = make(user)

    assert accept(user, change(codes[3])) == made


def test_look_alikes_are_the_same_code():
    user = make_user()
    code_set, _codes = make_recovery_codes(user)
    row = RecoveryCode.objects.get(number=1)
    row.code_hmac = recovery_codes._digest(user, "0101010111111111")
    row.save()

    assert accept(user, "OiOl-oIoL-1111-1111") == code_set


def test_used_code_is_noted_told_and_refused_the_second_time():
    user = make_user()
    code_set, codes = make_recovery_codes(user)

    with heard(signals.recovery_code_used) as told:
        first, second = accept(user, codes[0]), accept(user, codes[0])

    code_set.refresh_from_db()
    assert (first, second) == (code_set, None)
    assert [each["left"] for each in told] == [policy.RECOVERY_CODES - 1]
    assert code_set.used_at is not None
    assert queries.recovery_codes_left(user) == policy.RECOVERY_CODES - 1


def test_code_of_somebody_else_is_refused():
    _set, codes = make_recovery_codes(make_user())
    user = make_user()
    make_recovery_codes(user)

    assert accept(user, codes[0]) is None
    assert RecoveryCode.objects.filter(used_at__isnull=False).count() == 0


def test_code_of_a_set_that_is_not_in_use_is_refused():
    user = make_user()
    _set, codes = make_recovery_codes(user, confirmed=False)

    assert accept(user, codes[0]) is None
    assert recovery_codes.is_one(user, codes[0]) is False


@pytest.mark.parametrize("typed", ["", "-", "0", "\x00", "\ud800", "0" * 10_000])
def test_what_is_no_code_is_refused(typed):
    user = make_user()
    make_recovery_codes(user, codes=3)

    assert accept(user, typed) is None
    assert accept(None, typed) is None


def test_trying_out_uses_nothing_up():
    user = make_user()
    _set, codes = make_recovery_codes(user)

    assert recovery_codes.is_one(user, codes[0]) is True
    assert recovery_codes.is_one(user, "0" * 16) is False
    assert queries.recovery_codes_left(user) == policy.RECOVERY_CODES


@pytest.mark.parametrize("codes", [0, 1, 10])
def test_as_many_digests_are_computed_for_everybody(codes, monkeypatch):
    user = make_user()
    make_recovery_codes(user, codes=codes)
    compared = []
    real = hmac.compare_digest
    monkeypatch.setattr(hmac, "compare_digest", lambda *pair: compared.append(pair) or real(*pair))

    accept(user, "0" * 16)
    of_user, compared[:] = len(compared), []
    accept(None, "0" * 16)

    assert of_user == len(compared) == policy.RECOVERY_CODES


def test_nobody_costs_the_same_statements(django_assert_num_queries):
    user = make_user()
    make_recovery_codes(user)

    with django_assert_num_queries(1):
        accept(user, "0" * 16)
    with django_assert_num_queries(1):
        accept(None, "0" * 16)


@pytest.mark.django_db(transaction=True)
def test_one_code_posted_many_times_at_once_is_accepted_once():
    user = make_user()
    code_set, codes = make_recovery_codes(user)

    with heard(signals.recovery_code_used) as told:
        results = run_at_once(8, lambda _number: accept(user, codes[0]))

    assert results.count(code_set) == 1
    assert results.count(None) == 7
    assert len(told) == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("has_former", [False, True])
def test_one_form_posted_twice_at_once_makes_one_set(has_former):
    user = make_user()
    seen = make_recovery_codes(user)[0].pk if has_former else None

    results = run_at_once(4, lambda _number: make(User.objects.get(), replaces=seen))

    refused = [result for result in results if isinstance(result, Exception)]
    assert {type(error) for error in refused} == {errors.AccountChanged}
    assert len(refused) == 3
    assert RecoveryCodeSet.objects.in_use().count() == 1
    assert RecoveryCode.objects.count() == policy.RECOVERY_CODES
