"""Write the pinned closure of requirements*.in, as pip itself resolves it (wheels only)."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HEADER = "# Written by `make requirements` from {source}; change that file instead.\n"


def main() -> None:
    """Rewrite both lock files; the development one leaves out what the runtime one pins."""
    runtime = resolve("requirements.in")
    write("requirements.in", "requirements.txt", runtime)
    development = resolve("requirements.in", "requirements-dev.in")
    write("requirements-dev.in", "requirements-dev.txt", development - runtime)


def resolve(*sources: str) -> set[str]:
    """Ask pip which ``name==version`` it would install for these files in an empty place."""
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--dry-run"]
    command += ["--ignore-installed", "--only-binary", ":all:", "--report", "-"]
    for source in sources:
        command += ["-r", source]
    answer = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    packages = [row["metadata"] for row in json.loads(answer.stdout)["install"]]
    return {f"{package['name'].lower()}=={package['version']}" for package in packages}


def write(source: str, target: str, pins: set[str]) -> None:
    """Write the pins in alphabetical order below a line that says where they come from."""
    text = HEADER.format(source=source) + "".join(f"{pin}\n" for pin in sorted(pins))
    (ROOT / target).write_text(text, encoding="ascii")


if __name__ == "__main__":
    main()
