"""Why a sign-in was unusual, in words."""

from datetime import timedelta

import pytest
from django.utils import timezone

from activity import why, wording
from activity.enums import EventKind, RiskReason
from activity.queries import Before, known_of, unusual_of
from activity.tests.factories import make_client, make_event, make_judged_event, make_user

pytestmark = pytest.mark.django_db
NOW = timezone.now()
BRAZIL = make_client(address="200.160.2.3", network="200.160.2.3")
BEFORE = Before(at=NOW - timedelta(hours=4, minutes=20), country="DE", place="Berlin, Germany")


@pytest.fixture
def user():
    return make_user()


def said(user, *reasons, before=BEFORE, **fields) -> list[str]:
    event = make_judged_event(user, at=NOW, client=BRAZIL, reasons=list(reasons), **fields)
    return why.sentences_of(event, before)


@pytest.mark.parametrize(
    ("reason", "title", "sentence"),
    [
        ("unlikely", "Unusual sign-in", "It is unlike your sign-ins before."),
        (
            "new_country",
            "Sign-in from a new country",
            "You were in Germany 4 hours earlier, and never in Brazil before.",
        ),
        (
            "new_browser",
            "Sign-in with a new browser",
            "Firefox was never used on your account before.",
        ),
        ("new_system", "Sign-in on a new system", "Windows was never used on your account before."),
        (
            "impossible_travel",
            "Sign-in from too far away",
            "You were in Berlin, Germany 4 hours earlier: too far to travel in that time.",
        ),
        (
            "after_failures",
            "Sign-in after wrong passwords",
            "It came right after wrong passwords.",
        ),
        (
            "many_accounts",
            "Sign-in from a network that tries many accounts",
            "The same network tried to get into many accounts.",
        ),
        ("long_silence", "First sign-in in a long time", "Nobody had signed in for 4 hours."),
    ],
)
def test_each_reason_has_a_title_and_a_sentence(user, reason, title, sentence):
    event = make_judged_event(user, at=NOW, client=BRAZIL, reasons=[reason])

    assert (wording.title_of(event), why.sentences_of(event, BEFORE)) == (title, [sentence])


def test_no_reason_is_without_words():
    assert set(why.TITLES) == set(why._SAY) == set(RiskReason)


def test_two_reasons_about_places_are_one_sentence(user):
    sentence = (
        "You were in Berlin, Germany 4 hours earlier, too far to travel in that time, and never in "
        "Brazil before."
    )

    assert said(user, "new_country", "new_browser", "impossible_travel") == [
        sentence,
        "Firefox was never used on your account before.",
    ]


@pytest.mark.parametrize(
    "before", [None, Before(at=NOW - timedelta(hours=4), country="", place="")]
)
@pytest.mark.parametrize(
    ("reason", "sentence"),
    [
        ("new_country", "Nobody has signed in to your account from Brazil before."),
        ("impossible_travel", "It is too far from your sign-in before to travel in that time."),
    ],
)
def test_place_that_is_not_known_is_not_named(user, before, reason, sentence):
    assert said(user, reason, before=before) == [sentence]


def test_silence_that_nothing_is_kept_of_has_no_length(user):
    assert said(user, "long_silence", before=None) == ["Nobody had signed in for a long time."]


def test_reasons_of_another_version_are_left_out(user):
    assert said(user, "quantum", "after_failures") == ["It came right after wrong passwords."]
    assert said(user, "quantum") == ["It is unlike your sign-ins before."]
    assert said(user) == ["It is unlike your sign-ins before."]


def test_what_was_not_unusual_is_not_explained(user):
    assert said(user, "new_country", is_unusual=False) == []


def test_last_place_is_that_of_the_last_sign_in_that_is_trusted(user):
    place = make_client(address="1.1.1.1", network="1.1.1.1")
    make_event(user, at=NOW - timedelta(days=2))  # Germany
    make_judged_event(user, at=NOW - timedelta(hours=8), client=place)
    make_judged_event(user, at=NOW - timedelta(hours=7), client=place, verdict="not_me")
    make_event(user, EventKind.SIGN_IN_FAILED, at=NOW - timedelta(hours=6), client=place)
    make_event(make_user(), at=NOW - timedelta(hours=5), client=place)
    event = make_judged_event(user, at=NOW, client=BRAZIL)
    make_event(user, at=NOW + timedelta(hours=1), client=place)

    known = known_of(user, event.pk)

    assert known.before == Before(at=NOW - timedelta(days=2), country="DE", place="Germany")
    assert unusual_of(user, NOW - timedelta(minutes=1))[0].before == known.before


def test_first_sign_in_has_nothing_before_it(user):
    assert known_of(user, make_judged_event(user).pk).before is None


@pytest.mark.parametrize("count", [1, 5])
def test_what_was_before_costs_one_query_for_all(user, django_assert_num_queries, count):
    for minutes in range(count):
        make_event(user, at=NOW - timedelta(minutes=2 * minutes + 1))
        make_judged_event(user, at=NOW - timedelta(minutes=2 * minutes))

    with django_assert_num_queries(1):
        assert len(unusual_of(user, NOW - timedelta(days=1))) == count
