"""Measure whether answers tell who exists by their time (design.md section 6, Enumeration).

Posts known and unknown accounts in turn, on the database of DATABASE_URL or a fresh SQLite file,
with the real password hashing, and prints the Mann-Whitney AUC of each page: 0.5 is no difference,
and 0.47 to 0.53 is the bar. Run it on a quiet machine: ``make bench``.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

BAR = (0.47, 0.53)
KNOWN_ACCOUNTS = 40
PASSWORD = "Copper-lantern-7-river"  # noqa: S105 - of accounts that live a minute


def main() -> int:
    """Measure every page; give 1 when one is outside the bar."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--samples", type=int, default=2000, help="of each kind, for each page")
    samples = parser.parse_args().samples
    with tempfile.TemporaryDirectory() as folder:
        _set_up(Path(folder))
        return _measure(samples)


def _set_up(folder: Path) -> None:
    """Make a portal of its own that publishes nothing."""
    (folder / "static").mkdir()
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "acsr_site.settings",
        "DATA_DIR": str(folder),
        "SECRET_KEY": "a-key-of-the-benchmark-0123456789-0123456789-0123456789",
        "CACHE_URL": "dummycache://",
        "PUBLISH_HINTS": "false",
        "STATIC_STORAGE": "django.contrib.staticfiles.storage.StaticFilesStorage",
        "LOG_LEVEL": "CRITICAL",
    }
    import django  # noqa: PLC0415 - the environment comes first

    django.setup()
    from django.test.utils import setup_databases, setup_test_environment  # noqa: PLC0415 - as above

    setup_test_environment()
    setup_databases(verbosity=0, interactive=False)


def _measure(samples: int) -> int:
    from accounts.tests.factories import make_user  # noqa: PLC0415 - Django is set up by now

    known = [f"person{number}@example.org" for number in range(KNOWN_ACCOUNTS)]
    unknown = [f"nobody{number}@example.org" for number in range(KNOWN_ACCOUNTS)]
    for address in known:
        make_user(email=address, password=PASSWORD)
    failed = 0
    for name, page in (("start", _start), ("code", _code), ("sign-in", _sign_in)):
        auc = _auc(*_sample(page, known, unknown, samples))
        is_fine = BAR[0] <= auc <= BAR[1]
        failed += not is_fine
        print(f"{name:<8} AUC {auc:.3f}  {'ok' if is_fine else 'OUTSIDE the bar'}")
    return 1 if failed else 0


def _sample(
    page: Callable[[str, str], float], known: list[str], unknown: list[str], samples: int
) -> tuple[list[float], list[float]]:
    """Time the page for known and unknown accounts in turn, after a short warm-up."""
    networks = _networks()
    times: tuple[list[float], list[float]] = ([], [])
    for number in range(-20, samples):
        # Who comes first changes each time: the first of a pair finds other caches than the second.
        for kind in (0, 1) if number % 2 else (1, 0):
            names = (known, unknown)[kind]
            taken = page(names[number % KNOWN_ACCOUNTS], next(networks))
            if number >= 0:
                times[kind].append(taken)
    return times


def _start(account: str, network: str) -> float:
    return _timed("/acsr/", network, identifier=account, contact_email=_mailbox())


def _code(account: str, network: str) -> float:
    """Time a wrong code on a ticket of this account."""
    from django.test import Client  # noqa: PLC0415 - Django is set up by now

    browser = Client(REMOTE_ADDR=network)
    browser.post("/acsr/", {"identifier": account, "contact_email": _mailbox()})
    started = time.perf_counter()
    browser.post("/acsr/code/", {"code": "00000000"})
    return time.perf_counter() - started


def _sign_in(account: str, network: str) -> float:
    return _timed("/sign-in/", network, identifier=account, password="Wrong-lantern-7-river")  # noqa: S106 - wrong


def _timed(url: str, network: str, **fields: str) -> float:
    """Give the seconds that a fresh browser waits for the answer to one post."""
    from django.test import Client  # noqa: PLC0415 - Django is set up by now

    browser = Client(REMOTE_ADDR=network)
    started = time.perf_counter()
    browser.post(url, fields)
    return time.perf_counter() - started


_numbers = count()


def _mailbox() -> str:
    return f"claimant{next(_numbers)}@example.net"


def _networks() -> Iterator[str]:
    """Give addresses that no limit meets twice."""
    for number in count():
        yield f"10.{number // 65_536 % 256}.{number // 256 % 256}.{number % 256}"


def _auc(first: list[float], second: list[float]) -> float:
    """Give the chance that a random sample of the first is slower than one of the second."""
    ranked = sorted([(value, 0) for value in first] + [(value, 1) for value in second])
    ranks = sum(rank for rank, (_value, kind) in enumerate(ranked, start=1) if kind == 0)
    return (ranks - len(first) * (len(first) + 1) / 2) / (len(first) * len(second))


if __name__ == "__main__":
    sys.exit(main())
