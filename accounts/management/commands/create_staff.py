"""``manage.py create_staff``: a member of staff with a role, a password and an app."""

import sys
from argparse import ArgumentParser
from getpass import getpass
from io import StringIO
from typing import Any, NoReturn

import segno
from django.core.management.base import BaseCommand, CommandError

from accounts import validators
from accounts.errors import HashingBusy, PasswordRefused, StaffRefused
from accounts.services import passwords, staff
from accounts.services.staff import Made


class Command(BaseCommand):
    help = (
        "Create a member of staff, or give an existing account a role, and print what their "
        "authenticator app needs. Run it for the first superuser and for everyone after. Run "
        "again, it changes the role; the password and the app stay unless you ask for new ones."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email", help="the address they sign in with")
        parser.add_argument("--role", required=True, choices=staff.role_names())
        parser.add_argument("--first-name", metavar="NAME")
        parser.add_argument("--last-name", metavar="NAME")
        source = parser.add_mutually_exclusive_group()
        source.add_argument("--password-stdin", action="store_true", help="read it from one line")
        source.add_argument("--generate", action="store_true", help="make one and print it once")
        source.add_argument(
            "--new-password", action="store_true", help="ask for one for an account that has one"
        )
        parser.add_argument(
            "--new-app", action="store_true", help="replace the authenticator app that is there"
        )

    def handle(self, *, email: str, role: str, new_app: bool, **options: Any) -> None:
        names = {name: options[name] for name in ("first_name", "last_name") if options[name]}
        try:
            user = staff.find(email)
            raw = self._ask_password(is_new=user is None, options=options)
            words = [email, *names.values()]
            prepared = passwords.prepare(user, raw, extra_words=words) if raw else None
            made = staff.make_staff(email, role, password=prepared, names=names, renew_app=new_app)
        except PasswordRefused as refusal:
            needs = "; ".join(validators.sentence(code) for code in refusal.codes)
            raise CommandError(f"The password is not good enough yet: {needs}.") from refusal
        except (StaffRefused, HashingBusy) as refusal:
            raise CommandError(str(refusal) or "All cores are hashing; try again.") from refusal
        self._tell(made, role, generated=raw if options["generate"] else "")

    def _ask_password(self, *, is_new: bool, options: dict[str, Any]) -> str:
        """Give the password as asked for by the options, "" to keep the present one."""
        if options["password_stdin"]:
            return sys.stdin.readline().rstrip("\r\n") or self._refuse_empty()
        if options["generate"]:
            return staff.generate_password()
        if not is_new and not options["new_password"]:
            return ""
        if not sys.stdin.isatty():
            raise CommandError("No terminal to ask on: use --password-stdin or --generate.")
        first, second = getpass("Password: "), getpass("The same again: ")
        if first != second:
            raise CommandError("The two passwords are not the same.")
        return first

    def _refuse_empty(self) -> NoReturn:
        raise CommandError("Nothing came on the standard input: it takes one line.")

    def _tell(self, made: Made, role: str, *, generated: str) -> None:
        verb = "is now" if made.is_new else "has the role"
        self.stdout.write(self.style.SUCCESS(f"{made.user} {verb} {role}."))
        if generated:
            self.stdout.write(f"Password (shown once): {generated}")
        if not made.set_up_url:
            self.stdout.write("The authenticator app stays as it is (--new-app replaces it).")
            return
        drawing = StringIO()
        segno.make(made.set_up_url).terminal(out=drawing, compact=True)
        self.stdout.write(
            f"\nScan this with an authenticator app (shown once):\n\n{drawing.getvalue()}"
        )
        self.stdout.write(f"or open on the phone:\n{made.set_up_url}")
