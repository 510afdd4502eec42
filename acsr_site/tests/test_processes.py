import os
import sys
import time
from pathlib import Path

import pytest

from acsr_site import processes

SLEEPS = [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(60)"]
DIES = [sys.executable, "-c", "print('cannot start'); raise SystemExit(3)"]
# Ignores the polite request, and has started a process of its own.
STUBBORN_PROGRAM = """
import signal, subprocess, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print(subprocess.Popen(["sleep", "60"]).pid, flush=True)
time.sleep(60)
"""
STUBBORN = [sys.executable, "-c", STUBBORN_PROGRAM]


@pytest.fixture
def lines():
    return []


@pytest.fixture
def group(lines, tmp_path, monkeypatch):
    monkeypatch.setattr(processes, "GRACE_SECONDS", 0.5)
    made = processes.Group(lines.append, folder=tmp_path)
    yield made
    made.stop()


def wait_for_lines(lines, count=1):
    deadline = time.monotonic() + 10
    while len(lines) < count and time.monotonic() < deadline:
        time.sleep(0.01)
    return lines


def is_alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").split()[2] != "Z"
    except FileNotFoundError:
        return False


def test_output_says_whose_it_is(group, lines):
    group.start("web", SLEEPS)

    assert wait_for_lines(lines) == ["web    | up"]


def test_a_child_that_dies_is_named_with_its_exit_code(group):
    group.start("web", SLEEPS)
    group.start("worker", DIES)

    ended = group.wait(seconds=10)

    assert (ended, group.exit_code("worker"), group.exit_code("web")) == ("worker", 3, None)


def test_nothing_ends_while_all_is_well(group):
    group.start("web", SLEEPS)

    assert group.wait(seconds=0.1) is None


def test_stop_ends_every_child(group):
    group.start("web", SLEEPS)
    group.start("worker", SLEEPS)

    group.stop()

    assert None not in {group.exit_code("web"), group.exit_code("worker")}


def test_stop_leaves_no_orphan_of_a_stubborn_child(group, lines):
    group.start("worker", STUBBORN)
    grandchild = int(wait_for_lines(lines)[0].split()[-1])
    assert is_alive(grandchild)

    group.stop()

    deadline = time.monotonic() + 5
    while is_alive(grandchild) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not is_alive(grandchild)


@pytest.mark.parametrize("number", processes.STOP_SIGNALS)
def test_a_signal_is_the_wish_to_stop(group, number):
    before = {each: processes.signal.getsignal(each) for each in processes.STOP_SIGNALS}
    group.listen_for_stop()
    try:
        os.kill(os.getpid(), number)

        assert group.wait(seconds=5) == processes.ASKED
    finally:
        for each, handler in before.items():
            processes.signal.signal(each, handler)
