"""Write a message: from its row and the templates of its kind to what a channel sends."""

import re
import textwrap
from collections.abc import Mapping
from datetime import datetime, timedelta
from email.utils import parseaddr
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.template import Context, Engine
from django.template.exceptions import TemplateDoesNotExist
from django.utils import timezone, translation

from outbox import policy
from outbox.channels.base import Rendered
from outbox.enums import Channel
from outbox.models import Message

TIME_KEYS = re.compile(r"(?:^|_)(?:at|until)$")
UNDERLINE = "="
BLANK_LINES = re.compile(r"\n{3,}")


def render(message: Message, now: datetime) -> Rendered:
    """Write the message in its own language and time zone, as true at ``now``.

    Text has no line over 76 columns but those that are one long word, such as a link.
    """
    values = _values(message, now)
    folder = f"messages/{message.kind.replace('.', '/').replace(':', '/')}"
    with translation.override(message.language), timezone.override(_zone(message.time_zone)):
        if message.channel == Channel.SMS:
            return Rendered(subject="", text=_one_line(_write(f"{folder}/sms.txt", values)))
        subject = _subject(_write(f"{folder}/subject.txt", values), message)
        values["subject"] = subject  # the title, where a message gives no other
        return Rendered(
            subject=subject,
            text=wrap(_write(f"{folder}/body.txt", values)),
            html=_html(f"{folder}/body.html", values),
        )


def wrap(text: str) -> str:
    """Fold lines at 76 columns and drop spaces at their ends and more than one blank line.

    A lone "=" becomes a line under the one above it, as long as that.
    """
    lines: list[str] = []
    for line in text.splitlines():
        is_rule = line.strip() == UNDERLINE and bool(lines)
        lines += [UNDERLINE * len(lines[-1])] if is_rule else _fold(line.rstrip()).split("\n")
    return BLANK_LINES.sub("\n\n", "\n".join(lines)).strip() + "\n"


def _fold(line: str) -> str:
    if len(line) <= policy.TEXT_COLUMNS:
        return line
    indent = line[: len(line) - len(line.lstrip())]
    return textwrap.fill(
        line,
        width=policy.TEXT_COLUMNS,
        subsequent_indent=indent,
        # A folded link does not open, and a folded code does not paste.
        break_long_words=False,
        break_on_hyphens=False,
    )


def _values(message: Message, now: datetime) -> dict[str, Any]:
    """Give what the templates know; what the site says wins over what the row says."""
    given = _plain({**(message.context or {}), **(message.secrets or {})})
    return {
        **given,
        "works_until": _works_until(message, now),
        "site_name": settings.SITE_NAME,
        "site_url": settings.SITE_URL,
        "support": settings.SUPPORT_CONTACT,
        "from_address": parseaddr(settings.DEFAULT_FROM_EMAIL)[1],
        "now": now,
        "language": message.language,
    }


def _works_until(message: Message, now: datetime) -> datetime | None:
    """Say until when the code works if it is handed over now; None: it carries no code."""
    seconds = (message.context or {}).get("lifetime_seconds")
    if seconds is None:
        return message.expires_at
    until = now + timedelta(seconds=seconds)
    return min(until, message.expires_at) if message.expires_at else until


def _plain(value: Any, key: str = "") -> Any:
    """Read times back (keys that end in ``_at`` or ``_until``) and make every text one line.

    One line, because a name or a device with line breaks in it could write a paragraph of its
    own, or what looks like a code, into a mail that carries our name.
    """
    if isinstance(value, Mapping):
        return {name: _plain(item, name) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item, key) for item in value]
    if not isinstance(value, str):
        return value
    if value and TIME_KEYS.search(key):
        return datetime.fromisoformat(value)
    return _one_line(value)


def _one_line(text: str) -> str:
    """Join lines and drop control and direction characters, which can hide or reverse text."""
    spaced = "".join(char if char.isprintable() else " " for char in text)
    return " ".join(spaced.split())


def _subject(text: str, message: Message) -> str:
    """Check the subject: lock screens, mail logs and lists of mails show it."""
    subject = _one_line(text)
    for secret in (message.secrets or {}).values():
        if str(secret) in subject:
            raise ValueError("a subject must not show a secret")
    return subject


def _html(name: str, values: dict[str, Any]) -> str | None:
    try:
        return _write(name, values, autoescape=True).strip() + "\n"
    except TemplateDoesNotExist as missing:
        if missing.args[0] != name:
            raise
        return None


def _write(name: str, values: dict[str, Any], *, autoescape: bool = False) -> str:
    # Django escapes by default, whatever the ending: in a text part "&" would read "&amp;".
    template = Engine.get_default().get_template(name)
    return template.render(Context(dict(values), autoescape=autoescape))


def _zone(name: str) -> ZoneInfo:
    """Give the zone; a name that this machine does not know must not keep a message back."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")
