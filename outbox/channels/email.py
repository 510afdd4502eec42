"""E-mail through Django's back-end, one recipient a message.

One recipient, so that nothing can be accepted for one and refused for another, and no person
sees whom else we write to.
"""

import re
import smtplib
from contextlib import suppress
from datetime import datetime
from email.utils import format_datetime, parseaddr

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection

from outbox import errors
from outbox.channels.base import Rendered, clean_reply
from outbox.models import Message
from vault import digests

ENHANCED_CODE = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")  # RFC 3463
PERMANENT = 500
# RFC 4954: the server wants credentials, or other ones.
AUTHENTICATION_CODES = {530, 534, 535, 538}
MAILBOX_CODES = {550, 551, 553}  # RFC 5321 4.2.3
STORAGE_CODE = 552
ABOUT_US = re.compile(r"relay|authenticat|not permitted|sender", re.IGNORECASE)


def send(message: Message, rendered: Rendered, now: datetime) -> str:
    """Hand over one message and give the server's answer, "" where it gave none we can see.

    Raises NotDelivered in the class that says whether to try again.
    """
    mail = _build(message, rendered, now)
    connection = get_connection()
    try:
        connection.open()
        # Open already, so that the back-end does not close it: a connection lost while we say
        # good-bye must not look like a message that was lost.
        connection.send_messages([mail])
    except (smtplib.SMTPException, OSError) as error:
        raise _refusal(error, message.address) from None
    finally:
        with suppress(smtplib.SMTPException, OSError):
            connection.close()
    return ""


def message_id(message: Message) -> str:
    """Give the same Message-ID at every try, by which servers recognise a duplicate."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    # Without the digest the numbers would tell how many messages this site sends.
    digest = digests.keyed(str(message.pk), purpose="outbox.message_id").partition("$")[2]
    return f"<{digest[:32]}@{domain}>"


def _build(message: Message, rendered: Rendered, now: datetime) -> EmailMultiAlternatives:
    mail = EmailMultiAlternatives(
        subject=rendered.subject,
        body=rendered.text,
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[message.address],
        headers={
            "Message-ID": message_id(message),
            "Date": format_datetime(now),
            "X-Message-Kind": message.public_kind,
            "Content-Language": message.language,
            # RFC 3834: no holiday answers, which would tell a stranger that somebody is away.
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "All",
        },
    )
    if rendered.html is not None:
        mail.attach_alternative(rendered.html, "text/html")
    return mail


def _refusal(error: Exception, address: str) -> errors.NotDelivered:
    """Say in our words what went wrong, and at which step of the conversation."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        refused = next(iter(error.recipients.values()), (PERMANENT, b""))
        return _class_of_recipient(*refused)(_reply(*refused, address))
    if isinstance(error, smtplib.SMTPResponseException):
        code, reply = error.smtp_code, error.smtp_error
        return _class_of_answer(error, code, reply)(_reply(code, reply, address))
    if isinstance(error, smtplib.SMTPServerDisconnected):
        # smtplib says the same of a server that hung up and of one that said nothing in time.
        if isinstance(error.__context__, TimeoutError):
            return errors.ServerUnreachable("TimeoutError")
        return errors.ServerDropped(clean_reply(str(error), address))
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return errors.SenderRefused(clean_reply(str(error), address))
    return errors.ServerUnreachable(type(error).__name__)


def _class_of_recipient(code: int, reply: str | bytes) -> type[errors.NotDelivered]:
    """Read the answer to RCPT, which is about the person - or about us, where we may not relay."""
    if code < PERMANENT:
        return errors.AskedToWait
    subject = _enhanced(reply)
    if subject in {(1, 2), (1, 10), (4, 4)}:  # RFC 3463 3.2, RFC 7505 4: no such host, null MX
        return errors.DomainUnknown
    if subject == (2, 2) or code == STORAGE_CODE:
        return errors.MailboxFull
    is_about_mailbox = subject is not None and subject[0] in {1, 2}
    if code in AUTHENTICATION_CODES or (not is_about_mailbox and ABOUT_US.search(_text(reply))):
        return errors.SenderRefused
    if is_about_mailbox or (subject is None and code in MAILBOX_CODES):
        return errors.MailboxUnknown
    return errors.RecipientRefused


def _class_of_answer(
    error: smtplib.SMTPResponseException, code: int, reply: str | bytes
) -> type[errors.NotDelivered]:
    """Read an answer to any other step than RCPT."""
    if isinstance(error, smtplib.SMTPDataError) and code >= PERMANENT:
        if code in AUTHENTICATION_CODES:
            return errors.SenderRefused
        if _enhanced(reply) == (2, 2):
            return errors.MailboxFull
        is_unknown = _enhanced(reply) in {(1, 1), (1, 6), (2, 1)}
        return errors.MailboxUnknown if is_unknown else errors.MessageRefused
    if code >= PERMANENT:
        return errors.SenderRefused
    # smtplib says -1 where the connection broke or the greeting made no sense.
    return errors.ServerDropped if code < 0 else errors.AskedToWait


def _enhanced(reply: str | bytes) -> tuple[int, int] | None:
    """Give subject and detail of a permanent enhanced code: (1, 1) for 5.1.1."""
    found = ENHANCED_CODE.search(_text(reply))
    return (int(found[2]), int(found[3])) if found and found[1] == "5" else None


def _reply(code: int, reply: str | bytes, address: str) -> str:
    return clean_reply(f"{code} {_text(reply)}", address)


def _text(reply: str | bytes) -> str:
    return reply.decode("utf-8", "replace") if isinstance(reply, bytes) else reply
