"""What a thief of the database and the broker reads: everything stored, opened as far as it opens.

No key is used. What is base64, hexadecimal, JSON, packed or signed by Django is unfolded; what is
encrypted stays shut.
"""

import base64
import binascii
import json
import re
import zlib
from collections.abc import Callable, Iterable, Iterator
from urllib.parse import unquote

from django.conf import settings
from django.core.cache import cache
from django.db import connections

DEEPEST = 4  # a value in JSON in base64 in a signed value
LONGEST_WORD = 256
# What may be one encoded value: of both alphabets of base64, hexadecimal and base 32 too.
ENCODED = re.compile(r"[A-Za-z0-9+/_-]{8,}={0,6}")
SEEDS = range(16, 41)  # bytes of a seed: RFC 4226 asks for 16, and more than 40 nobody makes
Texts = dict[str, str]


def dump() -> Iterator[tuple[str, str]]:
    """Give (place, text) of every value in every table of every database, and of the cache."""
    for alias in connections:
        with connections[alias].cursor() as cursor:
            for table in connections[alias].introspection.table_names(cursor):
                cursor.execute(f'SELECT * FROM "{table}"')
                names = [column[0] for column in cursor.description]
                for row in cursor.fetchall():
                    for name, value in zip(names, row, strict=True):
                        yield from _as_texts(f"{table}.{name}", value)
    if settings.CACHES["default"]["BACKEND"].endswith("RedisCache"):
        yield from redis_values(cache._cache.get_client(), f"{cache.key_prefix}:*")


def redis_values(client, pattern: str) -> Iterator[tuple[str, str]]:
    """Give every key and value of a Redis under these names."""
    for key in client.scan_iter(pattern):
        kind = client.type(key)
        values = {
            b"list": lambda key: client.lrange(key, 0, -1),
            b"set": client.smembers,
            b"hash": lambda key: [*client.hgetall(key).items()],
            b"zset": lambda key: client.zrange(key, 0, -1),
        }.get(kind, lambda key: [client.get(key)])(key)
        for value in [key, *values]:
            yield from _as_texts("redis", b" ".join(value) if isinstance(value, tuple) else value)


def unfold(places: Iterable[tuple[str, str]]) -> Texts:
    """Give every text that a dump comes to when it is opened, and where it stood."""
    texts: Texts = {}
    waiting = [(text, place, 0) for place, text in places]
    while waiting:
        text, place, depth = waiting.pop()
        if text in texts or not text:
            continue
        texts[text] = place
        if depth < DEEPEST:
            waiting += [(inner, place, depth + 1) for inner in _opened(text)]
    return texts


def found(texts: Texts, secrets: dict[str, str]) -> set[str]:
    """Give the names of the secrets that stand in a dump, in whatever spelling."""
    spellings = {name: _spellings(secret) for name, secret in secrets.items()}
    everything = "\n".join(texts)
    return {name for name, forms in spellings.items() if any(form in everything for form in forms)}


def words_of(texts: Iterable[str]) -> set[str]:
    """Give all that a thief would try: whole values, and what stands between their separators."""
    words = set()
    for text in texts:
        if not text.isprintable() and "\n" not in text:
            continue
        words.add(text)
        for parts in (r"[\s\"',{}\[\]]+", r"[\s/?&#]+", r"[^\w+/=-]+", r"[^\w-]+", r"[\W_]+"):
            words.update(re.split(parts, text))
    return {word for word in words if 0 < len(word) <= LONGEST_WORD}


def seeds_of(texts: Iterable[str]) -> set[bytes]:
    """Give whatever could be the seed of an authenticator app."""
    decoders = (_base32, _base64, _hexadecimal)
    decoded = {decode(word) for word in words_of(texts) for decode in decoders}
    raw = {text.encode("latin-1") for text in texts if _is_latin(text)}
    return {seed for seed in decoded | raw if seed and len(seed) in SEEDS}


def _as_texts(place: str, value: object) -> Iterator[tuple[str, str]]:
    if isinstance(value, bytes | memoryview):
        yield place, bytes(value).decode("latin-1")
    elif value is not None:
        yield place, str(value)


def _opened(text: str) -> Iterator[str]:
    """Give what one step of opening finds in a text."""
    yield from _in_json(text)
    yield unquote(text)
    for word in {*ENCODED.findall(text), *re.split(r"[^A-Za-z0-9+/=]+", text)}:
        for decode in (_base64, _hexadecimal, _base32):
            data = decode(word)
            if data:
                yield data.decode("latin-1")
                yield from _unpacked(data)
    yield from _unpacked(text.encode("latin-1", "ignore"))


def _unpacked(data: bytes) -> Iterator[str]:
    for window in (zlib.MAX_WBITS, zlib.MAX_WBITS | 16):  # zlib's own frame, gzip's
        try:
            yield zlib.decompressobj(window).decompress(data).decode("latin-1")
        except zlib.error:
            continue


def _in_json(text: str) -> Iterator[str]:
    if text[:1] not in '{["':
        return
    try:
        waiting = [json.loads(text)]
    except ValueError:
        return
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            waiting += [*value, *value.values()]
        elif isinstance(value, list):
            waiting += value
        else:
            yield str(value)


def _base64(word: str) -> bytes:
    plain = word.rstrip("=").replace("-", "+").replace("_", "/")
    return _decoded(base64.b64decode, plain + "=" * (-len(plain) % 4))


def _hexadecimal(word: str) -> bytes:
    return _decoded(bytes.fromhex, word)


def _base32(word: str) -> bytes:
    plain = word.rstrip("=").upper()
    return _decoded(base64.b32decode, plain + "=" * (-len(plain) % 8))


def _decoded(decode: Callable[[str], bytes], text: str) -> bytes:
    try:
        return decode(text)
    except (ValueError, binascii.Error):
        return b""


def _is_latin(text: str) -> bool:
    return len(text) in SEEDS and all(ord(sign) < 256 for sign in text)


def _spellings(secret: str) -> set[str]:
    """Give how a secret may be written: with and without its dashes, encoded, or as bytes."""
    plain = {secret, secret.replace("-", ""), secret.lower()}
    encoded = {
        form
        for text in plain
        for form in (
            text.encode().hex(),
            *(_inside_base64(text.encode(), shift) for shift in range(3)),
        )
    }
    seed = _base32(secret)
    raw = {seed.decode("latin-1"), seed.hex()} if len(seed) in SEEDS else set()
    urlsafe = {form.replace("+", "-").replace("/", "_") for form in encoded}
    return plain | encoded | urlsafe | raw


def _inside_base64(data: bytes, shift: int) -> str:
    """Give how bytes look in base64 behind ``shift`` others: without the signs these share."""
    encoded = base64.b64encode(bytes(shift) + data).decode().rstrip("=")
    first = -(-shift * 8 // 6)
    last = (shift + len(data)) * 8 // 6
    return encoded[first:last]
