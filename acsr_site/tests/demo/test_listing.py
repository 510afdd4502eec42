import pytest
from django.test import Client
from django.utils import timezone

from accounts.enums import PasswordCause
from accounts.models import RecoveryCodeSet, User
from accounts.services import passwords, recovery_codes
from accounts.tests.factories import make_client, make_user
from acsr_site.demo import people

NEW_PASSWORD = "Bright-window-9-hill"


def test_maria_comes_first_and_staff_last(loaded):
    listed = people()

    assert listed[0]["name"] == "Maria Rossi"
    assert [bool(person["role"]) for person in listed] == [False] * 15 + [True] * 7


def test_a_changed_password_is_no_longer_shown(loaded):
    maria = User.objects.get(first_name="Maria")
    prepared = passwords.prepare(maria, NEW_PASSWORD)
    passwords.store(maria, prepared, cause=PasswordCause.RECOVERY, client=make_client())

    listed = people()

    assert [person["name"] for person in listed if not person["password"]] == ["Maria Rossi"]


def test_before_loading_there_is_nobody(db):
    make_user()

    assert people() == []


def test_the_list_costs_the_same_however_many_there_are(loaded, django_assert_num_queries):
    with django_assert_num_queries(4):
        people()


@pytest.mark.urls("acsr_site.tests.demo_urls")
def test_the_page_shows_password_and_app_code(loaded):
    priya = next(person for person in people() if person["name"] == "Priya Raman")

    page = Client(headers={"host": "127.0.0.1:8000"}).get("/dev/").text

    assert page.count("<h2>Staff</h2>") == 1
    assert f">{priya['password']}<" in page
    assert f">{priya['app_code']}<" in page


def test_the_printed_code_that_is_shown_is_one_that_is_left(loaded):
    wei = next(person for person in people() if person["name"] == "Wei Chen")
    user = User.objects.get(first_name="Wei")

    assert recovery_codes.is_one(user, wei["printed"])


def test_a_printed_code_that_was_used_gives_way_to_the_next(loaded):
    user = User.objects.get(first_name="Wei")
    shown = next(person["printed"] for person in people() if person["name"] == "Wei Chen")
    recovery_codes.accept(user, shown, client=make_client(), now=timezone.now())

    following = next(person["printed"] for person in people() if person["name"] == "Wei Chen")

    assert following not in ("", shown)
    assert recovery_codes.is_one(user, following)


def test_codes_of_a_new_sheet_are_not_shown(loaded):
    user = User.objects.get(first_name="Wei")
    former = RecoveryCodeSet.objects.get(user=user)
    recovery_codes.make(user, replaces=former.pk, client=make_client())

    assert [person["printed"] for person in people() if person["name"] == "Wei Chen"] == [""]
