"""The portal's worker in a process of its own, as an operator runs it."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

from django.conf import settings
from django.db import connection


class Worker:
    """A Celery worker with beat on the database of this test; it can be killed and started."""

    def __init__(self, *, site_url: str, smtp_port: int, log: Path) -> None:
        self._log = log
        self._environment = os.environ | {
            "DATABASE_URL": _database_url(),
            "EMAIL_URL": f"smtp://127.0.0.1:{smtp_port}",
            "SITE_URL": site_url,
            "PUBLISH_HINTS": "true",
            "PYTHONUNBUFFERED": "1",
        }
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start worker and beat in one process, with threads as the embedded portal has."""
        schedule = settings.DATA_DIR / f"beat-{os.getpid()}"
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "celery", "-A", "tests.browser.quick_beat", "worker"),
                    *("-P", "threads", "-c", "2", "-B", "-s", str(schedule)),
                    *("--without-gossip", "--without-mingle", "-l", "INFO"),
                    *("-Q", "codes,notices,housekeeping"),
                ],
                cwd=settings.BASE_DIR,
                env=self._environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def kill(self) -> None:
        """End it as a crash does: no clean-up, nothing handed back."""
        if self._process:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None


def _database_url() -> str:
    """Give the address of the test's own database."""
    found = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{found['NAME']}"
    user, password = quote(found["USER"]), quote(found["PASSWORD"] or "")
    host, port = found["HOST"] or "127.0.0.1", found["PORT"] or 5432
    return f"postgres://{user}:{password}@{host}:{port}/{found['NAME']}"
