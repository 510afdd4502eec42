"""Release the waiting periods that have ended."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from recovery.services import holds


class Command(BaseCommand):
    help = "Approve recovery tickets whose hold has ended (the beat task does the same)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="count only, change nothing")

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        released = holds.count_due() if dry_run else holds.release_due()
        self.stdout.write(f"{released} holds released{' (dry run)' if dry_run else ''}.")
