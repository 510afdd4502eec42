"""Who is meant, and what is on file."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import normalise, queries
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


def find(identifier):
    return queries.find_account(identifier, timezone.now())


@pytest.mark.parametrize(
    "typed",
    ["maria@example.org", " Maria@EXAMPLE.org", "M-4711", "m-4711", "+33 6 12 34 56 78"],
)
def test_account_is_found_by_each_of_its_names(typed):
    maria = make_user(email="maria@example.org", phone="+33612345678", external_id="m-4711")
    make_user()

    assert find(typed) == maria


@pytest.mark.parametrize("typed", ["", "nobody@example.org", "maria", "4711", "\u0430", "x" * 254])
def test_other_texts_name_nobody(typed):
    make_user(email="maria@example.org", external_id="m-4711")

    assert find(typed) is None


def test_secondary_contact_names_nobody():
    make_contact(make_user(), "other@example.net")

    assert find("other@example.net") is None


def test_suspended_primary_names_nobody():
    maria = make_user(email="maria@example.org")
    maria.contacts.update(suspended_at=timezone.now())

    assert find("maria@example.org") is None


@pytest.mark.parametrize(("days", "is_found"), [(29, True), (31, False)])
def test_removed_primary_names_its_account_for_thirty_days(days, is_found):
    maria = make_user(email="maria@example.org")
    maria.contacts.update(removed_at=timezone.now() - timedelta(days=days))

    assert (find("maria@example.org") == maria) == is_found


def test_present_primary_goes_before_a_removed_one():
    former = make_user(email="maria@example.org")
    former.contacts.update(removed_at=timezone.now() - timedelta(days=1))
    present = make_user(email="maria@example.org")

    assert find("maria@example.org") == present


@pytest.mark.parametrize(("days", "is_found"), [(29, True), (31, False)])
def test_former_primary_names_its_account_for_thirty_days(days, is_found):
    maria = make_user(email="maria@example.org")
    make_contact(maria, "old@example.org", demoted_at=timezone.now() - timedelta(days=days))

    assert (find("old@example.org") == maria) == is_found
    assert find("maria@example.org") == maria


def test_former_primary_that_was_removed_names_its_account_as_long():
    maria = make_user(email="maria@example.org")
    now = timezone.now()
    make_contact(maria, "old@example.org", demoted_at=now - timedelta(days=29), removed_at=now)
    make_contact(maria, "older@example.org", demoted_at=now - timedelta(days=31), removed_at=now)

    assert find("old@example.org") == maria
    assert find("older@example.org") is None


def test_present_primary_goes_before_a_former_one():
    make_contact(make_user(), "maria@example.org", demoted_at=timezone.now())
    present = make_user(email="maria@example.org")

    assert find("maria@example.org") == present


def test_user_name_goes_before_a_former_primary():
    make_contact(make_user(), "maria@example.org", demoted_at=timezone.now())
    present = make_user(email=None, external_id="maria@example.org")

    assert find("maria@example.org") == present


def test_former_primary_of_two_accounts_names_neither():
    for _ in range(2):
        make_contact(make_user(), "maria@example.org", demoted_at=timezone.now())

    assert find("maria@example.org") is None


def test_suspended_former_primary_names_nobody():
    now = timezone.now()
    make_contact(make_user(), "maria@example.org", demoted_at=now, suspended_at=now)

    assert find("maria@example.org") is None


def test_name_of_two_accounts_names_neither():
    make_user(email="maria@example.org")
    make_user(external_id="maria@example.org")

    assert find("maria@example.org") is None


def test_inactive_account_is_given_to_the_caller():
    maria = make_user(email="maria@example.org", is_active=False)

    assert find("maria@example.org") == maria


@pytest.mark.parametrize(
    "typed",
    ["maria@example.org", "old@example.org", "nobody@example.org", "no address", ""],
)
def test_finding_is_one_query_for_everybody(typed, django_assert_num_queries):
    maria = make_user(email="maria@example.org")
    make_contact(maria, "old@example.org", demoted_at=timezone.now())

    with django_assert_num_queries(1):
        find(typed)


def test_contact_is_matched_by_its_key_and_given_as_stored():
    maria = make_user(email="Maria@example.org")

    assert queries.match_contact(maria, "MARIA@example.org ").value == "Maria@example.org"


def test_contacts_that_are_off_file_or_of_others_do_not_match():
    maria = make_user(email="maria@example.org")
    make_contact(maria, "gone@example.net", removed_at=timezone.now())
    make_contact(maria, "doubt@example.net", suspended_at=timezone.now())
    make_user(email="jonas@example.org")

    found = [
        queries.match_contact(maria, typed)
        for typed in ("gone@example.net", "doubt@example.net", "jonas@example.org")
    ]

    assert found == [None, None, None]


def test_look_alike_matches_nothing():
    maria = make_user(email="maria@example.org")

    assert queries.match_contact(maria, "m\u0430ria@example.org") is None


@pytest.mark.parametrize("typed", ["maria@example.org", "nobody@example.org", "no address", ""])
@pytest.mark.parametrize("is_known", [True, False])
def test_matching_is_one_query_with_and_without_account(typed, is_known, django_assert_num_queries):
    maria = make_user(email="maria@example.org")

    with django_assert_num_queries(1):
        queries.match_contact(maria if is_known else None, typed)


def test_mailbox_gets_the_names_of_all_accounts_that_hold_it():
    make_contact(make_user(email="maria@example.org"), "shared@example.net")
    make_contact(make_user(email=None, external_id="m-4711"), "shared@example.net")
    make_contact(make_user(), "shared@example.net", removed_at=timezone.now())

    names = queries.names_of_accounts(normalise.email("shared@example.net"))

    assert names == ["m-4711", "maria@example.org"]


def test_names_cost_the_same_for_none_and_one_and_three(django_assert_num_queries):
    for number in range(3):
        make_contact(make_user(), f"one{number}@example.net")
        make_contact(make_user(), "shared@example.net")

    for address, count in [("shared", 3), ("one1", 1), ("nobody", 0)]:
        with django_assert_num_queries(1):
            names = queries.names_of_accounts(normalise.email(f"{address}@example.net"))
        assert len(names) == count


@pytest.mark.parametrize("make", [make_totp, make_passkey, make_code_device])
def test_every_second_step_in_use_turns_two_step_on(make):
    maria = make_user()
    assert not queries.has_second_step(maria)

    make(maria)

    assert queries.has_second_step(maria)


def test_printed_codes_alone_turn_nothing_on():
    maria = make_user()
    make_recovery_codes(maria)

    assert not queries.has_second_step(maria)


def test_an_app_that_is_being_set_up_is_no_second_step():
    maria = make_user()
    make_totp(maria, confirmed=False, made_at=None)

    assert not queries.has_second_step(maria)


def test_a_second_step_of_somebody_else_turns_nothing_on():
    make_totp(make_user())

    assert not queries.has_second_step(make_user())


def test_two_step_was_on_until_the_last_step_was_removed():
    maria, now = make_user(), timezone.now()
    make_totp(
        maria, confirmed=False, made_at=now - timedelta(days=20), removed_at=now - timedelta(days=2)
    )

    def was_on(days):
        condition = queries.uses_second_step(maria.pk, now - timedelta(days=days))
        return User.objects.filter(condition, pk=maria.pk).exists()

    assert [was_on(days) for days in (21, 19, 3, 1)] == [False, True, True, False]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("maria@example.org", "m•••a@example.org"),
        ("al@example.org", "a•••@example.org"),
        ("jdoe", "j•••"),
        ("jdoe2011", "j•••"),
        ("+33612345612", "+33\N{NO-BREAK SPACE}••\N{NO-BREAK SPACE}12"),
    ],
)
def test_masked_address_shows_its_ends(value, shown):
    assert queries.mask(value) == shown
