"""Try the judgement of sign-ins on made-up owners and attackers."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from activity.simulation.trial import Trial, run

MOST_OWNERS = 20_000
# (attacker, history) -> re-authentication at detection 0.99, as issue 5 has them of the published
# study (docs/sign-in-risk.md).
PUBLISHED_DETECTION = 0.99
PUBLISHED = {("targeted", 12): 0.33, ("targeted", 39): 0.07}
HEADINGS = ("history", "detection", "re-auth", "published", "next", "told", "asked")
SHIPPED = ("told", "asked")


class Command(BaseCommand):
    help = (
        "Let made-up owners and attackers sign in, and show how often the owners would be asked "
        "for one more step. Before changing activity/weights.py. Reads and changes no account."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--seed", type=int, default=1, help="same seed, same people")
        parser.add_argument("--owners", type=int, default=1000, help="accounts with owners")
        parser.add_argument(
            "--detection", type=float, default=0.99, help="share of tries that must be caught"
        )
        parser.add_argument("--json", action="store_true", help="print JSON instead of a table")

    def handle(self, *, seed: int, owners: int, detection: float, **options: Any) -> None:
        if not 1 <= owners <= MOST_OWNERS:
            raise CommandError(f"--owners: from 1 to {MOST_OWNERS}.")
        if not 0 < detection <= 1:
            raise CommandError("--detection: above 0, at most 1.")
        trial = run(seed=seed, owners=owners, detection=detection)
        if options["json"]:
            self.stdout.write(json.dumps(trial.as_json(), indent=2))
        else:
            self._print_table(trial)

    def _print_table(self, trial: Trial) -> None:
        self.stdout.write(
            f"{trial.owners} owners, seed {trial.seed}, at the bar that catches "
            f"{trial.detection:.0%} of the tries.\nre-auth: share of an owner's sign-ins so far "
            "that would be asked for more, the median of all owners.\nnext: share of owners whose "
            "next sign-in would be. told, asked: share at the portal's own bars.\n"
        )
        self._print_row("", HEADINGS)
        table = trial.as_json()
        for name, cells in table.items():
            for length, cell in cells.items():
                published = PUBLISHED.get((name, int(length)))
                if trial.detection != PUBLISHED_DETECTION:
                    published = None
                self._print_row(
                    name.replace("_", " "),
                    (
                        length,
                        f"{cell['tpr']:.3f}",
                        f"{cell['reauth']:.3f}",
                        f"{published:.2f}" if published else "-",
                        f"{cell['reauth_next']:.3f}",
                        *(f"{cell[each]:.1%}" for each in SHIPPED),
                    ),
                )
        for length, cell in table["naive"].items():
            shares = (f"{cell[f'owners_{each}']:.1%}" for each in SHIPPED)
            self._print_row("owners", (length, "", "", "", "", *shares))

    def _print_row(self, name: str, cells: tuple[str, ...]) -> None:
        self.stdout.write(f"{name:<14}" + "".join(f"{cell:>12}" for cell in cells))
