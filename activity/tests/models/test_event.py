from accounts.client import Client
from activity.tests.factories import make_client, make_event


def test_event_of_a_browser_names_it(db):
    assert make_event(None).agent_words == "Firefox on Windows"


def test_browser_without_a_header_is_unknown(db):
    assert make_event(None, client=make_client(agent="")).agent_words == "unknown browser"


def test_event_that_no_browser_caused_names_none(db):
    assert make_event(None, client=Client()).agent_words == ""
