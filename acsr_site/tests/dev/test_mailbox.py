import json
import stat

import pytest

from acsr_site.dev import mailbox


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.DATA_DIR = tmp_path


def make_letter(**changes):
    facts = {
        "id": mailbox.new_id(),
        "channel": mailbox.MAIL,
        "kind": "recovery.code",
        "sender": "accounts@127.0.0.1",
        "to": ["maria@example.org"],
        "subject": "Your code",
        "text": "Hello\n\n4807-1935\n",
        "html": "",
        "at": 1_700_000_000.0,
    }
    return mailbox.Letter(**facts | changes)


def write_text_message(name, text, at):
    written = {"to": "+4915100000042", "text": text, "kind": "accounts.code", "at": at}
    (mailbox.folder(mailbox.SMS) / name).write_text(json.dumps(written), encoding="utf-8")


def test_what_is_kept_is_found_again():
    letter = make_letter()

    mailbox.keep(letter)

    assert mailbox.find(letter.id) == letter


def test_only_the_owner_of_the_demo_reads_a_mail():
    mailbox.keep(make_letter())

    (path,) = mailbox.folder().glob("*.json")
    assert (stat.S_IMODE(path.stat().st_mode), stat.S_IMODE(path.parent.stat().st_mode)) == (
        0o600,
        0o700,
    )


def test_mails_and_text_messages_stand_together_newest_first():
    mailbox.keep(make_letter(subject="old", at=1_700_000_000.0))
    mailbox.keep(make_letter(subject="new", at=1_700_000_020.0))
    write_text_message("20231114T221330-5.json", "731904 is your code", "2023-11-14T22:13:30+00:00")

    assert [letter.subject for letter in mailbox.newest()] == ["new", "", "old"]


def test_the_code_of_a_text_message_is_a_word_of_its_line():
    write_text_message("20231114T221330-5.json", "731904 is your code", "2023-11-14T22:13:30+00:00")

    assert mailbox.newest()[0].code == "731904"


def test_a_text_message_that_is_still_being_written_is_not_shown():
    write_text_message(".20231114T221330-5.json", "731904", "2023-11-14T22:13:30+00:00")

    assert mailbox.newest() == []


@pytest.mark.parametrize("text", ["You may call 4807-1935 now", "Order 731904 is here"])
def test_a_number_in_a_sentence_of_a_mail_is_no_code(text):
    assert make_letter(text=text).code == ""


@pytest.mark.parametrize("name", ["../demo", "../../etc/passwd", "", "x", "closed"])
def test_a_name_leads_to_no_other_file(name):
    (mailbox.folder().parent / "demo.json").write_text("{}", encoding="ascii")

    assert mailbox.find(name) is None
