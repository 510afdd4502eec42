"""The mail server of the demo, as quickstart starts it."""

import asyncio
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from acsr_site.dev import mail_server


class Command(BaseCommand):
    help = (
        "Take every mail of the demo into its mailbox (quickstart starts this by itself). "
        "It listens on this machine only, one port above the portal."
    )
    requires_system_checks: list[str] = []

    def handle(self, **options: Any) -> None:
        """Serve until stopped; refuses to run outside the demo."""
        if not settings.DEMO:
            raise CommandError("There is no demo here: SECRET_KEY is set.")
        asyncio.run(mail_server.serve("127.0.0.1", settings.PORT + 1))
