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
LETTER_ID = re.compile(r"[0-9]{16,20}-[0-9a-f]{8}")


@dataclass(frozen=True)
class Letter:
    """One message as it arrived.

    id: nanoseconds since the epoch, a dash and 8 hex digits, so that names sort by time.
    channel: ``mail`` or ``sms``; kind: its X-Message-Kind, "" for a text message.
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


def folder() -> Path:
    """Give the folder of the mailbox, made when it is missing."""
    path = Path(settings.DATA_DIR) / "mail"
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def new_id() -> str:
    """Give a name for a message that arrives now."""
    return f"{time.time_ns()}-{secrets.token_hex(4)}"


def keep(letter: Letter) -> None:
    """Write the message so that a reader sees all of it or nothing, and nobody else anything."""
    path = folder() / f"{letter.id}.json"
    unfinished = path.with_suffix(".part")
    unfinished.touch(mode=0o600)
    unfinished.write_text(json.dumps(asdict(letter)), encoding="utf-8")
    unfinished.rename(path)


def newest(limit: int = SHOWN) -> list[Letter]:
    """Give the newest messages, newest first."""
    paths = sorted(folder().glob("*.json"), key=lambda path: path.name, reverse=True)[:limit]
    return [_read(path) for path in paths]


def find(letter_id: str) -> Letter | None:
    """Give one message, None when there is none of this name."""
    path = folder() / f"{letter_id}.json"
    if not LETTER_ID.fullmatch(letter_id) or not path.exists():
        return None
    return _read(path)


def _read(path: Path) -> Letter:
    return Letter(**json.loads(path.read_text(encoding="utf-8")))
