"""Texts of mails on a page: as many lines as were meant, and no more."""

from acsr_site.templatetags.texts import flowing
from outbox.services.render import wrap

LONG = "Please look for a phone, an app, a printed code or a browser that you used with it."


def test_what_was_folded_flows_again():
    assert flowing(wrap(f"{LONG}\n\n{LONG}")) == f"{LONG}\n\n{LONG}"


def test_short_lines_items_and_links_keep_their_own():
    text = "About you: full\nSign-ins: little\n\n1. An address\n2. A code\n\nhttps://example.org/x/"

    assert flowing(wrap(text)) == text


def test_a_title_loses_the_line_that_stands_for_its_size():
    assert flowing("One more thing\n==============\n\nGo on.") == "One more thing\n\nGo on."
