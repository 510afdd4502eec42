"""Try the questionnaire, its weights and the decision table on made-up people."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from recovery.simulation import chart
from recovery.simulation.trial import Tally, Trial, run

HEADINGS = ("", "reach staff", "need a check", "low risk", "alone", "10 %", "50 %", "90 %")
MOST_PEOPLE = 100_000


class Command(BaseCommand):
    help = (
        "Let made-up owners and attackers answer the questionnaire, and show how many reach staff. "
        "Before changing weights, the bar or EVIDENCE_QUESTIONS. Reads and changes no account."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--seed", type=int, default=1, help="same seed, same people")
        parser.add_argument("--people", type=int, default=1000, help="claims of each group")
        parser.add_argument("--bar", type=float, help="bits to try instead of the shipped bar")
        parser.add_argument(
            "--towns", action="store_true", help="sign-ins have towns (GEOIP_PATH with cities)"
        )
        parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
        parser.add_argument("--plot", type=Path, help="write a picture (SVG) to this file")

    def handle(
        self, *, seed: int, people: int, bar: float | None, towns: bool, **options: Any
    ) -> None:
        if not 1 <= people <= MOST_PEOPLE:
            raise CommandError(f"--people: from 1 to {MOST_PEOPLE}.")
        trial = run(seed=seed, people=people, bar=bar, has_towns=towns)
        if options["plot"]:
            try:
                options["plot"].write_text(chart.draw(trial), encoding="utf-8")
            except OSError as error:
                raise CommandError(f"--plot: {error.strerror}") from error
        if options["json"]:
            self.stdout.write(json.dumps(trial.as_json(), indent=2))
        else:
            self._print_table(trial)

    def _print_table(self, trial: Trial) -> None:
        places = "towns" if trial.has_towns else "countries"
        self.stdout.write(
            f"{trial.people} claims of each group, seed {trial.seed}, bar {trial.bar:g} bits, "
            f"places are {places}.\n"
        )
        rows = [HEADINGS, *(_row(name, tally) for name, tally in trial.groups.items())]
        for row in rows:
            self.stdout.write(f"{row[0]:<14}" + "".join(f"{cell:>13}" for cell in row[1:]))
        self.stdout.write(
            "\nalone: approved without a held proof and without two people; the last three: bits "
            "that this share of claims does not exceed."
        )


def _row(name: str, tally: Tally) -> tuple[str, ...]:
    shares = (tally.reached, tally.needs_check, tally.low_risk, tally.granted_alone)
    return (
        name.replace("_", " "),
        *(f"{tally.share(count):.1%}" for count in shares),
        *(f"{tally.quantile(share):.1f}" for share in (0.1, 0.5, 0.9)),
    )
