from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.cache import caches
from django.core.management import call_command
from django.db import connection

from acsr_site.cache import CacheRouter

THREADS, ROUNDS = 8, 25


@pytest.fixture
def table_cache(settings, transactional_db):
    """The cache of a portal without services, its table in the test database."""
    if connection.vendor != "sqlite":
        pytest.skip("the class promises nothing elsewhere")
    settings.CACHES = {
        "default": {
            "BACKEND": "acsr_site.cache.AtomicDatabaseCache",
            "LOCATION": "edge_limits",
        }
    }
    call_command("createcachetable", verbosity=0)
    yield caches["default"]
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE edge_limits")


def test_no_count_is_lost_among_parallel_requests(table_cache):
    table_cache.set("tries", 0)

    def count(_round):
        caches["default"].incr("tries")
        connection.close()

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(count, range(THREADS * ROUNDS)))

    assert table_cache.get("tries") == THREADS * ROUNDS


def test_counting_what_is_not_there_is_refused(table_cache):
    with pytest.raises(ValueError, match="not found"):
        table_cache.incr("never-set")


def test_flood_of_keys_pushes_out_no_count_that_lives(table_cache):
    table_cache.set("ended", 1, timeout=-1)
    table_cache.set("tries", 5)

    for number in range(table_cache._max_entries + 50):
        table_cache.set(f"flood{number}", 1)

    with connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM edge_limits")
        assert cursor.fetchone() == (table_cache._max_entries + 51,)
    assert table_cache.get("tries") == 5


@pytest.mark.parametrize(
    ("alias", "app", "allowed"),
    [
        ("cache", "django_cache", True),
        ("cache", "accounts", False),
        ("default", "django_cache", False),
        ("default", "accounts", None),
    ],
)
def test_only_the_cache_table_lives_in_the_cache_database(alias, app, allowed):
    assert CacheRouter().allow_migrate(alias, app) is allowed
