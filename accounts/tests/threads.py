"""Real threads for races; only in tests with ``transaction=True``."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from django.db import connections


def run_at_once(count: int, work: Callable[[int], object]) -> list[object]:
    """Run ``work(number)`` in so many threads that start together; give results or errors."""
    gate = Barrier(count)

    def run(number: int) -> object:
        gate.wait()
        try:
            return work(number)
        except Exception as error:  # noqa: BLE001 - the test looks at it
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))
