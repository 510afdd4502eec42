import smtplib
from email.message import EmailMessage

import pytest
from aiosmtpd.controller import Controller

from acsr_site.dev import mail_server, mailbox
from acsr_site.tests.ports import free_port


@pytest.fixture
def smtp(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    port = free_port()
    server = Controller(mail_server.Handler(), hostname="127.0.0.1", port=port)
    server.start()
    try:
        with smtplib.SMTP("127.0.0.1", port, timeout=5) as client:
            yield client
    finally:
        server.stop()


def make_mail(to="maria@example.org"):
    mail = EmailMessage()
    mail["From"], mail["To"] = "accounts@127.0.0.1", to
    mail["Subject"] = "Dein Code für Northlight"
    mail["X-Message-Kind"] = "recovery.code"
    mail.set_content("Hello\n\n4807-1935\n\nhttp://127.0.0.1:8000/acsr/\n")
    mail.add_alternative("<p>4807-1935</p>", subtype="html")
    return mail


def test_a_mail_arrives_whole(smtp):
    smtp.send_message(make_mail())

    (letter,) = mailbox.newest()
    assert (letter.channel, letter.kind, letter.to) == (
        "mail",
        "recovery.code",
        ["maria@example.org"],
    )
    assert (letter.subject, letter.code) == ("Dein Code für Northlight", "4807-1935")
    assert letter.links == ["http://127.0.0.1:8000/acsr/"]
    assert letter.html.strip() == "<p>4807-1935</p>"


def test_a_closed_mailbox_is_refused_for_good(smtp):
    mail_server.closed_path().write_text("Jonas@corp.example\n", encoding="utf-8")

    with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        smtp.send_message(make_mail(to="jonas@corp.example"))

    assert refused.value.recipients == {
        "jonas@corp.example": (550, b"5.1.1 mailbox does not exist")
    }
    assert mailbox.newest() == []


def test_a_broken_server_asks_to_come_back(smtp):
    mail_server.break_for(120)

    with pytest.raises(smtplib.SMTPSenderRefused) as refused:
        smtp.send_message(make_mail())

    assert refused.value.smtp_code == 421
    assert mailbox.newest() == []


def test_a_broken_server_mends_itself(smtp):
    mail_server.break_for(-1)

    smtp.send_message(make_mail())

    assert len(mailbox.newest()) == 1
