"""Carry out what two superusers approved for a protected account."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from recovery.enums import TicketState
from recovery.errors import NotReady, StaleTicket
from recovery.services import break_glass


class Command(BaseCommand):
    help = (
        "Let a protected account be recovered, after two superusers approved its request in the "
        "portal: once, within an hour of the answer time, when the owner's contacts were told. "
        "It decides nothing by itself."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("reference", help="of the request, such as KTRW-4827")

    def handle(self, *args: Any, reference: str, **options: Any) -> None:
        try:
            ticket = break_glass.carry_out(reference, command="recover_protected_account")
        except NotReady as error:
            raise CommandError(str(error)) from error
        except StaleTicket as error:
            raise CommandError("It has moved meanwhile; look at it in the portal.") from error
        if ticket.state == TicketState.ON_HOLD:
            self.stdout.write(f"{ticket.reference} waits, as long as the superusers chose.")
        else:
            self.stdout.write(
                f"{ticket.reference} is approved. The claimant is written to and goes on with a "
                "code."
            )
