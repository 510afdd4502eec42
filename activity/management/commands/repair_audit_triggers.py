"""Put back triggers of the audit table that are gone."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import connection

from activity.models import audit_triggers
from activity.services import audit


class Command(BaseCommand):
    help = "Create missing triggers of the audit table (check activity.E001), and note it there."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take a dry run."""
        parser.add_argument("--dry-run", action="store_true")

    def handle(self, *, dry_run: bool, **options: Any) -> None:
        """Create what is missing and append an entry that says so."""
        absent = audit_triggers.missing(connection)
        if absent and not dry_run:
            audit_triggers.create(connection)
            audit.append(
                actor="command:repair_audit_triggers",
                action="audit:triggers:repaired",
                details={"triggers": absent},
            )
        self.stdout.write(f"{len(absent)} triggers created{' (dry run)' if dry_run else ''}.")
