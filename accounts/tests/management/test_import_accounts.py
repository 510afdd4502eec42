import io

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User

pytestmark = pytest.mark.django_db


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def run(tmp_path):
    """Import a file of that name and content; gives (output, errors)."""

    def call(name: str, content: bytes, *options: str, out=None) -> tuple[str, str]:
        file, out, errors = tmp_path / name, out or io.StringIO(), io.StringIO()
        file.write_bytes(content)
        try:
            call_command("import_accounts", str(file), *options, stdout=out, stderr=errors)
        except CommandError as error:
            errors.write(str(error))
        return out.getvalue(), errors.getvalue()

    return call


def test_json_lines_are_told_by_the_name_of_the_file(run):
    assert run("people.jsonl", b'{"email": "a@example.org"}\n') == (
        "1 created, 0 here already, 0 refused.\n",
        "",
    )


def test_csv_with_a_byte_order_mark_and_mapped_columns(run):
    content = "\ufeffmail,first_name\na@example.org,Zoë\n".encode()

    run("people.csv", content, "--map", "email=mail")

    assert [str(user) for user in User.objects.all()] == ["Zoë"]


def test_format_option_wins_over_the_name(run):
    out, _errors = run("people.txt", b"email\na@example.org\n", "--format", "csv")

    assert out == "1 created, 0 here already, 0 refused.\n"


def test_bad_rows_are_told_with_their_line_and_fail_the_command(run):
    out, errors = run("people.csv", b"email\nbroken\nb@example.org\n\xff@example.org\n")

    assert out == "1 created, 0 here already, 2 refused.\n"
    assert errors.splitlines() == [
        "line 2: email: not an address we can write to",
        "line 4: not UTF-8",
        "Some rows were not taken over.",
    ]


def test_dry_run_says_so_and_changes_nothing(run):
    out, _errors = run("people.csv", b"email\na@example.org\n", "--dry-run")

    assert out == "1 created, 0 here already, 0 refused (dry run).\n"
    assert User.objects.count() == 0


def test_progress_is_drawn_on_a_terminal_only(run):
    rows = b'{"email": "a@example.org"}\n{"email": "b@example.org"}\n'

    on_terminal, _errors = run("people.jsonl", rows, out=Terminal())
    elsewhere, _errors = run("people.jsonl", rows)

    assert "[####################                    ]  50 %" in on_terminal
    assert "100 %" in on_terminal
    assert "%" not in elsewhere


@pytest.mark.parametrize(
    ("name", "options", "error"),
    [
        ("people.xlsx", (), "people.xlsx: say --format jsonl or --format csv."),
        (
            "people.csv",
            ("--map", "mail"),
            "--map mail: FIELD=COLUMN, where FIELD is one of the fields.",
        ),
        (
            "people.csv",
            ("--map", "is_superuser=admin"),
            "--map is_superuser=admin: FIELD=COLUMN, where FIELD is one of the fields.",
        ),
    ],
)
def test_wrong_use_is_told(run, name, options, error):
    assert run(name, b"email\n", *options) == ("", error)


def test_file_that_is_not_there_is_told():
    with pytest.raises(CommandError, match=r"nowhere\.csv: No such file"):
        call_command("import_accounts", "nowhere.csv")
