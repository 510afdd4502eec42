import json
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher, PBKDF2PasswordHasher, check_password
from django.utils import timezone

from accounts.models import Contact, ImportedWork, User
from accounts.services import passwords
from accounts.services.import_rows import read_csv, read_json_lines
from accounts.services.importing import BATCH, import_rows
from accounts.tests.factories import make_contact, make_user
from outbox.models import Message

MARIA = {"email": "Maria@Example.org", "external_id": "M-1"}

pytestmark = pytest.mark.django_db


def run(*rows: dict, **options):
    """Import rows as lines 1, 2, 3 ..."""
    lines = [json.dumps(row) for row in rows]
    return import_rows(read_json_lines(lines), **options)


def reasons(report):
    assert report.created == 0
    return report.refused


def test_whole_row_becomes_an_account():
    report = run(
        MARIA
        | {
            "phone": "+49 30 901820",
            "password": "Copper-lantern-7-river",
            "first_name": "Maria",
            "last_name": "Rossi",
            "birth_date": "1990-12-31",
            "country": "de",
            "postal_code": "10115",
            "created_at": "2020-05-01T12:00:00Z",
            "language": "en",
            "time_zone": "Europe/Berlin",
            "protected": True,
            "is_active": False,
            "contacts": [
                {"kind": "email", "value": "m@example.net", "verified_at": "2021-01-01T00:00:00Z"},
                {"kind": "phone", "value": "+49 30 901821"},
            ],
        }
    )

    user = User.objects.get()
    assert (report.created, report.unchanged, report.refused) == (1, 0, [])
    assert (user.external_id, str(user), str(user.birth_date)) == (
        "m-1",
        "Maria Rossi",
        "1990-12-31",
    )
    assert (user.country, user.postal_code, user.time_zone) == ("DE", "10115", "Europe/Berlin")
    assert (user.is_protected, user.is_active, user.is_staff) == (True, False, False)
    assert user.created_at == datetime(2020, 5, 1, 12, tzinfo=UTC)
    assert passwords.check(user, "Copper-lantern-7-river") is True
    contacts = Contact.objects.order_by("pk").values_list("value", "signs_in", "verified_at__year")
    assert list(contacts) == [
        ("Maria@example.org", True, 2020),
        ("+4930901820", True, 2020),
        ("m@example.net", False, 2021),
        ("+4930901821", False, None),
    ]


def test_contacts_count_from_the_sign_up_or_seven_days_after():
    run(
        MARIA
        | {
            "created_at": "2020-05-01T12:00:00+00:00",
            "contacts": [
                {"kind": "email", "value": "a@example.net", "verified_at": "2020-05-02T11:00:00Z"},
                {"kind": "email", "value": "b@example.net", "verified_at": "2020-05-02T13:00:00Z"},
                {"kind": "email", "value": "c@example.net"},
            ],
        }
    )

    assert dict(Contact.objects.values_list("value", "counts_from")) == {
        "Maria@example.org": datetime(2020, 5, 1, 12, tzinfo=UTC),
        "a@example.net": datetime(2020, 5, 2, 11, tzinfo=UTC),
        "b@example.net": datetime(2020, 5, 9, 13, tzinfo=UTC),
        "c@example.net": None,
    }


def test_listed_primary_only_dates_it():
    verified_at = "2024-01-01T00:00:00Z"
    primary = {"kind": "email", "value": "maria@example.org", "verified_at": verified_at}

    run(MARIA | {"created_at": "2020-01-01", "contacts": [primary]})

    contact = Contact.objects.get()
    assert (contact.value, contact.signs_in) == ("Maria@example.org", True)
    assert contact.counts_from == datetime(2024, 1, 8, tzinfo=UTC)


def test_account_without_password_gets_one_by_recovery_only():
    run(MARIA)

    assert User.objects.get().has_usable_password() is False


@pytest.mark.parametrize("hasher", [PBKDF2PasswordHasher, MD5PasswordHasher])
def test_django_hash_is_wrapped_and_still_opens(hasher):
    old = hasher().encode("Old-site-password", "saltsalt")

    run(MARIA | {"password_hash": old})

    user = User.objects.get()
    assert user.password.startswith("wrapped$")
    assert old.rpartition("$")[2] not in user.password
    assert check_password("Old-site-password", user.password) is True
    assert check_password("old-site-password", user.password) is False


def test_cost_of_imported_hashes_is_recorded():
    run(MARIA | {"password_hash": PBKDF2PasswordHasher().encode("x", "saltsalt", 700)})

    assert list(ImportedWork.objects.values_list("algorithm", "work")) == [("pbkdf2_sha256", 700)]


def test_twice_changes_nothing():
    rows = [MARIA | {"password": "a"}, {"email": "b@example.org"}, {"phone": "+4930901820"}]
    run(*rows)
    before = list(User.objects.order_by("pk").values())

    report = run(*rows)

    assert (report.created, report.unchanged, report.refused) == (0, 3, [])
    assert list(User.objects.order_by("pk").values()) == before


def test_account_that_changed_its_address_here_is_known_by_its_external_id():
    user = make_user(email="new@example.org", external_id="m-1")

    report = run(MARIA | {"first_name": "Other"})

    user.refresh_from_db()
    assert (report.unchanged, user.first_name) == (1, "")


def test_dry_run_checks_everything_and_writes_nothing():
    report = run(MARIA, {"email": "broken"}, MARIA, is_dry_run=True)

    assert (report.created, len(report.refused)) == (1, 2)
    assert User.objects.count() == 0


def test_it_writes_to_nobody():
    run(MARIA | {"contacts": [{"kind": "email", "value": "m@example.net"}]})

    assert Message.objects.count() == 0


def test_more_rows_than_a_batch_are_all_taken():
    report = run(*({"email": f"p{number}@example.org"} for number in range(BATCH + 1)))

    assert (report.created, User.objects.count()) == (BATCH + 1, BATCH + 1)


def test_address_of_another_account_is_refused_in_every_spelling():
    make_user(email="maria@example.org")

    assert reasons(run(MARIA)) == [(1, "the email address belongs to another account")]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"external_id": "m-1", "email": "x@example.org"}, "the same external_id as line 1"),
        ({"email": "maria@EXAMPLE.org"}, "the same email address as line 1"),
        ({"email": "x@example.org", "phone": "+4930901820"}, "the same phone address as line 1"),
    ],
)
def test_identifier_of_an_earlier_line_is_refused(row, reason):
    report = run(MARIA | {"phone": "+4930901820"}, row)

    assert (report.created, report.refused) == (1, [(2, reason)])


def test_row_that_joins_two_accounts_is_refused():
    make_user(email="maria@example.org")
    make_user(email=None, external_id="m-1")

    report = run(MARIA)

    assert (len(report.refused), report.unchanged) == (1, 0)


def test_contact_that_does_not_sign_in_may_be_shared():
    make_contact(make_user(), "maria@example.org")

    assert run(MARIA).created == 1


NOT_A_TIME = "not a time such as 2024-05-01T12:00:00Z"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"email": "a@b"}, "email: not an address we can write to"),
        ({"email": "a@example.org\r\nBcc: x@example.org"}, "email: not an address we can write to"),
        ({"email": ["a@example.org"]}, "email: not an address we can write to"),
        ({"phone": "030 1234"}, "phone: not an address we can write to"),
        (
            {"external_id": "other@example.org"},
            "external_id: reads as an address that is not the row's own e-mail",
        ),
        ({"external_id": {}}, "external_id: not text"),
        ({"first_name": "x" * 151}, "first_name: longer than 150 characters"),
        ({"last_name": "a\x00b"}, "last_name: a line break or control character"),
        ({"external_id": "a\nb"}, "external_id: a line break or control character"),
        ({"last_name": "\ud800"}, "not UTF-8"),
        ({"birth_date": "31.12.1990"}, "birth_date: not a date such as 1990-12-31"),
        ({"country": "Germany"}, "country: not a code we know"),
        ({"language": "../../etc"}, "language: not a code we know"),
        ({"time_zone": "Mars/Base"}, "time_zone: not a name such as Europe/Berlin"),
        ({"created_at": "yesterday"}, f"created_at: {NOT_A_TIME}"),
        ({"created_at": "2999-01-01"}, "created_at: in the future"),
        ({"created_at": "0001-01-01T00:00:00+23:00"}, f"created_at: {NOT_A_TIME}"),
        ({"is_active": "perhaps"}, "is_active: neither true nor false"),
        ({"contacts": "["}, "contacts: not JSON"),
        ({"contacts": ["a@example.net"]}, "contacts: not a list of objects"),
        ({"contacts": [{"kind": "fax"}]}, "contacts: kind is email or phone"),
        (
            {"contacts": [{"kind": "email", "value": "a@example.net"}] * 2},
            "contacts: the same address twice",
        ),
        ({"password": "a", "password_hash": "b"}, "password and password_hash: give one of them"),
        ({"password_hash": "d41d8cd9"}, "password_hash: the algorithm is not supported"),
        (
            {"password_hash": f"pbkdf2_sha256$2000001$salt${'A' * 43}="},
            "password_hash: its cost is beyond the limit",
        ),
    ],
)
def test_bad_row_is_refused_with_its_reason(change, reason):
    report = run(MARIA | change, {"email": "good@example.org"})

    assert (report.created, report.refused) == (1, [(1, reason)])


def test_row_that_names_nobody_is_refused():
    assert reasons(run({"first_name": "Maria"})) == [
        (1, "one of email, external_id and phone is needed")
    ]


def test_lines_that_are_no_rows_are_refused_with_their_number():
    lines = ["", "{", "[]", '{"email": "a@example.org"}', "[" * 100_000]

    report = import_rows(read_json_lines(lines))

    assert report.refused == [(2, "not JSON"), (3, "not a JSON object"), (5, "not JSON")]
    assert report.created == 1


def test_csv_counts_lines_of_the_file():
    file = """mail,external_id,contacts,is_active
a@example.org,1,"[{""kind"": ""phone"", ""value"": ""+4930901820""}]",no
b@example.org,2,"[
]",
c@example.org,4,,yes,too much
d@,5,,
"""
    lines = file.splitlines(keepends=True)

    report = import_rows(read_csv(lines), names={"email": "mail"})

    assert report.refused == [
        (5, "more cells than columns"),
        (6, "email: not an address we can write to"),
    ]
    assert [user.is_active for user in User.objects.order_by("external_id")] == [False, True]


def test_future_verification_is_refused():
    at = (timezone.now() + timedelta(minutes=1)).isoformat()
    contact = {"kind": "email", "value": "a@example.net", "verified_at": at}

    assert reasons(run(MARIA | {"contacts": [contact]})) == [(1, "verified_at: in the future")]
