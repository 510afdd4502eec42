import threading
from datetime import timedelta

import pytest
from django.contrib.auth import hashers
from django.contrib.auth.hashers import PBKDF2PasswordHasher, make_password
from django.db import transaction
from django.utils import timezone

from accounts import errors, imported_hashes, policy
from accounts.enums import PasswordCause
from accounts.hashers import WrappedPasswordHasher
from accounts.models import FormerPassword, ImportedWork
from accounts.services import passwords
from accounts.services.passwords import FormerMatch
from accounts.tests.factories import PASSWORD, make_client, make_user

NOW = timezone.now()
NO = FormerMatch(is_match=False)

pytestmark = pytest.mark.django_db


def make_former(user, raw: str, *, days_ago: int, **fields) -> FormerPassword:
    replaced_at = NOW - timedelta(days=days_ago)
    values = {"encoded": make_password(raw), "replaced_at": replaced_at}
    return FormerPassword.objects.create(user=user, **(values | fields))


def yes(days_ago: int) -> FormerMatch:
    return FormerMatch(is_match=True, year=(NOW - timedelta(days=days_ago)).year)


@pytest.fixture
def verified(monkeypatch):
    """Record which passwords were verified."""
    calls = []
    own = hashers.verify_password

    def record(password, *arguments, **options):
        calls.append(password)
        return own(password, *arguments, **options)

    monkeypatch.setattr(hashers, "verify_password", record)
    return calls


def test_earlier_password_is_told_with_the_year_of_its_end():
    user = make_user()
    make_former(user, "Old-one-1-stone", days_ago=200)

    found = passwords.compare_former(user, ["Old-one-1-stone", "Never-mine-2"], as_of=NOW)

    assert found == (yes(200), NO)


def test_present_password_is_no_earlier_one():
    user = make_user()

    assert passwords.compare_former(user, [PASSWORD], as_of=NOW) == (NO,)


def test_only_the_youngest_hashes_are_compared():
    user = make_user()
    raws = [f"Old-one-{number}-stone" for number in range(policy.FORMER_COMPARED + 1)]
    for number, raw in enumerate(raws):
        make_former(user, raw, days_ago=200 - number)

    found = passwords.compare_former(user, [raws[0], raws[1]], as_of=NOW)

    assert found == (NO, yes(199))


def test_password_that_was_set_since_the_trusted_moment_is_no_history():
    # A thief sets one password and then another: the first is a former one by now.
    user = make_user()
    make_former(user, "Owners-own-1-stone", days_ago=9)
    make_former(user, "Thiefs-own-2-stone", days_ago=3)
    typed = ["Thiefs-own-2-stone", "Owners-own-1-stone"]

    found = passwords.compare_former(user, typed, as_of=NOW - timedelta(days=9, minutes=1))

    assert found == (NO, yes(9))


def test_thief_who_set_the_first_password_of_an_account_gains_no_history():
    user = make_user(password=None)
    before = timezone.now() - timedelta(minutes=1)
    for raw in ("Thiefs-own-1-stone", "Thiefs-own-2-stone"):
        prepared = passwords.prepare(user, raw)
        with transaction.atomic():
            passwords.store(user, prepared, cause=PasswordCause.CHANGE, client=make_client())

    found = passwords.compare_former(user, ["Thiefs-own-1-stone"], as_of=before)
    later = passwords.compare_former(user, ["Thiefs-own-1-stone"], as_of=timezone.now())

    assert found == (NO,)
    assert later[0].is_match is True


def test_many_passwords_of_a_thief_do_not_push_the_owners_out():
    user = make_user()
    make_former(user, "Owners-own-1-stone", days_ago=9)
    for number in range(policy.FORMER_COMPARED):
        make_former(user, f"Thiefs-own-{number}-stone", days_ago=8 - number)

    found = passwords.compare_former(
        user, ["Owners-own-1-stone"], as_of=NOW - timedelta(days=9, minutes=1)
    )

    assert found == (yes(9),)


def test_same_password_typed_twice_counts_once():
    user = make_user()
    make_former(user, "Old-one-1-stone", days_ago=200)

    found = passwords.compare_former(user, ["Old-one-1-stone"] * 2, as_of=NOW)

    assert found == (yes(200), NO)


def test_of_more_passwords_than_two_the_others_are_not_looked_at(verified):
    user = make_user()
    make_former(user, "Old-one-1-stone", days_ago=200)

    found = passwords.compare_former(user, ["Wrong-1", "Wrong-2", "Old-one-1-stone"], as_of=NOW)

    assert found == (NO, NO)
    assert len(verified) == policy.FORMER_TYPED * policy.FORMER_COMPARED


def test_empty_text_fits_nothing():
    user = make_user()
    make_former(user, "", days_ago=200)

    assert passwords.compare_former(user, [""], as_of=NOW) == (NO,)


def test_imported_hash_is_compared_too():
    user = make_user()
    wrapped = WrappedPasswordHasher().wrap(PBKDF2PasswordHasher().encode("old-site", "salt", 10))
    make_former(user, "", days_ago=200, encoded=wrapped)

    assert passwords.compare_former(user, ["old-site"], as_of=NOW) == (yes(200),)


@pytest.mark.parametrize("typed", [[], ["one"], ["one", "two"]])
@pytest.mark.parametrize("former", [None, 0, 1, 5])
def test_whoever_asks_about_whom_six_hashes_are_verified(
    verified, typed, former, django_assert_num_queries
):
    user = None if former is None else make_user()
    for number in range(former or 0):
        make_former(user, f"Old-one-{number}-stone", days_ago=200 - number)

    with django_assert_num_queries(2):
        found = passwords.compare_former(user, typed, as_of=NOW)

    assert len(verified) == 6
    assert found == (NO,) * len(typed)


def test_every_comparison_spends_what_the_dearest_imported_hash_costs(monkeypatch):
    spent = []
    monkeypatch.setattr(imported_hashes, "spend", lambda *call: spent.append(call))
    ImportedWork.objects.create(algorithm="pbkdf2_sha256", work=1000)

    passwords.compare_former(None, ["one"], as_of=NOW)

    assert spent == [("pbkdf2_sha256", 1000)] * 6


def test_second_comparison_waits_for_the_first(monkeypatch):
    monkeypatch.setattr(policy, "FORMER_COMPARISON_WAIT", timedelta(milliseconds=10))
    is_held, may_end = threading.Event(), threading.Event()

    def hold() -> None:
        with passwords._former_gate:
            is_held.set()
            may_end.wait(10)

    thread = threading.Thread(target=hold)
    thread.start()
    is_held.wait(10)

    with pytest.raises(errors.HashingBusy):
        passwords.compare_former(None, ["one"], as_of=NOW)

    may_end.set()
    thread.join()
    assert passwords.compare_former(None, ["one"], as_of=NOW) == (NO,)


def test_password_that_a_report_ended_is_no_memory_of_the_owner():
    """Whoever was reported knows it: with it he would answer the questions of his next claim."""
    user = make_user()
    with transaction.atomic():
        passwords.spend(user, client=make_client())
    prepared = passwords.prepare(user, "Quite-another-1-stone")
    with transaction.atomic():
        passwords.store(user, prepared, cause=PasswordCause.CHANGE, client=make_client())

    later = timezone.now() + timedelta(days=60)
    assert passwords.compare_former(user, [PASSWORD], as_of=later) == (NO,)
    with pytest.raises(errors.PasswordRefused):
        passwords.prepare(user, PASSWORD)
