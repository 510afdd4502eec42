"""Ports for servers that a test starts."""

import socket


def free_port() -> int:
    """Give a port of this machine that nothing uses now, nor the one above it (the demo's mail)."""
    while True:
        with socket.socket() as probe, socket.socket() as above:
            probe.bind(("127.0.0.1", 0))
            port: int = probe.getsockname()[1]
            try:
                above.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            return port
