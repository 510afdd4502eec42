"""A real SMTP server that keeps what it is given, and that can be switched off and on."""

import re
import socket
import time
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default as modern

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

CODE = re.compile(r"^(\d{4}-\d{4})$", re.MULTILINE)
LINK = re.compile(r"^(https?://\S+)$", re.MULTILINE)
PATIENCE = 40  # seconds; the ladder of a code whose server was down begins with 15


class Mailbox:
    """Every mailbox in the world, on one port of this machine."""

    def __init__(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self.letters: list[EmailMessage] = []
        self._controller: Controller | None = None

    def start(self) -> None:
        """Listen, on the port that workers were told."""
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)
        self._controller.start()

    def stop(self) -> None:
        """Be gone: connections are refused."""
        if self._controller:
            self._controller.stop()
            self._controller = None

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """Keep one letter."""
        self.letters.append(message_from_bytes(envelope.original_content or b"", policy=modern))
        return "250 OK"

    def newest(self, to: str, kind: str) -> EmailMessage:
        """Wait for a letter of this kind to this address and give the newest one."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            found = self.all(to, kind)
            if found:
                return found[-1]
            time.sleep(0.1)
        kinds = [(letter["To"], letter["X-Message-Kind"]) for letter in self.letters]
        raise AssertionError(f"no {kind} for {to}; there are {kinds}")

    def nth(self, number: int, to: str, kind: str) -> EmailMessage:
        """Wait for one more letter of this kind than ``number``, and give it."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            found = self.all(to, kind)
            if len(found) > number:
                return found[number]
            time.sleep(0.1)
        raise AssertionError(f"no more than {number} of {kind} for {to}")

    def all(self, to: str, kind: str) -> list[EmailMessage]:
        """Give the letters of this kind to this address, oldest first."""
        return [
            letter
            for letter in list(self.letters)
            if letter["To"] == to and letter["X-Message-Kind"] == kind
        ]

    def about(self, words: str, to: str, kind: str) -> EmailMessage:
        """Wait for a letter of this kind whose subject has these words."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            for letter in self.all(to, kind):
                if words in str(letter["Subject"]):
                    return letter
            time.sleep(0.1)
        subjects = [str(letter["Subject"]) for letter in self.all(to, kind)]
        raise AssertionError(f"no {kind} about {words} for {to}; there are {subjects}")


def text_of(letter: EmailMessage) -> str:
    """Give the text part."""
    part = letter.get_body(preferencelist=("plain",))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def words_of(letter: EmailMessage) -> str:
    """Give the text part as one line, however long its lines are."""
    return " ".join(text_of(letter).split())


def code_in(letter: EmailMessage) -> str:
    """Give the code that stands alone on its line."""
    (code,) = CODE.findall(text_of(letter))
    return str(code)


def link_in(letter: EmailMessage) -> str:
    """Give the first link that stands alone on its line."""
    return str(LINK.findall(text_of(letter))[0])
