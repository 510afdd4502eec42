"""What ``manage.py check`` says of the people who decide."""

import pytest

from accounts.tests.factories import make_user
from recovery import checks
from recovery.tests.staff import REVIEWER, make_staff

pytestmark = pytest.mark.django_db


def ids(**fields):
    return [m.id for m in checks.warn_of_too_few_people(None, databases=["default"], **fields)]


def test_empty_portal_misses_nobody():
    assert ids() == []


def test_too_few_people_are_told_of():
    make_user()
    assert ids() == ["recovery.W002", "recovery.W003"]
    for _ in range(2):
        make_staff(*REVIEWER)
    assert ids() == ["recovery.W002", "recovery.W003"]

    make_staff()

    assert ids() == ["recovery.W003"]


def test_two_superusers_are_enough_for_everything():
    for _ in range(2):
        make_staff(is_superuser=True)

    assert ids() == []


def test_databases_that_are_not_asked_for_are_left_alone():
    make_user()

    assert checks.warn_of_too_few_people(None, databases=None) == []


def test_one_person_is_warned_of(settings):
    assert checks.warn_of_one_person(None) == []
    settings.ONE_PERSON_FOR_LOW_RISK = True

    assert [message.id for message in checks.warn_of_one_person(None)] == ["recovery.W001"]
