import json
from datetime import date

import pytest

from accounts import signals
from accounts.models import Contact, FormerProfile, ProfileFact, User
from accounts.services import profiles
from accounts.services.import_rows import read_csv, read_json_lines
from accounts.services.importing import import_rows
from accounts.tests.factories import make_user
from accounts.tests.heard import heard

ROW = {"email": "maria@example.org"}

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _facts(settings):
    settings.EVIDENCE_FACTS = ["student=Your student number", "card=Your card"]


def run(*rows: dict, **options):
    return import_rows(read_json_lines([json.dumps(row) for row in rows]), **options)


@pytest.fixture
def maria():
    return make_user(
        email="maria@example.org",
        external_id="m-1",
        first_name="Maria",
        last_name="Nowak",
        birth_date=date(1990, 12, 31),
    )


def test_facts_of_a_new_account_are_kept_as_digests_alone():
    report = run(ROW | {"facts": {"student": "AB-123", "card": 77, "none": None}})

    user = User.objects.get()
    assert report.created == 1
    assert profiles.compare_fact(user, "student", "ab 123") is True
    assert profiles.compare_fact(user, "card", "77") is True
    assert [row for row in ProfileFact.objects.all() if row.digest == "123"] == []


def test_facts_are_columns_of_a_csv_file():
    import_rows(read_csv(["email,fact:student,no\n", "maria@example.org,AB-123,7\n"]))
    import_rows(read_csv(["email,no\n", "jan@example.org,CD-456\n"]), names={"fact:student": "no"})

    contacts = Contact.objects.order_by("pk")
    found = {
        contact.value: profiles.compare_fact(contact.user, "student", number)
        for contact, number in zip(contacts, ("AB-123", "CD-456"), strict=True)
    }
    assert found == {"maria@example.org": True, "jan@example.org": True}


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"shoe": "42"}, "facts: one that EVIDENCE_FACTS does not ask about"),
        ({"student": "--"}, "facts: one without a letter or digit"),
        ({"student": ["AB"]}, "facts: not text"),
        ({"student": True}, "facts: not text"),
        ({"student": "x" * 201}, "facts: longer than 200 characters"),
        ("AB-123", "facts: not an object"),
        (["AB-123"], "facts: not an object"),
    ],
)
def test_broken_facts_refuse_their_row(facts, reason):
    report = run(ROW | {"facts": facts})

    assert report.refused == [(1, reason)]
    assert User.objects.count() == 0


def test_without_update_an_account_that_is_here_stays_as_it_is(maria):
    report = run(ROW | {"external_id": "m-1", "last_name": "X", "facts": {"student": "1"}})

    maria.refresh_from_db()
    assert (report.updated, report.unchanged) == (0, 1)
    assert (maria.last_name, ProfileFact.objects.count()) == ("Nowak", 0)


@pytest.mark.parametrize("named", [ROW, {"external_id": "M-1"}, ROW | {"external_id": "M-1"}])
def test_update_changes_profile_and_facts_and_keeps_what_was(maria, named):
    report = run(named | {"last_name": "Rossi", "facts": {"student": "AB"}}, is_update=True)

    maria.refresh_from_db()
    assert (report.created, report.updated, report.refused) == (0, 1, [])
    assert (maria.first_name, maria.last_name) == ("Maria", "Rossi")
    assert [(row.field, row.value) for row in FormerProfile.objects.all()] == [
        ("last_name", "Nowak")
    ]
    assert profiles.compare_fact(maria, "student", "AB") is True


def test_second_run_of_an_update_changes_nothing(maria):
    row = ROW | {"last_name": "Rossi", "facts": {"student": "AB"}}
    run(row, is_update=True)

    report = run(row, is_update=True)

    assert (report.updated, report.unchanged) == (0, 1)
    assert FormerProfile.objects.count() == 1


def test_dry_run_of_an_update_counts_and_changes_nothing(maria):
    row = ROW | {"facts": {"student": "AB"}}

    report = run(row, is_update=True, is_dry_run=True)

    assert (report.updated, ProfileFact.objects.count()) == (1, 0)


def test_update_touches_neither_addresses_nor_password_nor_standing(maria):
    User.objects.filter(pk=maria.pk).update(is_protected=True)
    before = User.objects.values().get()
    contacts = list(Contact.objects.values())

    report = run(
        {
            "external_id": "m-1",
            "email": "thief@example.net",
            "phone": "+4930901820",
            "password": "Thiefs-own-1-stone",
            "contacts": [{"kind": "email", "value": "thief2@example.net"}],
            "protected": False,
            "is_active": False,
        },
        is_update=True,
    )

    assert report.updated == 0
    assert User.objects.values().get() == before
    assert list(Contact.objects.values()) == contacts


def test_update_may_protect_an_account(maria):
    report = run(ROW | {"protected": True}, is_update=True)

    maria.refresh_from_db()
    assert (report.updated, maria.is_protected) == (1, True)


def test_row_whose_names_belong_to_two_accounts_updates_neither(maria):
    make_user(email="jan@example.org", external_id="j-1")

    report = run({"external_id": "j-1", **ROW, "last_name": "X"}, is_update=True)

    assert report.refused == [(1, "the email address belongs to another account")]
    assert not User.objects.filter(last_name="X").exists()


def test_update_is_in_the_audit_chain(maria):
    with heard(signals.staff_acted) as acts:
        run(ROW | {"last_name": "Rossi"}, is_update=True)

    assert [act["reason"] for act in acts] == ["0 created, 1 updated, 0 refused"]
