"""``manage.py sync_roles``: the roles of the staff, as the code says."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.errors import StaffRefused
from accounts.services import staff


class Command(BaseCommand):
    help = (
        "Bring the roles of the staff (groups) to what this version says they may do. Run it after "
        "every upgrade; it says what it changes, and changes nothing where all is as it should be. "
        "Who has which role is not touched (create_staff does that)."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="say it, change nothing")

    def handle(self, *, dry_run: bool, **options: Any) -> None:
        try:
            changes = staff.sync_roles(is_dry_run=dry_run)
        except StaffRefused as error:
            raise CommandError(str(error)) from error
        for change in changes:
            self.stdout.write(change)
        roles = ", ".join(staff.role_names())
        self.stdout.write(
            f"{len(changes)} permissions changed{' (dry run)' if dry_run else ''}; roles: {roles}."
        )
