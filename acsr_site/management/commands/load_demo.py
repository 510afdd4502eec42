"""Load the people of the demo and what happened to them."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from acsr_site import env
from acsr_site.demo import loading


class Command(BaseCommand):
    help = (
        "Load the demo's people, requests and 90 days of history; quickstart does it. Safe to run "
        "again: what is there stays as it is. Refuses outside the demo."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--queue", type=int, default=0, help="Let that many more requests wait for staff."
        )

    def handle(self, *, queue: int, **options: Any) -> None:
        """Load what is missing, and close the mailbox of the demo's own mail server."""
        if not settings.DEMO:
            raise CommandError(
                "This is not the demo, because SECRET_KEY is set; its staff have known passwords."
            )
        if not env.read.str("EMAIL_URL", default=""):
            loading.close_mailbox()
        self._load()
        if queue > 0:
            loading.add_to_queue(queue)
            self.stdout.write(f"{queue} more requests wait for staff.")

    def _load(self) -> None:
        if loading.is_loaded():
            self.stdout.write("The demo's people are there.")
            return
        try:
            loading.load()
        except loading.NotOurs as error:
            raise CommandError(
                "This database holds accounts that are not the demo's, so nothing was loaded. "
                "Set SECRET_KEY to run a portal of your own, or give the demo an empty DATA_DIR."
            ) from error
        self.stdout.write("Loaded the demo's people and their last 90 days.")
