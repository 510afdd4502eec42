"""Measure what activity costs with much history: pages of the log, scoring, learning.

Fills the database of DATABASE_URL (a test database beside it), or a fresh SQLite file, with 10,000
events and then with a million, 5,000 and then 100,000 of them on one account, and prints the time
and the SQL statements of each act. The bar: 1.3 times the time at ten thousand, and as many
statements. Run it on a quiet machine: ``make bench``.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import cache
from itertools import islice
from pathlib import Path
from random import Random
from statistics import quantiles
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from accounts.client import Client
    from accounts.models import User
    from activity.models import SecurityEvent

BAR = 1.3  # times
# Events in all, and of them on the one account that has most.
FEWER, MORE = (10_000, 5_000), (1_000_000, 100_000)
OF_ONE_ACCOUNT = 50  # events of an ordinary account
BATCH = 2000
DAYS = 89
PASSWORD = "Copper-lantern-7-river"  # noqa: S105 - of accounts that live a minute
AGENTS = (
    "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0",
)
chance = Random(5)  # noqa: S311 - the same events each time
# For each account the key of a page in the middle of its list, and what finds it.
keys: dict[str, str] = {}
finders: list[Callable[[], None]] = []
# What is measured, by its name.
Acts = dict[str, Callable[[], Any]]


def main() -> int:
    """Measure with few and with many events; give 1 when something is outside the bar."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--many", type=int, default=MORE[0], help="events, a tenth on one account")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        tear_down = _set_up(Path(folder))
        try:
            return _compare(asked.rounds, asked.many)
        finally:
            tear_down()


def _set_up(folder: Path) -> Callable[[], None]:
    """Make a portal of its own that publishes nothing; gives what takes its database away."""
    (folder / "static").mkdir()
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "acsr_site.settings",
        "DATA_DIR": str(folder),
        "SECRET_KEY": "a-key-of-the-benchmark-0123456789-0123456789-0123456789",
        "CACHE_URL": "dummycache://",
        "PUBLISH_HINTS": "false",
        "STATIC_STORAGE": "django.contrib.staticfiles.storage.StaticFilesStorage",
        "LOG_LEVEL": "CRITICAL",
    }
    import django  # noqa: PLC0415 - the environment comes first

    django.setup()
    from django.db import connection  # noqa: PLC0415 - as above
    from django.test import utils  # noqa: PLC0415 - as above

    if connection.vendor == "sqlite":
        # A file, as in a portal.
        connection.settings_dict["TEST"]["NAME"] = str(folder / "bench.sqlite3")
    utils.setup_test_environment()
    made = utils.setup_databases(verbosity=0, interactive=False)
    return lambda: utils.teardown_databases(made, verbosity=0)


def _compare(rounds: int, many: int) -> int:
    from accounts.tests.factories import make_user  # noqa: PLC0415 - Django is set up by now

    names = {"one of many": "one@example.org", "large account": "large@example.org"}
    people = {name: make_user(email=email, password=PASSWORD) for name, email in names.items()}
    acts: Acts = {}
    for name, user in people.items():
        acts |= {f"{act}, {name}": do for act, do in _acts(user, names[name])}
    found: list[dict[str, tuple[float, int]]] = []
    has = (0, 0)
    for wanted in (FEWER, (many, many // 10)):
        ordinary, large = people.values()
        _fill(ordinary, large, wanted[0] - has[0], wanted[1] - has[1])
        has = wanted
        found.append({name: _time(do, rounds) for name, do in acts.items()})
    before, after = found
    return _report(before, after, many)


def _report(
    before: dict[str, tuple[float, int]], after: dict[str, tuple[float, int]], many: int
) -> int:
    print(f"{'':<38}{FEWER[0]:>12,}{many:>12,}{'times':>8}{'statements':>12}")
    failed = 0
    for name, (first, statements) in before.items():
        then, statements_then = after[name]
        is_fine = then / first <= BAR and statements == statements_then
        failed += not is_fine
        print(
            f"{name:<38}{first:>9.2f} ms{then:>9.2f} ms{then / first:>8.2f}"
            f"{statements:>6} {statements_then:>5}{'' if is_fine else '  OUTSIDE the bar'}"
        )
    return 1 if failed else 0


def _acts(user: "User", email: str) -> Iterator[tuple[str, Callable[[], Any]]]:
    """Give what is measured of an account."""
    from django.db import transaction  # noqa: PLC0415 - Django is set up by now
    from django.test import Client as Browser  # noqa: PLC0415 - as above

    from activity.assessors import assess_sign_in  # noqa: PLC0415 - as above
    from activity.enums import Area, EventKind  # noqa: PLC0415 - as above
    from activity.models import SecurityEvent  # noqa: PLC0415 - as above
    from activity.queries import Key  # noqa: PLC0415 - as above
    from activity.services import learning  # noqa: PLC0415 - as above
    from activity.services.events import record_event  # noqa: PLC0415 - as above
    from activity.views.log import write_key  # noqa: PLC0415 - as above

    browser, client = Browser(HTTP_USER_AGENT=AGENTS[0]), _client(7)
    browser.post("/sign-in/", {"identifier": email, "password": PASSWORD})

    def page(query: str = "") -> None:
        if browser.get(f"/activity/?period={DAYS + 1}&{query}").status_code != 200:  # noqa: PLR2004
            raise RuntimeError(query)

    def deep() -> None:
        page(f"before={keys[email]}")

    def find_key() -> None:
        mine = SecurityEvent.objects.filter(user=user).order_by("-at", "-id")
        middle = mine[mine.count() // 2]
        keys[email] = write_key(Key(middle.at, middle.pk))

    def learn() -> None:
        with transaction.atomic():
            event = record_event(user, EventKind.SIGNED_IN, client=client, is_learned=True)
            learning.add_to_account(event)
            transaction.set_rollback(True)

    finders.append(find_key)
    yield "first page", page
    yield "page by key, half-way down", deep
    yield "filter by area", lambda: page(f"kind={Area.CHANGE}")
    yield "what is unanswered", lambda: page("kind=unanswered")
    yield "scoring", lambda: assess_sign_in(user, client)
    yield "recording and learning", learn


def _time(do: Callable[[], Any], rounds: int) -> tuple[float, int]:
    """Give the milliseconds of the quicker half, which others on the machine disturb least."""
    from django.db import connection  # noqa: PLC0415 - Django is set up by now
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415 - as above

    for _ in range(5):
        do()
    with CaptureQueriesContext(connection) as queries:
        do()
    statements = len(queries)  # the next request empties the list
    times = []
    for _ in range(rounds):
        started = time.perf_counter()
        do()
        times.append((time.perf_counter() - started) * 1000)
    return quantiles(times, n=4)[0], statements


def _fill(one: "User", large: "User", total: int, of_large: int) -> None:
    """Add so many events, written in bulk, and teach the counts."""
    from django.db import connection  # noqa: PLC0415 - Django is set up by now

    from accounts.models import User  # noqa: PLC0415 - as above
    from activity.models import SecurityEvent  # noqa: PLC0415 - as above
    from activity.services import learning  # noqa: PLC0415 - as above

    started = time.perf_counter()
    others = User.objects.bulk_create(
        User(first_name="Mara") for _ in range((total - of_large) // OF_ONE_ACCOUNT)
    )
    owners = [large] * of_large + [one] * (0 if one.events.exists() else OF_ONE_ACCOUNT)
    owners += [others[place % len(others)] for place in range(total - len(owners))]
    chance.shuffle(owners)
    events = (_event(owner) for owner in owners)
    while batch := list(islice(events, BATCH)):
        SecurityEvent.objects.bulk_create(batch)
    filled = time.perf_counter()
    learning.rebuild()
    rebuilt = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # PostgreSQL does so by itself, a little later
    for find in finders:
        find()
    print(
        f"{total:,} events added in {filled - started:.0f} s, rebuilt in {rebuilt - filled:.0f} s"
    )


def _event(user: "User") -> "SecurityEvent":
    from django.utils import timezone  # noqa: PLC0415 - Django is set up by now

    from activity.enums import EventKind  # noqa: PLC0415 - as above
    from activity.models import SecurityEvent  # noqa: PLC0415 - as above

    kinds = (EventKind.SIGNED_IN, EventKind.SIGNED_OUT, EventKind.SIGN_IN_FAILED)
    rare = (EventKind.PASSWORD_CHANGED, EventKind.CODE_SENT, EventKind.TICKET_OPENED)
    (kind,) = chance.choices(kinds + rare, (45, 25, 20, 4, 3, 3))
    is_sign_in = kind == EventKind.SIGNED_IN
    is_unusual = is_sign_in and chance.random() < 0.02  # noqa: PLR2004 - a share
    return SecurityEvent(
        **_origin(chance.randint(0, 9999)),
        user=user,
        kind=kind,
        area=kind.area,
        at=timezone.now() - timedelta(days=chance.random() * DAYS),
        details={"authenticators": ["password"]} if is_sign_in else {},
        is_unusual=is_unusual,
        is_learned=is_sign_in and not is_unusual,
    )


@cache
def _origin(number: int) -> dict[str, Any]:
    """Give the columns that say where an event came from; as build_event fills them."""
    from django.utils import timezone  # noqa: PLC0415 - Django is set up by now

    from activity.enums import EventKind  # noqa: PLC0415 - as above
    from activity.services.events import build_event  # noqa: PLC0415 - as above

    event = build_event(None, EventKind.SIGNED_IN, _client(number), timezone.now(), {})
    columns = ["address", "network", "country", "place", "latitude", "longitude"]
    columns += ["browser", "system", "device", "device_hash"]
    return {name: getattr(event, name) for name in columns}


def _client(number: int) -> "Client":
    """Give one of ten thousand browsers at home in Germany."""
    from accounts.client import Client  # noqa: PLC0415 - Django is set up by now
    from accounts.services import networks  # noqa: PLC0415 - as above

    address = f"46.128.{number // 100}.{number % 100}"
    return Client(
        address=address,
        network=networks.network_of(address),
        wide_network=networks.wide_network_of(address),
        agent=AGENTS[number % 2],
    )


if __name__ == "__main__":
    sys.exit(main())
