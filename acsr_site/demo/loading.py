"""Write the whole demo at once, and notice when it is there."""

import random

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from acsr_site.demo import accounts, cast, chain, events, messages, queue, reviews, tickets, traces
from acsr_site.demo.scene import Scene
from acsr_site.dev import mail_server
from recovery.models import RecoveryTicket


class NotOurs(Exception):
    """The database holds accounts, and not the demo's."""


def is_loaded() -> bool:
    """Tell whether the demo's people are there."""
    return User.objects.filter(pk__in=[figure.id for figure in cast.LISTED]).exists()


def load() -> None:
    """Write people, tickets and all that happened, in one transaction.

    Raises NotOurs, and writes nothing, where there are other accounts: its staff have passwords
    that everybody can read.
    """
    if User.objects.exists():
        raise NotOurs
    scene = Scene(timezone.now())
    with transaction.atomic():
        accounts.make(scene)
        cases = tickets.make(scene)
        traces.make(scene, cases)
        reviews.make(scene, cases)
        events.make(scene, cases)
        messages.make(scene, cases)
        chain.make(scene, cases)


def add_to_queue(count: int) -> None:
    """Let that many more requests wait for staff, for trying a full queue; each call adds more."""
    scene = Scene(timezone.now(), chance=random.Random())  # noqa: S311 - new references each time
    users = User.objects.in_bulk([figure.id for figure in cast.EVERYBODY])
    scene.users = {f.key: users[f.id] for f in cast.EVERYBODY if f.id in users}
    with transaction.atomic():
        cases = queue.load(scene, count)
        RecoveryTicket.objects.bulk_create(made.ticket for made in cases)
        reviews.make_evidence(scene, cases)


def close_mailbox() -> None:
    """Make the demo's mail server refuse mail to the one who cannot open his mailbox."""
    path = mail_server.closed_path()
    closed = path.read_text(encoding="utf-8") if path.exists() else ""
    if cast.CLOSED_MAILBOX not in closed.split():
        path.write_text(f"{closed}{cast.CLOSED_MAILBOX}\n", encoding="utf-8")
