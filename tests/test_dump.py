"""Who steals a dump of database, cache and broker while the portal is busy can use none of it.

The control at the end plants what is secret, and shows that the same search and the same replays
find all of it.
"""

import base64
import json
import uuid
import zlib
from collections.abc import Callable, Iterator

import celery
import pytest
import redis
from django.conf import settings as live_settings
from django.core import signing
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection

from accounts.models import (
    Challenge,
    Contact,
    FormerProfile,
    ProfileFact,
    RecoveryCode,
    User,
    UserSession,
)
from accounts.tests.factories import make_passkey
from activity.models import SecurityEvent
from outbox.models import Message
from outbox.services import queue
from recovery.enums import TicketState
from recovery.models import (
    Evidence,
    Invitation,
    NoticeLink,
    Objection,
    RecoveryTicket,
    ReviewDraft,
    Vote,
)
from tests import leaks
from tests.full_house import House
from tests.house_of_answers import FACTS
from tests.thief import PURPOSES, Thief

pytestmark = pytest.mark.django_db(transaction=True)
Places = list[tuple[str, str]]
PLANTED = "outbox_message.context"
HOWS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "in JSON": lambda text: json.dumps({"a": [{"b": text}]}),
    "in base64": lambda text: base64.b64encode(text.encode()).decode(),
    "in base64 for URLs, behind a space": lambda text: (
        base64.urlsafe_b64encode(f" {text}".encode()).decode().rstrip("=")
    ),
    "in hexadecimal": lambda text: text.encode().hex(),
    "signed": lambda text: signing.dumps({"a": text}),
    "signed and packed": lambda text: signing.dumps({"a": text * 9, "b": text}, compress=True),
    "packed, in base64": lambda text: base64.b64encode(zlib.compress(text.encode())).decode(),
    "among words": lambda text: f"the code of {text}, which",
    "in a link": lambda text: f"http://localhost/x/{text}/?next=/",
}


@pytest.fixture
def edge_limits(settings) -> Iterator[None]:
    """Count at the edge in a table, as without services; with them in their own Redis."""
    if connection.vendor != "sqlite":
        yield
        return
    table = {"BACKEND": "acsr_site.cache.AtomicDatabaseCache", "LOCATION": "edge_limits"}
    settings.CACHES = {"default": table}
    call_command("createcachetable", verbosity=0)
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE edge_limits")


@pytest.fixture
def broker(settings, tmp_path) -> Iterator[Callable[[], Places]]:
    """Publish hints for real, into files or the run's own Redis; gives what reads them."""
    settings.PUBLISH_HINTS = True
    before = celery.current_app._get_current_object()
    is_redis = live_settings.BROKER_URL.startswith("redis")
    app = celery.Celery("recorded", broker=live_settings.BROKER_URL, set_as_current=False)
    prefix = f"dump-{uuid.uuid4().hex}:"
    folder = str(tmp_path)
    app.conf.broker_transport_options = (
        {"global_keyprefix": prefix}
        if is_redis
        else {"data_folder_in": folder, "data_folder_out": folder, "control_folder": folder}
    )
    app.set_current()
    queue.broker.resume()

    def published() -> Places:
        if is_redis:
            with redis.Redis.from_url(live_settings.BROKER_URL) as client:
                return list(leaks.redis_values(client, f"{prefix}*"))
        return [("broker", file.read_text(encoding="utf-8")) for file in tmp_path.glob("*.msg")]

    yield published
    before.set_current()
    app.close()
    if is_redis:
        with redis.Redis.from_url(live_settings.BROKER_URL) as client:
            client.delete(*client.scan_iter(f"{prefix}*"))


@pytest.fixture
def house(edge_limits, broker, settings, time_machine) -> House:
    settings.EVIDENCE_FACTS = FACTS
    return House(time_machine).furnish()


@pytest.fixture
def stolen(house, broker) -> Callable[[], leaks.Texts]:
    """Give what takes a dump of everything, opened."""
    return lambda: leaks.unfold([*leaks.dump(), *broker()])


def what_was_done() -> list[object]:
    """Give what a code, link or session could have changed."""
    return [
        sorted(rows)
        for rows in (
            RecoveryTicket.objects.values_list("pk", "state"),
            NoticeLink.objects.values_list("pk", "outcome"),
            Objection.objects.values_list("pk"),
            Contact.objects.filter(removed_at=None).values_list("pk"),
            User.objects.values_list("pk", "epoch", "password"),
            User.objects.filter(frozen_at=None).values_list("pk"),
            Challenge.objects.filter(used_at=None).values_list("pk"),
            SecurityEvent.objects.exclude(verdict="").values_list("pk"),
            RecoveryCode.objects.filter(used_at=None).values_list("pk"),
            UserSession.objects.values_list("pk", "user"),
        )
    ]


def test_house_has_what_could_leak(house, broker):
    open_codes = Challenge.objects.filter(used_at=None)
    states = set(RecoveryTicket.objects.values_list("state", flat=True))

    assert house.kinds() == {
        *("session", "device", "trust", "password", "held form"),
        *("code", "seed", "printed", "stop link", "undo link", "invitation"),
        "report link",
        *("answer", "note", "fact", "former name"),
    }
    assert set(open_codes.values_list("purpose", flat=True)) == PURPOSES.keys()
    assert len(house.of_kind("code")) == open_codes.count()
    assert states == {
        *(TicketState.AWAITING_CODE, TicketState.AWAITING_PROOF, TicketState.ON_HOLD),
        *(TicketState.EVALUATING, TicketState.IN_REVIEW),
        *(TicketState.APPROVED, TicketState.COMPLETED),
    }
    assert set(NoticeLink.objects.values_list("right", flat=True)) == {"stop", "undo"}
    assert Message.objects.filter(carries_secrets=True, secrets__isnull=True).exists()
    assert Message.objects.filter(secrets__isnull=False).exists()
    assert Evidence.objects.filter(answers__isnull=True).exists()
    assert Evidence.objects.filter(answers__isnull=False).exists()
    assert Invitation.objects.count() == 2
    for kept in (ReviewDraft, FormerProfile, ProfileFact):
        assert kept.objects.exists()
    assert Vote.objects.filter(note__isnull=False).exists()
    kept = UserSession.objects.exclude(user=None).values_list("is_kept", flat=True)
    assert set(kept) == {True, False}
    assert len(broker()) > 10


def test_dump_holds_no_secret_in_any_spelling(house, stolen):
    assert leaks.found(stolen(), house.secrets) == set()


def test_no_value_of_a_dump_opens_anything(house, stolen):
    before = what_was_done()

    opened = Thief(house, stolen()).replay()

    assert opened == set()
    assert what_was_done() == before


def test_dump_reads_every_table_the_cache_and_the_broker(house, broker):
    places = {place.partition(".")[0] for place, _ in [*leaks.dump(), *broker()]}

    assert places >= {"accounts_usersession", "accounts_challenge", "outbox_message"}
    assert "broker" in places or "redis" in places
    assert "edge_limits" in places or "redis" in places


def plant(secrets: dict[str, str], how: Callable[[str], str]) -> None:
    """Store secrets where a fault of ours might: in what a message shows."""
    for secret in secrets.values():
        shown = {"found": how(secret)}
        Message.objects.create(kind="planted", address="x@example.org", context=shown)


def test_control_a_planted_secret_is_found_however_it_is_written(house, stolen):
    missed = {}
    for name, how in HOWS.items():
        plant(house.secrets, how)
        texts = stolen()
        words = leaks.words_of(texts)
        unfound = house.secrets.keys() - leaks.found(texts, house.secrets)
        missed[name] = (unfound, set(house.secrets.values()) - words)
        Message.objects.filter(kind="planted").delete()

    assert missed == dict.fromkeys(HOWS, (set(), set()))


def test_control_a_seed_that_is_stored_as_bytes_is_found(house, stolen):
    seed = base64.b32decode(house.secrets["seed:in use"])
    make_passkey(house.users["anna"], public_key=seed)

    assert leaks.found(stolen(), house.secrets) == {"seed:in use"}
    assert seed in leaks.seeds_of(stolen())


def test_control_what_the_broker_and_the_cache_hold_is_read(house, stolen):
    cache.set("planted", house.secrets["trust:maria, trusted"])
    celery.current_app.send_task("planted", args=[house.secrets["seed:in use"]], queue="notices")

    assert leaks.found(stolen(), house.secrets) == {"trust:maria, trusted", "seed:in use"}


def test_control_a_thief_of_planted_secrets_gets_in_everywhere(house, stolen):
    plant(house.secrets, HOWS["signed and packed"])
    planted = {text: place for text, place in stolen().items() if place == PLANTED}

    opened = Thief(house, planted).replay()

    assert opened == {
        *("session", "session: in a cookie", "device", "device: in a cookie", "trust"),
        *("password: maria", "password: paul", "printed"),
        *("seed: My phone", "seed: app", "seed: being set up"),
        *(f"code: {purpose}" for purpose in PURPOSES),
        *("stop link", "stop link: pressed", "undo link", "undo link: pressed"),
        *("report link", "report link: pressed"),
        *("invitation", "invitation: opened"),
    }
