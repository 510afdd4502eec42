"""Attack 23: what was sent or typed is found nowhere - not while it counts, and not after.

One walk with every kind of secret; then all places that somebody could read are searched: every
table as text, the broker's folder, the log, what tasks were given, the pages of the admin, cookies.
"""

import base64
import json
import logging
import re
from collections.abc import Iterator
from pathlib import Path

import celery
import pytest
from django.contrib import admin
from django.core import mail
from django.db import connection
from django.test import RequestFactory
from django.urls import reverse

from accounts.services import totp
from accounts.tests.factories import PASSWORD, SEED, make_contact, make_totp, make_user
from acsr_site.logs import LineFormatter, TokenFilter
from outbox.services import queue
from tests.factories import (
    NEW_PASSWORD,
    code_of,
    make_browser,
    set_password,
    sign_in,
    start,
    type_code,
)
from tests.stranger import work_through

MARIA = "maria@example.org"
OLD = "maria.old@example.net"
BOSS = "boss@example.org"
CODE = re.compile(r"\b\d{4}-\d{4}\b")
TOKEN = re.compile(r"/acsr/stop/([^/\s]+)")


class Log(logging.Handler):
    """Keeps each line as the portal's own handler would write it."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.addFilter(TokenFilter())
        self.setFormatter(LineFormatter())
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@pytest.fixture
def log() -> Iterator[Log]:
    """All that is logged, down to DEBUG; the database's own statements are no log of ours."""
    handler = Log()
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    logging.getLogger("django.db.backends").setLevel(logging.INFO)
    yield handler
    logging.getLogger("django.db.backends").setLevel(logging.NOTSET)
    root.setLevel(level)
    root.removeHandler(handler)


@pytest.fixture
def broker(settings, tmp_path) -> Iterator[Path]:
    """The folder into which hints are really published, whatever broker the run has."""
    settings.PUBLISH_HINTS = True
    before = celery.current_app._get_current_object()
    app = celery.Celery("recorded", broker="filesystem://", set_as_current=False)
    app.conf.broker_transport_options = {
        "data_folder_in": str(tmp_path),
        "data_folder_out": str(tmp_path),
        "control_folder": str(tmp_path),
    }
    app.set_current()
    queue.broker.resume()
    yield tmp_path
    before.set_current()
    app.close()


class Walk:
    """A recovery, a sign-up and a sign-in, with all secrets that were in play."""

    def __init__(self) -> None:
        self.secrets: dict[str, str] = {}
        self.browsers = []

    def keep(self, name: str, value: str) -> str:
        self.secrets[name] = value
        if CODE.fullmatch(value):
            self.secrets[f"{name}, bare"] = value.replace("-", "")
        return value

    def begin(self) -> None:
        """Send every kind of code and link, and use none."""
        user = make_user(email=MARIA)
        make_contact(user, OLD)
        self.browser = self._browser("203.0.113.9")
        start(self.browser, MARIA, "me@example.com")
        self.keep("opening code", code_of("me@example.com"))
        type_code(self.browser, "me@example.com")
        self.browser.post("/acsr/proof/contact/", {"contact": OLD})
        self.keep("contact code", code_of(OLD, "recovery.contact_code"))
        joining = self._browser("198.51.100.7")
        typed = {"email": "new@example.com", "password1": PASSWORD, "password2": PASSWORD}
        joining.post("/sign-up/", typed)
        self.keep("sign-up code", code_of("new@example.com", "accounts.sign_up_code"))
        joining.post("/acsr/status/", {"reference": self._reference()})
        self.keep("status code", code_of("me@example.com", "recovery.status_code"))
        guessing = self._browser("192.0.2.1")
        sign_in(guessing, MARIA, self.keep("wrong password", "Wrong-lantern-7-river"))
        self.keep("password", PASSWORD)
        self.keep("new password", NEW_PASSWORD)

    def finish(self) -> None:
        """Use them, and let a worker do what is due."""
        self.browser.post("/acsr/proof/contact/", {"code": self.secrets["contact code"]})
        work_through()
        assert set_password(self.browser)["Location"] == "/acsr/done/"
        work_through()
        for letter in mail.outbox:
            for number, token in enumerate(TOKEN.findall(letter.body)):
                self.keep(f"link {number} to {letter.to[0]} {letter.subject[:20]}", token)
        assert len([name for name in self.secrets if name.startswith("link")]) >= 2
        make_browser().post(f"/acsr/stop/{token}/", {"choice": "mine"})
        # What is refused is logged with its path.
        assert make_browser().put(f"/acsr/stop/{token}/").status_code == 405
        for browser in self.browsers:
            for name, cookie in browser.cookies.items():
                if cookie.value and name != "acsr_csrf":
                    self.keep(f"cookie {name} {id(browser)}", cookie.value)

    def _browser(self, address: str):
        browser = make_browser(address)
        self.browsers.append(browser)
        return browser

    def _reference(self) -> str:
        return str(
            re.findall(
                r"[A-Z0-9]{4}-[A-Z0-9]{4}", self.browser.get("/acsr/proof/").content.decode()
            )[0]
        )


def every_cell() -> Iterator[tuple[str, str]]:
    """Give (table.column, text) of everything that is stored."""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            names = [column[0] for column in cursor.description]
            for row in cursor.fetchall():
                for name, value in zip(names, row, strict=True):
                    yield f"{table}.{name}", _as_text(value)


def _as_text(value: object) -> str:
    if isinstance(value, bytes | memoryview):
        return bytes(value).decode("latin-1")
    return str(value)


def found(places: Iterator[tuple[str, str]], secrets: dict[str, str]) -> set[tuple[str, str]]:
    """Give (place, secret) for each secret that stands somewhere, as it is or in base64."""
    forms = {
        name: {value, base64.b64encode(value.encode()).decode().rstrip("=")}
        for name, value in secrets.items()
    }
    return {
        (place, name)
        for place, text in places
        for name, values in forms.items()
        if any(value in text for value in values)
    }


def published(folder: Path) -> Iterator[tuple[str, str]]:
    """Give each file of the broker, with the body of its task in clear."""
    for file in folder.glob("*.msg"):
        text = file.read_text(encoding="utf-8")
        body = base64.b64decode(json.loads(text)["body"]).decode()
        yield file.name, text + body


def admin_pages() -> Iterator[tuple[str, str]]:
    """Give every page of the admin as a superuser sees it."""
    boss = make_user(email=BOSS, is_staff=True, is_superuser=True)
    app = make_totp(boss)
    browser = make_browser("192.0.2.99")
    sign_in(browser, BOSS)
    browser.post("/sign-in/verify/", {"token": totp.current_code(app)})
    for model, table in admin.site._registry.items():
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        paths = [reverse(f"{name}_changelist")]
        for row in table.get_queryset(RequestFactory().get("/")):
            key = admin.utils.quote(str(row.pk))
            paths += [reverse(f"{name}_{page}", args=[key]) for page in ("change", "history")]
        for path in paths:
            response = browser.get(path)
            assert response.status_code in (200, 403), path  # 403: sessions of other staff
            yield path, response.content.decode()


@pytest.mark.django_db(transaction=True)
def test_what_was_sent_is_found_nowhere(log, broker, capsys):
    walk = Walk()

    walk.begin()
    before = found(every_cell(), walk.secrets)
    walk.finish()

    assert before == set()
    assert found(every_cell(), walk.secrets) == set()
    assert any("/acsr/stop/***" in line for line in log.lines)
    assert found(iter([("log", "\n".join(log.lines))]), walk.secrets) == set()
    captured = capsys.readouterr()
    assert found(iter([("stderr", captured.err), ("stdout", captured.out)]), walk.secrets) == set()
    tasks = list(published(broker))
    assert len(tasks) > 5
    assert found(iter(tasks), walk.secrets) == set()
    assert found(admin_pages(), walk.secrets | {"seed": SEED}) == set()


@pytest.mark.django_db
def test_a_cookie_holds_no_code_no_address_and_no_ticket():
    walk = Walk()
    walk.begin()

    cookies = [
        (name, cookie.value)
        for browser in walk.browsers
        for name, cookie in browser.cookies.items()
    ]

    assert found(iter(cookies), walk.secrets | {"address": MARIA, "other": OLD}) == set()
    assert {name for name, _ in cookies} <= {
        "acsr_session",
        "acsr_csrf",
        "acsr_device",
        "acsr_zone",
    }
