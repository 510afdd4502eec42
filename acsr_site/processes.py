"""Run the processes of one portal together: all of them, or none."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
ASKED = "asked to stop"
GRACE_SECONDS = 10  # a message that is being handed over may end (settings.EMAIL_TIMEOUT)


class Group:
    """Child processes that live and die together; their output comes out as ``name | line``."""

    def __init__(self, write: Callable[[str], object], *, folder: Path) -> None:
        """Write lines with ``write``; children start in ``folder``."""
        self._write = write
        self._folder = folder
        self._children: dict[str, subprocess.Popen[str]] = {}
        self._readers: list[threading.Thread] = []
        # SimpleQueue, because a signal handler may put while the main thread gets.
        self._ends: SimpleQueue[str] = SimpleQueue()

    def listen_for_stop(self) -> None:
        """Take Ctrl-C, SIGTERM and a closed terminal as the wish to stop everything."""
        for number in STOP_SIGNALS:
            signal.signal(number, lambda *_: self._ends.put(ASKED))

    def start(self, name: str, command: list[str]) -> None:
        """Start one child in a session of its own, so that Ctrl-C reaches only us."""
        child = subprocess.Popen(  # noqa: S603 - our own command lines
            command,
            cwd=self._folder,
            env=os.environ | {"PYTHONUNBUFFERED": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        self._children[name] = child
        for work in (self._copy_lines, self._report_end):
            reader = threading.Thread(target=work, args=(name, child), daemon=True)
            self._readers.append(reader)
            reader.start()

    def wait_for_end(self) -> str:
        """Wait, and give the name of the child that died, or ``ASKED`` when told to stop."""
        return self._ends.get()

    def wait(self, seconds: float) -> str | None:
        """Wait for an end no longer than that; None means that all is well."""
        try:
            return self._ends.get(timeout=seconds)
        except Empty:
            return None

    def exit_code(self, name: str) -> int | None:
        """Give the exit code of a child, negative for a signal, None while it runs."""
        return self._children[name].poll()

    def stop(self) -> None:
        """Ask every child to end, then make those that do not; nothing is left behind."""
        for child in self._children.values():
            # Only the child itself: it knows best how to end what it has started.
            child.terminate()
        deadline = time.monotonic() + GRACE_SECONDS
        for child in self._children.values():
            with suppress(subprocess.TimeoutExpired):
                child.wait(timeout=max(0.1, deadline - time.monotonic()))
            with suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            child.wait()
        for reader in self._readers:
            reader.join(timeout=1)  # seconds; the last lines often say why

    def _copy_lines(self, name: str, child: subprocess.Popen[str]) -> None:
        assert child.stdout is not None
        with child.stdout as lines:
            for line in lines:
                self._write(f"{name:<6} | {line.rstrip()}")

    def _report_end(self, name: str, child: subprocess.Popen[str]) -> None:
        child.wait()
        self._ends.put(name)
