"""Repeats are one entry, and no page loses or repeats an event."""

import random
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from activity.enums import EventKind
from activity.folds import page_of_folds
from activity.models import SecurityEvent
from activity.tests.factories import make_client, make_event, make_judged_event, make_user

NOON = datetime(2026, 3, 18, 12, tzinfo=ZoneInfo("Europe/Berlin"))
SINCE = NOON - timedelta(days=30)
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/17.0 Mobile/15E148 Safari/604.1"
)
KINDS = [
    EventKind.SIGNED_IN,
    EventKind.SIGNED_OUT,
    EventKind.SIGN_IN_FAILED,
    EventKind.PASSWORD_CHANGED,
    EventKind.TICKET_OPENED,
]


@pytest.fixture
def user(db):
    with timezone.override("Europe/Berlin"):
        yield make_user()


def ago(**length) -> datetime:
    return NOON - timedelta(**length)


def folds_of(user, **fields) -> list[list[SecurityEvent]]:
    return page_of_folds(user, **({"since": SINCE, "size": 30, "rows": 300} | fields)).folds


def shape(folds) -> list[tuple[str, int]]:
    return [(str(EventKind(fold[0].kind).label), len(fold)) for fold in folds]


def test_repeats_of_one_day_are_one_entry(user):
    for hours in range(4):
        make_event(user, at=ago(hours=hours), authenticators=["password"])

    (fold,) = folds_of(user)

    assert [event.at for event in fold] == [ago(hours=hours) for hours in range(4)]


def test_two_browsers_and_sign_outs_in_turns_are_an_entry_each(user):
    for minutes in range(0, 40, 10):
        client = make_client(agent=IPHONE) if minutes % 20 else make_client()
        make_event(user, EventKind.SIGNED_IN, at=ago(minutes=minutes), client=client)
        make_event(user, EventKind.SIGNED_OUT, at=ago(minutes=minutes + 1), client=client)

    assert [(kind, count) for kind, count in shape(folds_of(user))] == [
        ("Signed in", 2),
        ("Signed out", 2),
        ("Signed in", 2),
        ("Signed out", 2),
    ]


@pytest.mark.parametrize(
    "other",
    [
        {"client": make_client(agent=IPHONE)},
        {"client": make_client(address="200.160.2.3")},
        {"authenticators": ["passkey"]},
        {"at": NOON - timedelta(hours=12, minutes=1)},
    ],
    ids=["browser", "place", "authenticator", "day"],
)
def test_what_differs_in_words_is_an_entry_of_its_own(user, other):
    make_event(user, at=NOON, authenticators=["password"])
    make_event(user, **({"at": ago(minutes=1), "authenticators": ["password"]} | other))

    assert shape(folds_of(user)) == [("Signed in", 1), ("Signed in", 1)]


def test_midnight_of_the_reader_parts_repeats(user):
    make_event(user, at=datetime(2026, 3, 16, 23, 30, tzinfo=ZoneInfo("UTC")))
    make_event(user, at=datetime(2026, 3, 16, 22, 30, tzinfo=ZoneInfo("UTC")))

    assert len(folds_of(user)) == 2
    with timezone.override("UTC"):
        assert len(folds_of(user)) == 1


def test_change_parts_repeats_and_is_never_folded(user):
    make_event(user, at=NOON)
    make_event(user, EventKind.CONTACT_ADDED, at=ago(minutes=1))
    make_event(user, EventKind.CONTACT_ADDED, at=ago(minutes=2))
    make_event(user, at=ago(minutes=3))

    labels = ["Signed in", "Contact added", "Contact added", "Signed in"]
    assert shape(folds_of(user)) == [(label, 1) for label in labels]


@pytest.mark.parametrize("verdict", ["", "me", "not_me"])
def test_unusual_one_stands_alone(user, verdict):
    make_event(user, at=NOON, authenticators=["password"])
    make_judged_event(user, at=ago(minutes=1), verdict=verdict)
    make_event(user, at=ago(minutes=2), authenticators=["password"])

    assert shape(folds_of(user)) == [("Signed in", 1)] * 3


def test_page_reads_with_one_query(user, django_assert_num_queries):
    for minutes in range(9):
        make_event(user, at=ago(minutes=minutes))

    with django_assert_num_queries(1):
        folds_of(user, size=2, rows=4)


def test_longer_row_of_repeats_goes_on_on_the_next_page(user):
    for minutes in range(5):
        make_event(user, EventKind.SIGN_IN_FAILED, at=ago(minutes=minutes))

    first = page_of_folds(user, since=SINCE, size=30, rows=3)
    second = page_of_folds(user, since=SINCE, before=first.older, size=30, rows=3)

    assert [len(fold) for fold in first.folds + second.folds] == [3, 2]
    assert (first.newer, second.older) == (None, None)


def walk(user, way: str, **fields) -> list[list[SecurityEvent]]:
    """Give the folds of each page from one end to the other: "older" down, "newer" up."""
    page = page_of_folds(user, since=SINCE, **fields)
    pages = [page]
    while page.older:
        page = page_of_folds(user, since=SINCE, before=page.older, **fields)
        pages.append(page)
    if way == "newer":
        pages = [page]
        while page.newer:
            page = page_of_folds(user, since=SINCE, after=page.newer, **fields)
            pages.insert(0, page)
    return [page.folds for page in pages]


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("way", ["older", "newer"])
def test_no_walk_loses_or_repeats_an_event(user, way, seed):
    chance = random.Random(seed)
    clients = [make_client(), make_client(agent=IPHONE), make_client(address="200.160.2.3")]
    for _number in range(chance.randint(1, 60)):
        # Few different times, so that many events share one.
        at = ago(hours=4 * chance.randint(0, 20))
        maker = make_judged_event if chance.random() < 0.1 else make_event
        maker(user, chance.choice(KINDS), at=at, client=chance.choice(clients))
    rows = chance.choice([1, 2, 3, 7, 300])
    size = chance.choice([1, 2, 5])

    pages = walk(user, way, size=size, rows=rows)

    shown = [event.pk for folds in pages for fold in folds for event in fold]
    kept = set(SecurityEvent.objects.filter(user=user).values_list("pk", flat=True))
    assert len(shown) == len(set(shown))
    assert set(shown) == kept
    # Newest first, from page to page and from fold to fold within one.
    ends = [(max(event.at for fold in folds for event in fold), folds[-1][0].at) for folds in pages]
    assert [newest for newest, _oldest in ends] == sorted((each for each, _ in ends), reverse=True)
    assert all(
        [fold[0].at for fold in folds] == sorted((fold[0].at for fold in folds), reverse=True)
        for folds in pages
    )


@pytest.mark.parametrize("way", ["older", "newer"])
def test_stretch_that_the_rows_cut_is_left_whole_to_the_next_page(user, way):
    for days in range(3):
        for minutes in range(2):
            make_event(user, at=ago(days=days, minutes=minutes))

    pages = walk(user, way, size=30, rows=3)

    assert [[len(fold) for fold in folds] for folds in pages] == [[2], [2], [2]]
