"""The report counts what the outlook of each account says."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from accounts.tests.factories import make_recovery_codes, make_totp, make_user
from recovery import coverage
from recovery.recoverability import outlook_of

NOW = timezone.now()


@pytest.fixture
def people(db):
    """Give a mailbox alone, an app beside it, an app with codes, staff, and nothing that counts."""
    mail = make_user(email="mail@example.org")
    app = make_user(email="app@example.org")
    make_totp(app)
    codes = make_user(email="codes@example.org")
    make_totp(codes)
    make_recovery_codes(codes)
    staff = make_user(email="staff@example.org", is_staff=True)
    nothing = make_user(email="nothing@example.org")
    nothing.contacts.update(suspended_at=NOW)
    return mail, app, codes, staff, nothing


def test_each_account_is_counted_by_what_its_owner_would_be_told(people):
    found = coverage.count(NOW)

    told = [outlook_of(user) for user in people]
    assert found.accounts == 5
    assert found.levels == {
        level: [each.level for each in told].count(level) for level in {e.level for e in told}
    }
    lost = [outlook.lost for each in told for outlook in each.outlooks]
    assert {name: counts.total() for name, counts in found.returns.items()} == {
        name: lost.count(name) for name in set(lost)
    }


def test_ways_back_after_a_forgotten_password(people):
    found = coverage.count(NOW)

    assert dict(found.returns["your password"]) == {
        coverage.AT_ONCE: 3,  # the mailbox; and with an app beside it
        coverage.PEOPLE_AND_PROOF: 1,  # protected, and no second step
        coverage.PEOPLE_ALONE: 1,
    }
    assert found.ways["people"] == 1
    assert (found.with_two_step, found.protected, found.unreachable) == (2, 1, 1)


def test_accounts_that_are_switched_off_are_not_counted(people):
    people[0].is_active = False
    people[0].save()

    assert coverage.count(NOW).accounts == 4


@pytest.mark.parametrize("extra", [0, 20])
def test_table_is_read_in_batches_not_account_by_account(
    people, extra, django_assert_max_num_queries
):
    for number in range(extra):
        make_totp(make_user(email=f"more{number}@example.org"))

    with django_assert_max_num_queries(8):
        coverage.count(NOW)


def test_what_does_not_count_yet_brings_nobody_back(db):
    young = make_user(email="young@example.org")
    young.contacts.update(counts_from=NOW + timedelta(days=3))

    assert coverage.count(NOW).ways == {"people": 1}


def test_report_is_json_or_tables_and_names_nobody(people):
    as_json, as_tables = StringIO(), StringIO()

    call_command("recoverability_report", json=True, stdout=as_json)
    call_command("recoverability_report", stdout=as_tables)

    assert json.loads(as_json.getvalue()) == coverage.count(NOW).as_json()
    assert "5 active accounts; 2 with two-step verification" in as_tables.getvalue()
    assert "@" not in as_json.getvalue() + as_tables.getvalue()


def test_history_that_could_not_reach_the_bar_is_counted_where_asked(people):
    found = coverage.count(NOW, with_history=True)

    assert found.thin == 5  # nobody ever signed in
    assert coverage.count(NOW).thin is None
