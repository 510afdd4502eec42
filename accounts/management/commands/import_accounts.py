"""``manage.py import_accounts``: accounts of another system, from a file."""

from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

from django.core.management.base import BaseCommand, CommandError

from accounts.services.import_rows import FACT_PREFIX, FIELDS, read_csv, read_json_lines
from accounts.services.importing import Report, import_rows

READERS = {"jsonl": read_json_lines, "csv": read_csv}
SUFFIXES = {".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "jsonl", ".csv": "csv"}
BAR_WIDTH = 40  # characters


class Command(BaseCommand):
    help = (
        "Take over accounts from a JSON Lines or CSV file (UTF-8). Run it once before opening, and "
        "again whenever new people are in the file: accounts that are here already are left as "
        "they are, and nobody is written to. Fields: " + ", ".join(FIELDS) + ", and facts that "
        'EVIDENCE_FACTS asks about (columns fact:NAME, or an object "facts"), of which digests '
        "alone are kept. Each password and "
        "each password_hash (as Django writes it) costs one Argon2: reckon with 20 ms a row and "
        "core, 10,000 rows in about two minutes on two cores. Bad rows are reported with their "
        "line and do not stop the good ones; the exit status is 1 if there were any."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="the file")
        parser.add_argument(
            "--format", choices=sorted(READERS), help="where the name of the file does not say it"
        )
        parser.add_argument(
            "--map",
            action="append",
            default=[],
            metavar="FIELD=COLUMN",
            help="take FIELD from another column, as in --map email=mail; may be repeated",
        )
        parser.add_argument(
            "--update",
            action="store_true",
            help="bring profile and facts of accounts that are here up to the file; never their "
            "addresses or passwords, and protection only upwards",
        )
        parser.add_argument("--dry-run", action="store_true", help="check the rows, change nothing")

    def handle(
        self,
        *,
        file: Path,
        format: str | None,  # noqa: A002 - the option's name
        map: list[str],  # noqa: A002 - the option's name
        update: bool,
        dry_run: bool,
        **options: Any,
    ) -> None:
        reader = READERS[format or _format_of(file)]
        try:
            with file.open("rb") as source:
                lines = _lines(source, self._progress(file.stat().st_size))
                report = import_rows(
                    reader(lines), names=_names(map), is_dry_run=dry_run, is_update=update
                )
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror}") from error
        self._tell(report, is_dry_run=dry_run, is_update=update)

    def _tell(self, report: Report, *, is_dry_run: bool, is_update: bool) -> None:
        if self.stdout.isatty():
            self.stdout.write("")
        for line, reason in report.refused:
            self.stderr.write(f"line {line}: {reason}")
        self.stdout.write(
            f"{report.created} created, {f'{report.updated} updated, ' if is_update else ''}"
            f"{report.unchanged} here already, "
            f"{len(report.refused)} refused{' (dry run)' if is_dry_run else ''}."
        )
        if report.refused:
            raise CommandError("Some rows were not taken over.")

    def _progress(self, size: int) -> Callable[[int], None]:
        """Give what draws the bar, on a terminal; ``size`` is in bytes."""
        drawn = -1

        def draw(done: int) -> None:
            nonlocal drawn
            percent = 100 * done // max(size, 1)
            if percent == drawn or not self.stdout.isatty():
                return
            drawn = percent
            bar = "#" * (BAR_WIDTH * percent // 100)
            self.stdout.write(f"\r[{bar:<{BAR_WIDTH}}] {percent:3} %", ending="")
            self.stdout.flush()

        return draw


def _lines(source: BinaryIO, draw: Callable[[int], None]) -> Iterator[str]:
    """Give decoded lines; a byte that is not UTF-8 stays recognisable, its row is refused."""
    done = 0
    for number, raw in enumerate(source):
        done += len(raw)
        draw(done)
        yield raw.decode("utf-8-sig" if number == 0 else "utf-8", "surrogateescape")


def _format_of(file: Path) -> str:
    try:
        return SUFFIXES[file.suffix.lower()]
    except KeyError as error:
        raise CommandError(f"{file.name}: say --format jsonl or --format csv.") from error


def _names(pairs: list[str]) -> dict[str, str]:
    """Read ``FIELD=COLUMN`` pairs."""
    names = {}
    for pair in pairs:
        ours, equals, theirs = pair.partition("=")
        is_field = ours in FIELDS or ours.startswith(FACT_PREFIX)
        if not equals or not theirs or not is_field:
            raise CommandError(f"--map {pair}: FIELD=COLUMN, where FIELD is one of the fields.")
        names[ours] = theirs
    return names
