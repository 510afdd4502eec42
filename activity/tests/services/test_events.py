import pytest

from accounts.client import Client
from activity.enums import EventKind
from activity.models import SecurityEvent
from activity.services.events import record_event
from activity.tests.factories import make_client, make_user

KHTML = "AppleWebKit/537.36 (KHTML, like Gecko)"
CHROME = f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {KHTML} Chrome/144.0.0.0 Safari/537.36"
PHONE = f"Mozilla/5.0 (Linux; Android 10; K) {KHTML} Chrome/144.0.0.0 Mobile Safari/537.36"


def test_event_freezes_place_and_device(db):
    user = make_user()

    record_event(user, EventKind.SIGNED_IN, client=make_client(), authenticators=["password"])

    event = SecurityEvent.objects.get()
    assert (event.user, event.kind, event.details) == (
        user,
        EventKind.SIGNED_IN,
        {"authenticators": ["password"]},
    )
    assert (event.address, event.country, event.place) == ("193.99.144.80", "DE", "Germany")
    assert (event.browser, event.system, event.device_hash) == ("Firefox", "Windows", "d" * 64)


@pytest.mark.parametrize("is_known", [True, False])
def test_known_and_unknown_accounts_cost_one_insert_each(db, django_assert_num_queries, is_known):
    user = make_user() if is_known else None

    with django_assert_num_queries(1):
        record_event(user, EventKind.TICKET_OPENED, client=make_client())


def test_client_without_address_and_agent_is_recorded_as_unknown(db):
    event = record_event(None, EventKind.SIGN_IN_FAILED, client=Client())

    event.refresh_from_db()
    assert (event.address, event.place, event.browser) == (None, "", "unknown")


def test_64_kilobytes_of_user_agent_are_unknown(db):
    event = record_event(None, EventKind.SIGN_IN_FAILED, client=make_client(agent="A" * 65536))

    assert (event.browser, event.system, event.device) == ("unknown", "unknown", "")


@pytest.mark.parametrize(
    ("agent", "hints", "details", "words"),
    [
        (CHROME, "platform=15.0.0", {"system_words": "Windows 11"}, "Chrome on Windows 11"),
        (PHONE, "platform=14;model=Pixel 8", {"model": "Pixel 8"}, "Chrome on Pixel 8"),
        (PHONE, "platform=14", {}, "Chrome on Android"),
        (CHROME, "", {}, "Chrome on Windows"),
    ],
)
def test_hints_are_words_beside_what_is_compared(db, agent, hints, details, words):
    client = make_client(agent=agent, hints=hints)
    event = record_event(make_user(), EventKind.SIGNED_IN, client=client, cause="x")

    event.refresh_from_db()
    compared = (event.browser, event.system, event.device)
    plain = record_event(None, EventKind.SIGNED_IN, client=make_client(agent=agent))
    assert event.details == {"cause": "x"} | details
    assert event.agent_words == words
    assert compared == (plain.browser, plain.system, plain.device)
