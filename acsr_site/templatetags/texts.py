"""Texts that were written for a mail program, on a page that breaks its own lines."""

import re

from django import template

from outbox.policy import TEXT_COLUMNS

register = template.Library()

UNDERLINE = re.compile(r"=+")
ITEM = re.compile(r"\d+\. ")


@register.filter
def flowing(text: str) -> str:
    """Join again what was folded: a line whose next word would have fitted was meant to end."""
    joined: list[str] = []
    before = ""
    for line in text.splitlines():
        words = line.strip()
        if UNDERLINE.fullmatch(words):
            continue
        if _was_folded(before, words):
            joined[-1] += f" {words}"
        else:
            joined.append(words)
        before = line
    return "\n".join(joined)


def _was_folded(before: str, words: str) -> bool:
    if not (before.strip() and words) or ITEM.match(words):
        return False
    first = words.split(maxsplit=1)[0]
    return len(before) + 1 + len(first) > TEXT_COLUMNS
