"""Refuse files over 350 lines and functions over 50; migrations are as long as they must be."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FILE_LINES = 350
FUNCTION_LINES = 50
SUFFIXES = {".py", ".html", ".css", ".js", ".txt"}
LOCK_FILES = {"requirements.txt", "requirements-dev.txt"}


def main() -> int:
    """Print what is too long; give 1 if anything is."""
    found = [line for path in _files() for line in _too_long(path)]
    print("\n".join(found) or "Lengths: all within bounds.")
    return 1 if found else 0


def _files() -> Iterator[Path]:
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    for name in names.stdout.splitlines():
        path = ROOT / name
        if path.suffix in SUFFIXES and path.exists() and path.name not in LOCK_FILES:
            yield path


def _too_long(path: Path) -> Iterator[str]:
    if "migrations" in path.parts:
        return
    text = path.read_text(encoding="utf-8")
    name = path.relative_to(ROOT)
    lines = text.count("\n")
    if lines > FILE_LINES:
        yield f"{name}: {lines} lines, at most {FILE_LINES}"
    if path.suffix == ".py":
        for line, function, length in _long_functions(ast.parse(text)):
            yield f"{name}:{line}: {function} has {length} lines, at most {FUNCTION_LINES}"


def _long_functions(tree: ast.Module) -> Iterator[tuple[int, str, int]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > FUNCTION_LINES:
                yield node.lineno, node.name, length


if __name__ == "__main__":
    sys.exit(main())
