"""What a signal told, for tests."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from django.dispatch import Signal


@contextmanager
def heard(signal: Signal) -> Generator[list[dict[str, Any]]]:
    """Collect the arguments of every sending, in order."""
    told: list[dict[str, Any]] = []

    def listen(sender: object, signal: Signal, **arguments: Any) -> None:
        told.append(arguments)

    signal.connect(listen)
    try:
        yield told
    finally:
        signal.disconnect(listen)
