import re
import smtplib

import pytest
from django.utils import timezone

from outbox import errors, policy
from outbox.channels import email
from outbox.channels.base import Rendered
from outbox.tests.conftest import DROP
from outbox.tests.factories import ADDRESS, make_message

pytestmark = pytest.mark.django_db

LETTER = Rendered(subject="Hello", text="Text\n", html="<p>Text</p>\n")


def send(message):
    return email.send(message, LETTER, timezone.now())


def test_one_mail_goes_to_one_person_in_two_parts(mail_server):
    send(make_message())

    [mail] = mail_server.mails
    assert mail_server.recipients == [[ADDRESS]]
    assert mail.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    assert mail_server.text() == "Text\n"


def test_headers_say_what_it_is_and_that_nobody_should_answer(mail_server, settings):
    settings.DEFAULT_FROM_EMAIL = "Northlight <accounts@northlight.example>"

    send(make_message(language="en"))

    [mail] = mail_server.mails
    assert mail["From"] == "Northlight <accounts@northlight.example>"
    assert mail["To"] == ADDRESS
    assert mail["Subject"] == "Hello"
    assert mail["X-Message-Kind"] == "activity.account_changed"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Content-Language"] == "en"
    assert mail["Date"].datetime.tzinfo is not None
    assert re.fullmatch(r"<[0-9a-f]{32}@northlight\.example>", mail["Message-ID"])


def test_every_try_of_a_message_has_the_same_message_id_and_another_message_another(mail_server):
    first, second = make_message(), make_message()

    for message in (first, first, second):
        send(message)

    ids = [mail["Message-ID"] for mail in mail_server.mails]
    assert ids[0] == ids[1] != ids[2]


@pytest.mark.parametrize(
    ("step", "answer", "expected"),
    [
        ("RCPT", "421 4.3.2 Shutting down", errors.AskedToWait),
        ("RCPT", "450 4.2.0 Greylisted", errors.AskedToWait),
        ("RCPT", "452 4.2.2 Mailbox full", errors.AskedToWait),
        ("RCPT", "550 5.1.1 No such user", errors.MailboxUnknown),
        ("RCPT", "550 No such user here", errors.MailboxUnknown),
        ("RCPT", "553 Mailbox name not allowed", errors.MailboxUnknown),
        ("RCPT", "550 5.1.2 Host unknown", errors.DomainUnknown),
        ("RCPT", "556 5.1.10 Null MX", errors.DomainUnknown),
        ("RCPT", "552 5.2.2 Over quota", errors.MailboxFull),
        ("RCPT", "554 5.7.1 Blocked by policy", errors.RecipientRefused),
        ("RCPT", "554 5.7.1 Relay access denied", errors.SenderRefused),
        ("RCPT", "530 5.7.0 Authentication required", errors.SenderRefused),
        ("MAIL", "451 4.7.1 Slow down", errors.AskedToWait),
        ("MAIL", "550 5.7.1 Sender not allowed", errors.SenderRefused),
        ("DATA", "451 4.3.0 Try again", errors.AskedToWait),
        ("DATA", "452 4.3.1 Out of storage", errors.AskedToWait),
        ("DATA", "554 5.7.1 Looks like junk", errors.MessageRefused),
        ("DATA", "552 5.2.2 Over quota", errors.MailboxFull),
        ("DATA", "550 5.1.1 No such user", errors.MailboxUnknown),
        ("RCPT", DROP, errors.ServerDropped),
        ("DATA", DROP, errors.ServerDropped),
    ],
)
def test_each_answer_has_its_class(mail_server, step, answer, expected):
    mail_server.answers[step] = answer

    with pytest.raises(expected) as caught:
        send(make_message())

    assert type(caught.value) is expected
    assert mail_server.mails == []


def test_a_connection_that_breaks_after_the_mail_was_taken_does_not_make_it_lost(mail_server):
    mail_server.answers["QUIT"] = DROP

    send(make_message())

    assert len(mail_server.mails) == 1


def test_a_server_that_does_not_answer_in_time_is_unreachable(mail_server, settings):
    settings.EMAIL_TIMEOUT = 0.2
    mail_server.answers["DATA"] = 1.0

    with pytest.raises(errors.ServerUnreachable):
        send(make_message())


def test_no_server_is_a_reason_to_wait(no_mail_server):
    with pytest.raises(errors.ServerUnreachable) as caught:
        send(make_message())

    assert caught.value.reply == "ConnectionRefusedError"


def test_wrong_credentials_are_the_operators_fault_and_lose_no_mail(mail_server, settings):
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "portal", "wrong"

    with pytest.raises(errors.SenderRefused):
        send(make_message())


def test_a_server_without_encryption_where_it_is_asked_for_is_refused(mail_server, settings):
    settings.EMAIL_USE_TLS = True

    with pytest.raises(errors.SenderRefused):
        send(make_message())

    assert mail_server.mails == []


def test_the_reply_is_kept_without_the_address(mail_server):
    mail_server.answers["RCPT"] = f"550 5.1.1 <{ADDRESS}>: user maria unknown"

    with pytest.raises(errors.MailboxUnknown) as caught:
        send(make_message())

    assert caught.value.reply == "550 5.1.1 <<address>>: user <address> unknown"
    assert caught.value.__cause__ is None  # smtplib's own error quotes the address


def test_the_lease_is_longer_than_the_slowest_conversation(settings):
    assert policy.LEASE.total_seconds() > policy.SMTP_WAITS * settings.EMAIL_TIMEOUT


def test_smtplib_errors_are_what_this_module_thinks_they_are():
    assert issubclass(smtplib.SMTPException, OSError)


def test_other_programs_see_the_kind_without_its_variant(mail_server):
    send(make_message(kind="recovery.notice:opened", secrets={"link": "https://example.org/x/"}))

    [mail] = mail_server.mails
    assert mail["X-Message-Kind"] == "recovery.notice"
