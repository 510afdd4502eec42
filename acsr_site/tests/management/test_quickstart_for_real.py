"""The whole demo, started as a newcomer does: real processes, real ports."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.conf import settings

from acsr_site.tests.ports import free_port

pytestmark = [pytest.mark.worker, pytest.mark.xdist_group("quickstart")]
NOT_IN_A_DEMO = {"SECRET_KEY", "CACHE_URL", "DATABASE_URL", "BROKER_URL", "PUBLISH_HINTS"}


@pytest.fixture
def demo(tmp_path):
    """A running demo and the file that its output goes to."""
    log = tmp_path / "output"
    kept = {name: value for name, value in os.environ.items() if name not in NOT_IN_A_DEMO}
    own = {"DATA_DIR": str(tmp_path / "data"), "PORT": str(free_port())}
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "quickstart"],
            cwd=settings.BASE_DIR,
            env=kept | own,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    wait_for(lambda: "Ready in" in log.read_text() or process.poll() is not None)
    assert process.poll() is None, log.read_text()
    yield process, log
    process.terminate()
    process.wait(timeout=30)


def wait_for(condition, seconds=60):
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert condition()


def processes_of(data_dir):
    """Give the ids of the processes that have this folder in their environment."""
    found = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if f"DATA_DIR={data_dir}\0" in (entry / "environ").read_text(errors="replace"):
                found[int(entry.name)] = (entry / "cmdline").read_text().replace("\0", " ")
        except OSError:
            continue  # ended meanwhile, or not ours
    return found


def test_ctrl_c_stops_everything(demo, tmp_path):
    process, _log = demo
    kinds = " ".join(processes_of(tmp_path / "data").values())
    assert [name in kinds for name in ("gunicorn", "celery", "demo_mail_server")] == [True] * 3

    process.send_signal(signal.SIGINT)

    assert process.wait(timeout=30) == 0
    assert processes_of(tmp_path / "data") == {}


def test_everything_stops_when_one_process_dies(demo, tmp_path):
    process, log = demo
    worker = min(pid for pid, line in processes_of(tmp_path / "data").items() if "celery" in line)

    os.kill(worker, signal.SIGKILL)

    assert process.wait(timeout=30) == 1
    assert re.search(r"The worker process ended \(exit code -9\)", log.read_text())
    assert processes_of(tmp_path / "data") == {}
