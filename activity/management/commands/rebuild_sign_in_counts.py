"""Make the counts anew that sign-ins are judged by."""

from typing import Any

from django.core.management.base import BaseCommand

from activity.services import learning


class Command(BaseCommand):
    help = (
        "Make anew what sign-ins are judged by, from the sign-ins that are kept and taught it. "
        "Run it after a database was restored or edited by hand, or when a release note says so; "
        "people may go on signing in."
    )

    def handle(self, **options: Any) -> None:
        """Count everything again."""
        self.stdout.write(f"{learning.rebuild()} sign-ins counted.")
