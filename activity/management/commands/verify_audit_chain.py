"""Prove that no audit entry was changed, removed or put elsewhere."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from activity.models import AuditEntry
from activity.services import audit


class Command(BaseCommand):
    help = (
        "Check every entry of the audit chain. Run it daily, keep the digest it prints somewhere "
        "else, and give it back with --contains: that finds a chain that was cut short."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Take a digest that an earlier run printed."""
        parser.add_argument("--contains", metavar="DIGEST", default="")

    def handle(self, *, contains: str, **options: Any) -> None:
        """Print count and head; raises CommandError (exit 1) when the chain is broken."""
        problems = audit.verify()
        if contains and not AuditEntry.objects.filter(digest=contains).exists():
            problems.append(f"cut short: no entry has the digest {contains}")
        for problem in problems:
            self.stderr.write(problem)
        head = audit.head()
        if problems:
            raise CommandError(f"The audit chain is broken: {len(problems)} problems.")
        self.stdout.write(f"{head.number} entries, unbroken. Head: {head.digest}")
