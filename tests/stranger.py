"""A browser that notes all that its owner could tell two accounts apart by."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from difflib import unified_diff

import time_machine
from django.core import mail
from django.db import connection
from django.http import HttpResponse
from django.test.utils import CaptureQueriesContext

from accounts.tests.factories import make_contact
from activity.services import notices as account_notices
from outbox.models import Message
from outbox.services import delivery
from recovery.models import RecoveryTicket
from recovery.services import expiry, holds, notices, rivals
from tests.factories import KINDS, code_of, make_browser

CSRF = re.compile(r'(name="csrfmiddlewaretoken" value=)"[^"]+"')
CHALLENGE = re.compile(r'("challenge": )"[^"]+"')
CODE = re.compile(r"\b\d{4}-\d{4}\b")
TABLE = re.compile(r'(?:FROM|INTO|UPDATE) "?(\w+)"?')
MOMENT = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
LATER = (timedelta(minutes=1), timedelta(hours=2), timedelta(days=2), timedelta(days=8))
MINUTE = timedelta(seconds=61)
BRACKETS = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")


def play(
    walk: Callable[["Stranger", time_machine.Traveller], None], kind: str
) -> tuple["Stranger", "Stranger"]:
    """Play a walk for an account and, at the same moment, for nobody; give who walked."""
    form = "member-%d" if kind == "contactless" else "person-%d@example.org"
    strangers = (Stranger(1, form % 1), Stranger(2, form % 2))
    for stranger in strangers:
        with time_machine.travel(MOMENT, tick=False) as clock:
            if stranger is strangers[0]:
                make_contact(KINDS[kind](stranger.name), stranger.other)
            walk(stranger, clock)
    return strangers


def differences(known: "Stranger", unknown: "Stranger") -> str:
    """Give what the two could tell each other apart by, line by line; "" for nothing."""
    return "\n".join(
        line
        for one, other in zip(known.lines(), unknown.lines(), strict=True)
        for line in unified_diff(one, other, one[0], other[0], n=0, lineterm="")
    )


def pass_time(clock: time_machine.Traveller) -> None:
    """Let days go by, with a worker that does what comes due."""
    for at in LATER:
        clock.move_to(MOMENT + at)
        work_through()


def count_statements(queries: CaptureQueriesContext) -> list[str]:
    """Give verb and table of each statement, without those that only open and close brackets."""
    found = [query["sql"] for query in queries if not query["sql"].startswith(BRACKETS)]
    tables = [TABLE.search(sql) for sql in found]
    return [
        f"{sql.split()[0]} {table[1] if table else ''}"
        for sql, table in zip(found, tables, strict=True)
    ]


@dataclass(frozen=True)
class Answer:
    """What is seen of one request, and what it took."""

    step: str
    status: int
    body: str
    headers: dict[str, str]
    cookies: list[str]
    statements: list[str]

    def __str__(self) -> str:
        headers = "\n".join(f"{name}: {value}" for name, value in self.headers.items())
        facts = f"{self.step} {self.status}\n{headers}\n{self.cookies}\n{self.statements}"
        return f"{facts}\n{self.body}"


class Stranger:
    """Somebody who names an account; what they typed themselves is noted as a placeholder.

    number: below 10, so that all names have one length. name: the account. other: an address that
    may be on file there.
    """

    def __init__(self, number: int, name: str) -> None:
        self.name = name
        self.address = f"claimant-{number}@example.net"
        self.other = f"another-{number}@example.net"
        self.browser = make_browser(f"203.0.113.{number}")
        self.answers: list[Answer] = []

    def get(self, path: str) -> int:
        """Open a page; give its status."""
        return self._note(path, lambda: self.browser.get(path))

    def post(self, path: str, **fields: str) -> int:
        """Send a form; give the status of the answer."""
        return self._note(f"{path} {sorted(fields)}", lambda: self.browser.post(path, fields))

    def open_ticket(self) -> None:
        """Pass the first page."""
        self.post("/acsr/", identifier=self.name, contact_email=self.address)

    def reach_proof(self) -> None:
        """Open a ticket and type its code."""
        self.open_ticket()
        self.post("/acsr/code/", code=code_of(self.address))

    def mails(self) -> list[tuple[str, str]]:
        """Give subject and text of the mails to the own address, with codes left out."""
        return [
            (self._in_general(letter.subject), CODE.sub("CODE", self._in_general(letter.body)))
            for letter in mail.outbox
            if letter.to == [self.address]
        ]

    def lines(self) -> list[list[str]]:
        """Give all that was seen, as text: one list for each answer, and one for the mails."""
        mails = [f"mail {subject}\n{text}" for subject, text in self.mails()]
        queued = [f"queued {message}" for message in messages_to(self.address)]
        seen = [str(answer) for answer in self.answers] + ["\n".join(["letters", *mails, *queued])]
        return [text.splitlines() for text in seen]

    def _note(self, step: str, ask: Callable[[], HttpResponse]) -> int:
        with CaptureQueriesContext(connection) as queries:
            response = ask()
        answer = Answer(
            step,
            response.status_code,
            self._in_general(response.content.decode()),
            {name: self._in_general(value) for name, value in response.headers.items()},
            [_describe(cookie) for cookie in response.cookies.values()],
            sorted(count_statements(queries)),
        )
        self.answers.append(answer)
        return int(response.status_code)

    def _in_general(self, text: str) -> str:
        text = CHALLENGE.sub(r"\1X", CSRF.sub(r"\1X", text))
        for reference in RecoveryTicket.objects.values_list("reference", flat=True):
            text = text.replace(f"{reference[:4]}-{reference[4:]}", "REFERENCE").replace(
                reference, "REFERENCE"
            )
        for value, word in ((self.name, "NAME"), (self.address, "MINE"), (self.other, "OTHER")):
            text = text.replace(value, word)
        return text


def work_through() -> None:
    """Do what a worker does with all that is due now."""
    notices.send_due()
    rivals.settle_due()
    account_notices.send_due()
    holds.start_due()
    holds.release_due()
    expiry.expire_due()
    delivery.deliver_due()


def messages_to(address: str) -> list[tuple[str, str, str]]:
    """Give kind, channel and state of what was queued for an address, oldest first."""
    rows = Message.objects.filter(address=address).order_by("pk")
    return list(rows.values_list("kind", "channel", "state"))


def _describe(cookie) -> str:
    """Give a cookie without its value."""
    return (
        f"{cookie.key}, {len(cookie.value)} long, {sorted(filter(None, cookie.values()), key=str)}"
    )
