"""What the environment says, before Django reads any setting.

The environment wins over every default. Only the demo makes a key of its own; anywhere
else a missing ``SECRET_KEY`` refuses to start.
"""

import os
import secrets
from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent
LOOPBACK = ("127.0.0.1", "localhost", "::1")

read = environ.Env()


def data_dir() -> Path:
    """Give the folder for what the portal writes: database, broker, keys of the demo."""
    return Path(read.str("DATA_DIR", default=str(BASE_DIR / "data"))).resolve()


def demo_key_path() -> Path:
    """Give the file that holds the demo's key and whose presence marks the demo."""
    return data_dir() / "demo.key"


def make_demo_key() -> None:
    """Write the demo's key once, readable by the owner alone; a given ``SECRET_KEY`` wins."""
    path = demo_key_path()
    if read.str("SECRET_KEY", default="") or path.exists():
        return
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(64))


def secret_key() -> tuple[str, bool]:
    """Give the secret key and whether this is the demo; raises ImproperlyConfigured."""
    given = read.str("SECRET_KEY", default="")
    if given:
        return given, False
    path = demo_key_path()
    if not path.exists():
        raise ImproperlyConfigured(
            "SECRET_KEY is not set. Set it to a long random value, or run "
            "`python manage.py quickstart` for a demo on this machine."
        )
    return path.read_text(encoding="ascii").strip(), True
