"""What the papers say of the code is compared with the code."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
READERS = ("acsr_site/env.py", "acsr_site/settings.py")
HEADINGS = ["name", "meaning", "default", "example", "when it is wrong"]
LINK = re.compile(r"\]\((?!https?://|#|mailto:)([^)#\s]+)")
PAPERS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])


def variables_read(source: str) -> Iterator[str]:
    """Give the names that ``read``, ``env.read`` and readers of env are called with."""
    for node in ast.walk(ast.parse(source)):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        is_reader = ast.unparse(node.func.value) in {"read", "env.read", "env"}
        name = node.args[0] if node.args else None
        if is_reader and isinstance(name, ast.Constant):
            yield str(name.value)


def table_of_variables() -> list[list[str]]:
    """Give the rows of the first table in docs/settings.md, cell by cell."""
    text = (ROOT / "docs/settings.md").read_text(encoding="utf-8")
    start = text.index(f"| {' | '.join(HEADINGS)} |")
    lines = text[start : text.index("\n\n", start)].splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_every_variable_that_is_read_is_described_once_and_no_other():
    read = {name for path in READERS for name in variables_read((ROOT / path).read_text("utf-8"))}

    described = [row[0] for row in table_of_variables()]

    assert sorted(described) == sorted(f"`{name}`" for name in read)


def test_every_variable_has_all_that_an_operator_asks():
    rows = table_of_variables()

    unfinished = [row for row in rows if len(row) != len(HEADINGS) or not all(row)]

    assert unfinished == []


@pytest.mark.parametrize("paper", PAPERS, ids=lambda paper: paper.relative_to(ROOT).as_posix())
def test_every_link_between_papers_leads_to_a_file(paper):
    targets = LINK.findall(paper.read_text(encoding="utf-8"))

    missing = [target for target in targets if not (paper.parent / target).exists()]

    assert missing == []


def test_every_test_that_the_threat_model_names_exists():
    text = (ROOT / "docs/threat-model.md").read_text(encoding="utf-8")
    named = re.findall(r"`([\w/]+\.py)::(test_\w+)`", text)

    missing = [
        f"{path}::{name}"
        for path, name in named
        if not (ROOT / path).is_file() or f"def {name}(" not in (ROOT / path).read_text("utf-8")
    ]

    assert named
    assert missing == []
