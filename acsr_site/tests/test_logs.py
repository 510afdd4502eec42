import logging
import sys

import pytest

from acsr_site.logs import LineFormatter, TokenFilter

TOKEN = "Zx81-sTopToken_0123456789"


def record(message, *args, **extra):
    made = logging.makeLogRecord({"name": "recovery.codes", "levelname": "INFO", "created": 0.5})
    made.msg, made.args = message, args
    vars(made).update(extra)
    return made


def test_a_line_holds_time_level_logger_event_and_fields():
    line = LineFormatter().format(record("code_rejected", ticket="7f", tries=2))

    assert line == "1970-01-01T00:00:00.500Z INFO recovery.codes code_rejected ticket=7f tries=2"


@pytest.mark.parametrize(
    "place", ["/acsr/stop/", "/acsr/undo/", "/activity/report/", "/security/contacts/undo/"]
)
def test_tokens_of_links_are_masked_in_the_message(place):
    made = record("Not Found: %s", f"{place}{TOKEN}/")

    TokenFilter().filter(made)

    assert made.getMessage() == f"Not Found: {place}***/"


def test_tokens_are_masked_in_fields_and_tracebacks():
    try:
        raise LookupError(f"nothing at /acsr/stop/{TOKEN}/")
    except LookupError:
        made = record("failed", request=f"<GET '/acsr/stop/{TOKEN}/?x=1'>")
        made.exc_info = sys.exc_info()

    line = LineFormatter().format(made)

    assert TOKEN not in line
    assert "request=<GET '/acsr/stop/***/?x=1'>" in line
    assert "LookupError: nothing at /acsr/stop/***/" in line


def test_a_line_break_in_a_message_cannot_forge_a_line():
    line = LineFormatter().format(record("name\n1970-01-01 INFO signed_in"))

    assert line.count("\n") == 0


def test_a_line_break_in_a_field_cannot_forge_a_line():
    line = LineFormatter().format(record("agent", header="curl\r\n1970 INFO signed_in"))

    assert line.splitlines() == [line]
