from datetime import UTC, datetime

import pytest
from django.utils import timezone

from outbox.queries import DeliveryState, delivery_state
from outbox.tests.factories import make_code

pytestmark = pytest.mark.django_db

AT = datetime(2026, 11, 23, 14, 3, 12, tzinfo=UTC)
OURS = "maria@example.org"


def state_of(**fields):
    return delivery_state(make_code(secrets=None, **fields).pk)


@pytest.mark.parametrize(
    ("fields", "words", "style"),
    [
        ({}, "Waiting to be sent.", "wait"),
        (
            {"state": "deferred", "reason": "asked_to_wait", "due_at": AT},
            "The mail server of example.org asks us to wait, next try 14:03.",
            "wait",
        ),
        (
            {"state": "deferred", "reason": "server_unreachable", "due_at": AT},
            "Our own mail server is slow. We keep trying, next try 14:03.",
            "wait",
        ),
        (
            {"state": "accepted", "settled_at": AT},
            "Handed to the mail server of example.org at 14:03:12.",
            "good",
        ),
        (
            {"state": "abandoned", "reason": "mailbox_unknown"},
            "The mail server of example.org says this mailbox does not exist.",
            "problem",
        ),
        (
            {"state": "abandoned", "reason": "mailbox_full"},
            "The mail server of example.org says this mailbox is full.",
            "problem",
        ),
        (
            {"state": "abandoned", "reason": "domain_unknown"},
            "There is no mail server for example.org.",
            "problem",
        ),
        (
            {"state": "abandoned", "reason": "message_refused"},
            "The mail server of example.org did not take our message.",
            "problem",
        ),
        (
            {"state": "late", "reason": "server_unreachable"},
            "It could not be handed over in time, so we dropped it.",
            "problem",
        ),
        (
            {"state": "accepted", "settled_at": AT, "channel": "sms", "address": "+4917012345678"},
            "Handed to the text message service at 14:03:12.",
            "good",
        ),
        (
            {
                "state": "abandoned",
                "reason": "sms_off",
                "channel": "sms",
                "address": "+4917012345678",
            },
            "This site does not send text messages.",
            "problem",
        ),
    ],
)
def test_each_state_is_a_sentence(fields, words, style):
    state = state_of(**fields)

    assert (state.words, state.style) == (words, style)
    assert state.is_settled is (fields.get("state") in {"accepted", "abandoned", "late"})


def test_times_are_told_in_the_readers_zone():
    with timezone.override("Europe/Berlin"):
        state = state_of(state="accepted", settled_at=AT)

    assert state.words.endswith("at 15:03:12.")
    assert state.at == AT


@pytest.mark.parametrize(
    "fields",
    [
        {"state": "accepted", "settled_at": AT},
        {"state": "deferred", "reason": "asked_to_wait"},
        {"state": "abandoned", "reason": "mailbox_unknown"},
        {"state": "abandoned", "reason": "mailbox_full"},
        {"state": "abandoned", "reason": "recipient_refused"},
        {"state": "abandoned", "reason": "message_refused"},
        {"state": "late", "reason": "asked_to_wait"},
    ],
)
def test_of_our_own_domains_only_that_it_was_handed_over(settings, fields):
    settings.MANAGED_DOMAINS = ["Example.ORG"]

    assert state_of(**fields) == DeliveryState("Handed over.", "good", is_settled=True, at=None)


@pytest.mark.parametrize("fields", [{}, {"state": "deferred", "reason": "server_unreachable"}])
def test_of_our_own_domains_a_wait_that_is_not_about_the_mailbox_is_told(settings, fields):
    settings.MANAGED_DOMAINS = ["example.org"]

    assert state_of(**fields).style == "wait"


@pytest.mark.parametrize("message_id", [None, 12345])
def test_a_message_that_was_forgotten_has_a_sentence_too(message_id):
    state = delivery_state(message_id)

    assert state.words == "We no longer keep track of this message."
    assert state.is_settled


def test_a_state_costs_one_query(django_assert_num_queries):
    message = make_code()

    with django_assert_num_queries(1):
        delivery_state(message.pk)
