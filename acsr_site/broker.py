"""The broker of a portal without services: a folder with one file a message.

Kombu's own transport opens a message's file before it writes it, so a reader in another process
can find it empty, and its worker dies of that. Here a message appears under its name when it is
whole. What a killed process held is lost; the sweeps bring back what it pointed at.
"""

import time
import uuid
from pathlib import Path
from queue import Empty
from typing import Any

from kombu.transport import filesystem
from kombu.utils.json import dumps, loads


class Channel(filesystem.Channel):
    """Put and take whole files."""

    # The stubs of the two parents name the arguments differently, so one of them is ignored.
    def _put(  # type: ignore[override]
        self, queue: str, payload: dict[str, Any], **_kwargs: Any
    ) -> None:
        folder = Path(self.data_folder_out)
        name = f"{time.time_ns()}_{uuid.uuid4().hex}"
        draft = folder / f"{name}.part"
        draft.write_text(dumps(payload), encoding="utf-8")
        draft.rename(folder / f"{name}.{queue}.msg")

    def _get(self, queue: str, timeout: float | None = None) -> dict[str, Any]:
        for waiting in sorted(Path(self.data_folder_in).glob(f"*.{queue}.msg")):
            taken = waiting.with_suffix(".taken")
            try:
                waiting.rename(taken)
            except FileNotFoundError:
                continue  # another reader was quicker
            message: dict[str, Any] = loads(taken.read_text(encoding="utf-8"))
            taken.unlink()
            return message
        raise Empty

    def get_table(  # type: ignore[override]
        self, exchange: str
    ) -> list[tuple[str, str, str]]:
        """Give the bindings of this process: who publishes declares the queue first.

        Kombu shares them in a file that processes overwrite while others read it. What nobody
        here has bound a queue to (a worker's heartbeats) goes nowhere.
        """
        known = self.state.exchanges or {}
        bindings: list[tuple[str, str, str]] = known.get(exchange, {}).get("table", [])
        return bindings

    def _queue_bind(self, *_args: Any) -> None:
        """Write no file: the caller has noted the binding in memory."""


class Transport(filesystem.Transport):
    Channel = Channel
