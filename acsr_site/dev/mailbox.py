"""The demo's mailbox: a folder with one JSON file a message."""

import json
import re
import secrets
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings

MAIL = "mail"
SMS = "sms"
SHOWN = 60  # messages on the page
# A code stands alone on its line, and so does a link (design.md section 5); a text message
# has only one line, so there the code is a word of its own.
CODE_LINE = re.compile(r"^\s*(\d{4}-\d{4}|\d{6})\s*$", re.MULTILINE)
CODE_WORD = re.compile(r"\b(\d{4}-\d{4}|\d{6})\b")
LINK_LINE = re.compile(r"^\s*(https?://\S+)\s*$", re.MULTILINE)
MESSAGE_ID = re.compile(r"[0-9]{8}[0-9T]+-[0-9a-f-]+")


@dataclass(frozen=True)
class Letter:
    """One message as it arrived.

    id: the file's name; it begins with a time, so that names sort by it.
    channel: ``mail`` or ``sms``; kind: what the portal calls it (X-Message-Kind).
    at: seconds since the epoch.
    """

    id: str
    channel: str
    kind: str
    sender: str
    to: list[str]
    subject: str
    text: str
    html: str
    at: float

    @property
    def arrived_at(self) -> datetime:
        """The instant it arrived."""
        return datetime.fromtimestamp(self.at, UTC)

    @property
    def code(self) -> str:
        """The one-time code it carries, "" without one."""
        found = (CODE_LINE if self.channel == MAIL else CODE_WORD).search(self.text)
        return found.group(1) if found else ""

    @property
    def links(self) -> list[str]:
        """The links that stand alone on a line."""
        return LINK_LINE.findall(self.text)


def folder(channel: str = MAIL) -> Path:
    """Give the folder of the mailbox, made when it is missing."""
    path = Path(settings.DATA_DIR) / channel
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def new_id() -> str:
    """Give a name for a mail that arrives now."""
    return f"{time.time_ns()}-{secrets.token_hex(4)}"


def keep(letter: Letter) -> None:
    """Write the mail so that a reader sees all of it or nothing, and nobody else anything."""
    path = folder() / f"{letter.id}.json"
    unfinished = path.with_suffix(".part")
    unfinished.touch(mode=0o600)
    unfinished.write_text(json.dumps(asdict(letter)), encoding="utf-8")
    unfinished.rename(path)


def newest(limit: int = SHOWN) -> list[Letter]:
    """Give the newest messages of both channels, newest first."""
    letters = [_read(path) for channel in (MAIL, SMS) for path in _newest_files(channel, limit)]
    return sorted(letters, key=lambda letter: letter.at, reverse=True)[:limit]


def find(letter_id: str) -> Letter | None:
    """Give one message, None when there is none of this name."""
    if MESSAGE_ID.fullmatch(letter_id):
        for channel in (MAIL, SMS):
            path = folder(channel) / f"{letter_id}.json"
            if path.exists():
                return _read(path)
    return None


def _newest_files(channel: str, limit: int) -> list[Path]:
    # A name that begins with a dot is still being written (outbox/channels/sms.py).
    whole = (path for path in folder(channel).glob("*.json") if not path.name.startswith("."))
    return sorted(whole, key=lambda path: path.name, reverse=True)[:limit]


def _read(path: Path) -> Letter:
    written = json.loads(path.read_text(encoding="utf-8"))
    if path.parent.name == MAIL:
        return Letter(**written)
    return Letter(
        id=path.stem,
        channel=SMS,
        kind=written["kind"],
        sender=settings.SITE_NAME,
        to=[written["to"]],
        subject="",
        text=written["text"],
        html="",
        at=datetime.fromisoformat(written["at"]).timestamp(),
    )
