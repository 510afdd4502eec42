"""What every test of every app stands on: nothing of ours is mocked, only made quick."""

import os
import shutil
import uuid
from collections.abc import Callable, Generator

import pytest
from django.conf import settings as live_settings
from django.core.cache import cache
from django.db import connection

IS_CI = os.environ.get("CI", "") in {"1", "true"}
MUST_RUN_IN_CI = ("browser", "services")
TRANSACTIONAL = {"transactional_db", "live_server", "django_db_reset_sequences"}
HAS_CHROMIUM = any(shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome"))


def has_services() -> bool:
    """Say whether this run stands on PostgreSQL and Redis (``make test-services``)."""
    database = str(live_settings.DATABASES["default"]["ENGINE"])
    edge = str(live_settings.CACHES["default"]["BACKEND"])
    return database.endswith("postgresql") and edge.endswith("RedisCache")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave service tests out of the embedded run, and skip browser tests without a browser."""
    if not has_services():
        kept = [item for item in items if not item.get_closest_marker("services")]
        config.hook.pytest_deselected(items=[item for item in items if item not in kept])
        items[:] = kept
    for item in items:
        # For the junit file, where .ci/run looks for what really ran.
        kinds = [name for name in MUST_RUN_IN_CI if item.get_closest_marker(name)]
        item.user_properties += [("kind", name) for name in kinds]
        if "browser" in kinds and not HAS_CHROMIUM:
            item.add_marker(pytest.mark.skip(reason="Chromium is not installed"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn a skip into a failure where CI promises that the test ran."""
    report = yield
    promised = any(item.get_closest_marker(name) for name in MUST_RUN_IN_CI)
    if IS_CI and promised and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"Skipped, but CI must run it: {report.longrepr}"
    return report


@pytest.fixture(autouse=True)
def _fresh_cache(settings) -> None:
    """Give each test limits nobody has used; a Redis that others share is never flushed."""
    edge = settings.CACHES["default"]
    settings.CACHES = {"default": edge | {"KEY_PREFIX": uuid.uuid4().hex}}
    if edge["BACKEND"].endswith("LocMemCache"):
        cache.clear()


@pytest.fixture(autouse=True)
def _cheap_hashing(settings) -> None:
    own, *others = settings.PASSWORD_HASHERS
    assert own == "accounts.hashers.PortalArgon2PasswordHasher"
    settings.PASSWORD_HASHERS = ["tests.hashers.CheapArgon2PasswordHasher", *others]


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker) -> None:
    """Let PostgreSQL empty the audit table between tests; a test of that trigger makes it anew."""
    from activity.models import audit_triggers  # noqa: PLC0415 - apps must be loaded first

    with django_db_blocker.unblock():
        if connection.vendor == "postgresql":
            audit_triggers.drop(connection, audit_triggers.NO_TRUNCATE)


@pytest.fixture(autouse=True)
def _audit_table_can_be_emptied(request) -> Generator[None]:
    """Empty the audit table of SQLite, where a transactional test ends in DELETE on every table."""
    marker = request.node.get_closest_marker("django_db")
    is_transactional = marker is not None and marker.kwargs.get("transaction", False)
    if not (is_transactional or TRANSACTIONAL & set(request.fixturenames)):
        yield
        return
    request.getfixturevalue("transactional_db")  # first, so that it is torn down after this
    yield
    if connection.vendor == "sqlite":
        from activity.models import audit_triggers  # noqa: PLC0415 - as above

        audit_triggers.drop(connection)
        with connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {audit_triggers.TABLE}")
        audit_triggers.create(connection)


@pytest.fixture
def deliver() -> Callable[[], object]:
    """Give the function that hands over every due message now, as a worker would."""
    from outbox.services import delivery  # noqa: PLC0415 - models must be loaded first

    return delivery.deliver_due
