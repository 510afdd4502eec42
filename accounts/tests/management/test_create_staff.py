import io

import pytest
from django.contrib.auth.hashers import check_password
from django.core.management import CommandError, call_command

from accounts.models import TotpDevice, User
from accounts.tests.factories import PASSWORD

pytestmark = pytest.mark.django_db


def run(*options: str) -> str:
    out = io.StringIO()
    call_command("create_staff", *options, stdout=out)
    return out.getvalue()


def say(monkeypatch, text: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(text))


def test_password_from_standard_input_and_a_drawn_qr_code(monkeypatch):
    say(monkeypatch, f"{PASSWORD}\n")

    out = run("lena@example.org", "--role", "reviewer", "--first-name", "Lena", "--password-stdin")

    assert out.startswith("Lena is now reviewer.\n")
    assert f"secret={TotpDevice.objects.get().seed}" in out
    assert "▀" in out or "█" in out
    assert PASSWORD not in out
    assert check_password(PASSWORD, User.objects.get().password) is True


def test_generated_password_is_printed_and_works():
    out = run("lena@example.org", "--role", "superuser", "--generate")

    password = out.partition("Password (shown once): ")[2].partition("\n")[0]
    assert check_password(password, User.objects.get().password) is True


def test_second_run_changes_the_role_alone():
    run("lena@example.org", "--role", "reviewer", "--first-name", "Lena", "--generate")
    before = User.objects.get().password

    out = run("lena@example.org", "--role", "auditor")

    assert out.splitlines() == [
        "Lena has the role auditor.",
        "The authenticator app stays as it is (--new-app replaces it).",
    ]
    assert User.objects.get().password == before


def test_weak_password_is_refused_with_what_it_lacks(monkeypatch):
    say(monkeypatch, "Lena-12345-xyz\n")

    with pytest.raises(CommandError, match="without your name"):
        run("lena@example.org", "--role", "viewer", "--password-stdin")

    assert User.objects.count() == 0


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ((), "No terminal to ask on"),
        (("--password-stdin",), "Nothing came on the standard input"),
    ],
)
def test_missing_password_is_told(monkeypatch, options, error):
    say(monkeypatch, "")

    with pytest.raises(CommandError, match=error):
        run("lena@example.org", "--role", "viewer", *options)


def test_broken_address_is_told():
    with pytest.raises(CommandError, match="lena@ is not an e-mail address"):
        run("lena@", "--role", "viewer", "--generate")


def test_password_is_asked_for_twice_on_a_terminal(monkeypatch):
    answers = iter([PASSWORD, "Another-lantern-7-x"])
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr(
        "accounts.management.commands.create_staff.getpass", lambda prompt: next(answers)
    )

    with pytest.raises(CommandError, match="not the same"):
        run("lena@example.org", "--role", "viewer")
