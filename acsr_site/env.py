"""What the environment says, before Django reads any setting.

The environment wins over every default. Only the demo makes a key of its own; anywhere
else a missing ``SECRET_KEY`` refuses to start.
"""

import os
import re
import secrets
import zoneinfo
from pathlib import Path
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent
LOOPBACK = ("127.0.0.1", "localhost", "::1")
# Of recovery.questions, which may not be imported before settings stand; a test compares them.
QUESTIONS = (
    "name", "birth_date", "home", "created", "last_sign_in", "places", "devices", "browsers",
    "contacts", "second_step", "passwords",
)  # fmt: skip
# Grades keep "fact:" and the name in 20 characters.
FACT_NAME = re.compile(r"[a-z][a-z0-9_]{0,14}", re.ASCII)

read = environ.Env()


def data_dir() -> Path:
    """Give the folder for what the portal writes: database, broker, keys of the demo."""
    return Path(read.str("DATA_DIR", default=str(BASE_DIR / "data"))).resolve()


def make_data_dir() -> Path:
    """Give that folder, made where it is missing; raises ImproperlyConfigured."""
    folder = data_dir()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ImproperlyConfigured(
            f"DATA_DIR: {folder} cannot be made: {error.strerror}"
        ) from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise ImproperlyConfigured(f"DATA_DIR: {folder} cannot be written to.")
    return folder


def number(name: str, default: int, *, least: int, most: int) -> int:
    """Give a whole number; raises ImproperlyConfigured for what is none, or out of bounds."""
    given = read.str(name, default=str(default))
    if not given.isascii() or not given.isdecimal() or not least <= int(given) <= most:
        raise ImproperlyConfigured(f"{name}: {given!r} is no number from {least} to {most}.")
    return int(given)


def choice(name: str, default: str, *, of: tuple[str, ...]) -> str:
    """Give one of these words; raises ImproperlyConfigured for another one."""
    given: str = read.str(name, default=default)
    if given not in of:
        raise ImproperlyConfigured(f"{name}: {given!r} is not one of {', '.join(of)}.")
    return given


def words(name: str, *, of: tuple[str, ...] = ()) -> list[str]:
    """Give a list of words; where ``of`` says which there are, raises ImproperlyConfigured."""
    given = [word.strip() for word in read.list(name, default=[])]
    unknown = [word for word in given if of and word not in of]
    if unknown:
        raise ImproperlyConfigured(f"{name}: {unknown[0]!r} is not one of {', '.join(of)}.")
    return given


def pairs(name: str) -> list[str]:
    """Give "name=Question" pairs of facts, each name once; raises ImproperlyConfigured."""
    given = words(name)
    names = set()
    for pair in given:
        fact, _sign, question = (part.strip() for part in pair.partition("="))
        if not FACT_NAME.fullmatch(fact) or not question:
            raise ImproperlyConfigured(
                f"{name}: {pair!r} is no pair such as member_number=Member number (a name of at "
                "most 15 small letters, digits and underscores)."
            )
        if fact in names:
            raise ImproperlyConfigured(f"{name}: {fact!r} is there twice.")
        names.add(fact)
    return given


def url(name: str, default: str, *, schemes: tuple[str, ...]) -> str:
    """Give a URL of one of these schemes; raises ImproperlyConfigured."""
    given: str = read.str(name, default=default)
    parts = urlsplit(given)
    if parts.scheme not in schemes or not parts.hostname:
        wanted = " or ".join(f"{scheme}://" for scheme in schemes)
        # Not what was given: it may hold a password.
        raise ImproperlyConfigured(f"{name} does not begin with {wanted} and a host.")
    return given


def time_zone(name: str, default: str) -> str:
    """Give the name of a time zone; raises ImproperlyConfigured."""
    given: str = read.str(name, default=default)
    if given not in zoneinfo.available_timezones():
        raise ImproperlyConfigured(f"{name}: {given!r} is no time zone such as Europe/Berlin.")
    return given


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


def origin(url: str, host: str) -> str:
    """Give scheme, ``host`` and port of a URL: what browsers call its origin."""
    parts = urlsplit(url)
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{host}{port}"
