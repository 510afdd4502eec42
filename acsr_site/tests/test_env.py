import subprocess
import sys

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from acsr_site import env
from recovery import questions

KEY = "a-key-for-tests-that-is-long-enough-0123456789-abcdefghij"
BROKEN = {
    "PORT": "abc",
    "SITE_URL": "account.example.org",
    "TIME_ZONE": "Nowhere",
    "TRUSTED_PROXY_COUNT": "-1",
    "DATABASE_URL": "foo://bar",
    "EMAIL_URL": "mail.example.org",
    "RECOVERY_MODE": "suggest",
    "EVIDENCE_QUESTIONS": "name,shoe_size",
    "EVIDENCE_FACTS": "Member number",
}


@pytest.mark.parametrize(("name", "value"), BROKEN.items())
def test_a_broken_variable_is_answered_in_one_sentence(name, value, tmp_path):
    answer = _check(tmp_path, **{name: value})

    assert answer.returncode == 1
    assert answer.stderr.startswith("Not configured: ")
    assert "Traceback" not in answer.stderr


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").touch()

    answer = _check(tmp_path, DATA_DIR=str(tmp_path / "file" / "data"))

    assert answer.stderr.startswith(f"Not configured: DATA_DIR: {tmp_path}/file/data cannot")


def test_a_password_in_a_broken_url_is_not_printed(tmp_path):
    answer = _check(tmp_path, SITE_URL="me:hunter2-secret@example.org")

    assert answer.returncode == 1
    assert "hunter2" not in answer.stderr


def test_what_is_well_configured_starts(tmp_path):
    answer = _check(
        tmp_path,
        PORT="8100",
        TIME_ZONE="Europe/Berlin",
        RECOVERY_MODE="observe",
        EVIDENCE_QUESTIONS="places, passwords",
        EVIDENCE_FACTS="member_number=Member number",
        NO_RESET_GROUPS="Finance",
        ONE_PERSON_FOR_LOW_RISK="true",
    )

    assert answer.returncode == 0


def test_questions_that_can_be_chosen_are_those_there_are():
    assert tuple(question.code for question in questions.ALL) == env.QUESTIONS


def test_spaces_after_commas_are_no_part_of_a_word(monkeypatch):
    monkeypatch.setenv("EVIDENCE_QUESTIONS", "places, passwords")

    assert env.words("EVIDENCE_QUESTIONS", of=env.QUESTIONS) == ["places", "passwords"]


@pytest.mark.parametrize(
    "given",
    [
        "staff_number",  # no question
        "staff_number=",
        "=Staff number",
        "Staff number=Staff number",
        "a_name_that_is_long=Too long for a grade",
        "staff_number=Staff number,staff_number=Once more",
    ],
)
def test_facts_are_refused_that_no_grade_could_name(monkeypatch, given):
    monkeypatch.setenv("EVIDENCE_FACTS", given)

    with pytest.raises(ImproperlyConfigured, match="EVIDENCE_FACTS: "):
        env.pairs("EVIDENCE_FACTS")


def test_longest_name_of_a_fact_fits_a_grade_uncut(monkeypatch, settings):
    name = "a" * 15
    monkeypatch.setenv("EVIDENCE_FACTS", f"{name}=Member number")
    settings.EVIDENCE_FACTS = env.pairs("EVIDENCE_FACTS")

    assert questions.facts() == {name: "Member number"}
    assert questions.fact_code(name) == f"fact:{name}"


def _check(folder, **environment):
    base = {"PATH": "/usr/bin:/bin", "SECRET_KEY": KEY, "DATA_DIR": str(folder)}
    return subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=settings.BASE_DIR,
        env=base | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
