"""Collect static files when they have changed, which a start must not wait for otherwise."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command


def collect_if_changed() -> bool:
    """Run ``collectstatic`` unless the last run saw the same files; say whether it ran."""
    mark = Path(settings.STATIC_ROOT) / ".collected"
    state = _fingerprint()
    if mark.exists() and mark.read_text(encoding="ascii") == state:
        return False
    call_command("collectstatic", interactive=False, verbosity=0, clear=True)
    mark.write_text(state, encoding="ascii")
    return True


def _fingerprint() -> str:
    """Give a digest over storage class, path, size and time of every source file."""
    digest = hashlib.sha256(settings.STORAGES["staticfiles"]["BACKEND"].encode())
    for path in _sources():
        facts = path.stat()
        digest.update(f"{path}|{facts.st_size}|{facts.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def _sources() -> Iterator[Path]:
    for finder in get_finders():
        for name, storage in finder.list([]):
            yield Path(storage.path(name))
