"""What every channel takes, and what it keeps of an answer."""

import re
from dataclasses import dataclass

from outbox import policy

# Most private first: a link may hold a token, an address its owner, a long number a code or phone.
LINKS = re.compile(r"\bhttps?://\S+", re.IGNORECASE)
ADDRESSES = re.compile(r"[^\s<>()\[\],;:\"']+@[^\s<>()\[\],;:\"']+")
LONG_NUMBERS = re.compile(r"\+?\d(?:[ -]?\d){5,}")
SHORTEST_LOCAL_PART = 3  # shorter ones would blank parts of ordinary words


@dataclass(frozen=True)
class Rendered:
    """A message as it goes out; ``subject`` is "" and ``html`` None where the channel has none."""

    subject: str
    text: str
    html: str | None = None


def clean_reply(reply: str | bytes, address: str = "") -> str:
    """Give a server's answer on one line, without addresses, links, codes or phone numbers."""
    text = reply.decode("utf-8", "replace") if isinstance(reply, bytes) else reply
    text = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    text = LINKS.sub("<link>", text)
    text = ADDRESSES.sub("<address>", text)
    local_part = address.rpartition("@")[0]
    if len(local_part) >= SHORTEST_LOCAL_PART:
        text = re.sub(re.escape(local_part), "<address>", text, flags=re.IGNORECASE)
    return LONG_NUMBERS.sub("<number>", text)[: policy.REPLY_LENGTH]
