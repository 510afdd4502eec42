"""The demo's mail server: a real SMTP conversation that ends in the demo's mailbox."""

import asyncio
import signal
import time
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default as modern
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

from acsr_site.dev import mailbox

BUSY = "421 4.3.2 The mail server is out of order for a while"
NO_MAILBOX = "550 5.1.1 mailbox does not exist"
SIZE_LIMIT = 2 * 1024 * 1024  # bytes


def broken_until_path() -> Path:
    """Give the file that holds, as epoch seconds, until when the server is out of order."""
    return mailbox.folder() / "broken-until"


def closed_path() -> Path:
    """Give the file that lists, one a line, addresses whose mailbox is closed."""
    return mailbox.folder() / "closed.txt"


def break_for(seconds: int) -> None:
    """Make the server refuse everything for that long."""
    broken_until_path().write_text(str(time.time() + seconds), encoding="ascii")


def broken_seconds() -> int:
    """Give for how many seconds the server stays out of order, 0 when it works."""
    try:
        until = float(broken_until_path().read_text(encoding="ascii"))
    except (FileNotFoundError, ValueError):
        return 0
    return max(0, round(until - time.time()))


class Handler:
    """Answers of the server, step by step of one SMTP conversation."""

    async def handle_MAIL(  # noqa: N802 - the name is aiosmtpd's
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Accept any sender, unless the server is out of order."""
        if broken_seconds():
            return BUSY
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(  # noqa: N802 - the name is aiosmtpd's
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Refuse closed mailboxes for good; every other address exists."""
        if address.lower() in _closed_addresses():
            return NO_MAILBOX
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - the name is aiosmtpd's
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Put the message into the mailbox, then answer for it."""
        mailbox.keep(_letter(envelope))
        return "250 OK: in the demo mailbox"


async def serve(host: str, port: int) -> None:
    """Serve until SIGTERM or Ctrl-C."""
    loop = asyncio.get_running_loop()
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    server = await loop.create_server(
        lambda: SMTP(Handler(), data_size_limit=SIZE_LIMIT, loop=loop), host, port
    )
    async with server:
        await stopped.wait()


def _closed_addresses() -> set[str]:
    try:
        return set(closed_path().read_text(encoding="utf-8").lower().split())
    except FileNotFoundError:
        return set()


def _letter(envelope: Envelope) -> mailbox.Letter:
    message = message_from_bytes(envelope.original_content or b"", policy=modern)
    return mailbox.Letter(
        id=mailbox.new_id(),
        channel=mailbox.MAIL,
        kind=str(message.get("X-Message-Kind", "")),
        sender=envelope.mail_from or "",
        to=list(envelope.rcpt_tos),
        subject=str(message.get("Subject", "")),
        text=_part(message, "plain"),
        html=_part(message, "html"),
        at=time.time(),
    )


def _part(message: EmailMessage, subtype: str) -> str:
    part = message.get_body(preferencelist=(subtype,))
    return part.get_content() if part is not None else ""
