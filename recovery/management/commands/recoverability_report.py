"""Say how many accounts could come back, and by which way."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from recovery import coverage
from recovery.coverage import RETURNS, Coverage

LEVELS = {
    4: "at once, whatever is lost",
    3: "without people after any one loss",
    2: "without people after a forgotten password",
    1: "only through people",
}


class Command(BaseCommand):
    help = (
        "Count how many accounts could come back by which way. Before going live, after an import, "
        "and before the questionnaire or the bar is changed. Changes nothing and names nobody."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print JSON instead of tables")
        parser.add_argument(
            "--history",
            action="store_true",
            help="also count accounts with too little history for the questionnaire (slower)",
        )

    def handle(self, *args: Any, history: bool, **options: Any) -> None:
        found = coverage.count(timezone.now(), with_history=history)
        if options["json"]:
            self.stdout.write(json.dumps(found.as_json(), indent=2))
        else:
            self._print(found)

    def _print(self, found: Coverage) -> None:
        self.stdout.write(
            f"{found.accounts} active accounts; {found.with_two_step} with two-step verification, "
            f"{found.protected} protected, {found.unreachable} without any address that counts."
        )
        if found.thin is not None:
            self.stdout.write(
                f"{found.thin} with too little history for the questionnaire: staff check who "
                "the person is."
            )
        self.stdout.write("\nHow well they could be recovered:")
        for level, words in LEVELS.items():
            self.stdout.write(f"{found.levels[level]:>10}  {words}")
        self.stdout.write(f"\n{'Lost':<44}" + "".join(f"{each:>26}" for each in RETURNS))
        for lost, counts in found.returns.items():
            self.stdout.write(f"{lost:<44}" + "".join(f"{counts[each]:>26}" for each in RETURNS))
        self.stdout.write("\nWho forgot the password would be back with:")
        for ways, number in found.ways.most_common():
            self.stdout.write(f"{number:>10}  {ways}")
