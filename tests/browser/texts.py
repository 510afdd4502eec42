"""Every phone in the world: the folder into which the worker writes text messages."""

import json
import re
import time
from pathlib import Path

SENT = re.compile(r"\b(\d{4}-?\d{4})\b")
PATIENCE = 20  # seconds


class Texts:
    """The text messages that were sent, one file each."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def code(self, number: str, after: str = "") -> str:
        """Wait for a code to this number and give the newest; after: the one before it."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            codes = self._codes_to(number)
            if codes and codes[-1] != after:
                return codes[-1]
            time.sleep(0.1)
        raise AssertionError(f"no text message with a code to {number}")

    def _codes_to(self, number: str) -> list[str]:
        messages = [json.loads(file.read_text()) for file in sorted(self.folder.glob("*.json"))]
        found = [SENT.search(each["text"]) for each in messages if each["to"] == number]
        return [code[1] for code in found if code]
