from datetime import date

import pytest

from accounts.models import FormerProfile, ProfileFact
from accounts.services import profiles
from accounts.tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def maria():
    return make_user(first_name="Maria", last_name="Nowak", birth_date=date(1990, 12, 31))


@pytest.mark.parametrize(
    "typed", ["AB-123 456", "ab123456", " AB\u2013123\u00a0456 ", "\uff21\uff22123456"]
)
def test_fact_is_found_however_it_is_written(maria, typed):
    profiles.set_facts(maria, {"student": "AB-123-456"})

    assert profiles.compare_fact(maria, "student", typed) is True


def test_other_value_and_another_persons_value_do_not_fit(maria):
    other = make_user()
    profiles.set_facts(maria, {"student": "AB-123"})
    profiles.set_facts(other, {"student": "XY-789"})

    assert profiles.compare_fact(maria, "student", "XY-789") is False
    assert profiles.compare_fact(maria, "student", "") is False


def test_row_of_another_account_does_not_fit_when_it_is_copied(maria):
    other = make_user()
    profiles.set_facts(other, {"student": "XY-789"})
    ProfileFact.objects.update(user=maria)

    assert profiles.compare_fact(maria, "student", "XY-789") is False


def test_missing_fact_is_nothing_to_compare(maria, django_assert_num_queries):
    profiles.set_facts(maria, {"student": "AB-123"})

    with django_assert_num_queries(1):
        assert profiles.compare_fact(maria, "card", "AB-123") is None
    with django_assert_num_queries(1):
        assert profiles.compare_fact(None, "student", "AB-123") is None


def test_table_holds_no_fact_in_clear(maria):
    profiles.set_facts(maria, {"student": "AB-123-456"})

    stored = ProfileFact.objects.get().digest.casefold()
    assert "ab123456" not in stored
    assert "ab-123-456" not in stored


def test_fact_is_replaced_and_others_stay(maria):
    profiles.set_facts(maria, {"student": "AB-123", "card": "7"})

    changed = profiles.set_facts(maria, {"student": "CD-456", "card": "7"})

    assert changed == ["student"]
    assert profiles.compare_fact(maria, "student", "CD-456") is True
    assert profiles.compare_fact(maria, "student", "AB-123") is False
    assert profiles.compare_fact(maria, "card", "7") is True


def test_change_keeps_what_was_there(maria):
    changed = profiles.change(
        maria, first_name="Maria", last_name="Kowalska", birth_date=date(1991, 1, 1)
    )

    maria.refresh_from_db()
    kept = sorted(FormerProfile.objects.values_list("user", "field", "value"))
    assert changed == ["last_name", "birth_date"]
    assert (maria.last_name, maria.birth_date) == ("Kowalska", date(1991, 1, 1))
    assert kept == [(maria.pk, "birth_date", "1990-12-31"), (maria.pk, "last_name", "Nowak")]


def test_change_of_nothing_writes_nothing(maria):
    assert profiles.change(maria, last_name="Nowak") == []
    assert FormerProfile.objects.count() == 0


def test_value_that_was_empty_and_one_that_nobody_is_asked_are_not_kept(maria):
    profiles.change(maria, country="DE", language="de")

    assert FormerProfile.objects.count() == 0


def test_stale_reading_does_not_hide_the_value_before(maria):
    stale = type(maria).objects.get(pk=maria.pk)
    profiles.change(maria, last_name="Kowalska")

    profiles.change(stale, last_name="Nowak")

    kept = FormerProfile.objects.order_by("pk")
    assert [row.value for row in kept] == ["Nowak", "Kowalska"]
    assert stale.last_name == "Nowak"
