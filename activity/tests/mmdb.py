"""Write the smallest database in MaxMind's format, with one network in it."""

import ipaddress
import struct
from pathlib import Path
from typing import Any

MAP, TEXT, DOUBLE, UINT16, UINT32, UINT64, ARRAY = 7, 2, 3, 5, 6, 9, 11
SEPARATOR = bytes(16)


def write_mmdb(path: Path, network: str, record: dict[str, Any]) -> None:
    """Write a file that knows ``record`` for one IPv4 network (maxmind.github.io/MaxMind-DB)."""
    prefix = ipaddress.IPv4Network(network)
    bits = f"{int(prefix.network_address):032b}"[: prefix.prefixlen]
    count = len(bits)
    tree = b""
    for depth, bit in enumerate(bits):
        onward = depth + 1 if depth + 1 < count else count + len(SEPARATOR)
        left, right = (onward, count) if bit == "0" else (count, onward)
        tree += left.to_bytes(3, "big") + right.to_bytes(3, "big")
    metadata = {
        "binary_format_major_version": (UINT16, 2),
        "binary_format_minor_version": (UINT16, 0),
        "build_epoch": (UINT64, 1),
        "database_type": "Test-City",
        "description": {"en": "test"},
        "ip_version": (UINT16, 4),
        "languages": ["en"],
        "node_count": (UINT32, count),
        "record_size": (UINT16, 24),
    }
    path.write_bytes(
        tree + SEPARATOR + _encode(record) + b"\xab\xcd\xefMaxMind.com" + _encode(metadata)
    )


def _encode(value: Any) -> bytes:
    if isinstance(value, str):
        return _head(TEXT, len(value.encode())) + value.encode()
    if isinstance(value, dict):
        pairs = b"".join(_encode(key) + _encode(item) for key, item in value.items())
        return _head(MAP, len(value)) + pairs
    if isinstance(value, list):
        return _head(ARRAY, len(value)) + b"".join(_encode(item) for item in value)
    if isinstance(value, float):
        return _head(DOUBLE, 8) + struct.pack(">d", value)
    kind: int = value[0]
    number: int = value[1]
    size = (number.bit_length() + 7) // 8
    return _head(kind, size) + number.to_bytes(size, "big")


def _head(kind: int, size: int) -> bytes:
    """Give the control byte; sizes from 29 on take a second one, kinds from 8 on too."""
    small, more = (size, b"") if size < 29 else (29, bytes([size - 29]))
    if kind < 8:
        return bytes([kind << 5 | small]) + more
    return bytes([small, kind - 7]) + more
