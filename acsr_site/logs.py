"""Log lines: one event a line, its fields as ``key=value``, no token that opens anything."""

import logging
import re
from datetime import UTC, datetime

# Whoever reads a log must not be able to use a link that was mailed to somebody else.
TOKEN_PREFIXES = (
    "/acsr/go-on/",
    "/acsr/stop/",
    "/acsr/undo/",
    "/activity/report/",
    "/security/contacts/undo/",
)
TOKEN_PATHS = re.compile(rf"({'|'.join(TOKEN_PREFIXES)})[^/?\s'\"]+")
MASKED = r"\1***"
# What a reader of logs may take for the end of a line: a forged line must stay part of its own.
LINE_ENDS = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]")

_PLAIN_FIELDS = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


def mask(text: str) -> str:
    """Give the text with every token of a known link replaced by stars."""
    return TOKEN_PATHS.sub(MASKED, text)


class TokenFilter(logging.Filter):
    """Mask tokens in the message itself, for every handler that comes after."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record pass, its message masked."""
        record.msg, record.args = mask(record.getMessage()), ()
        return True


class LineFormatter(logging.Formatter):
    """``2026-01-31T12:00:00.000Z INFO recovery.codes code_rejected ticket=...``."""

    def format(self, record: logging.LogRecord) -> str:
        """Give the line; tracebacks and fields are masked too, since they may quote a URL."""
        fields = "".join(
            f" {name}={value}" for name, value in vars(record).items() if name not in _PLAIN_FIELDS
        )
        moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line = f"{moment.removesuffix('+00:00')}Z {record.levelname} {record.name} "
        line += LINE_ENDS.sub(_escape, record.getMessage() + fields)
        if record.exc_info:
            line += "\n" + self.formatException(record.exc_info)
        return mask(line)


def _escape(found: re.Match[str]) -> str:
    return ascii(found.group())[1:-1]
