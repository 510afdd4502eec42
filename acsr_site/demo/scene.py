"""What all parts of the demo share while it is made."""

import random
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from accounts import normalise
from accounts.client import Client
from accounts.models import Contact, User
from accounts.services import networks
from acsr_site.demo import world
from acsr_site.demo.cast import Figure
from vault import digests

SEED = 20_261


@dataclass
class Scene:
    """The present, a die that falls the same way each time, and what was made so far.

    users, contacts and homes have a figure's key. homes: the browser that each person mostly uses.
    """

    now: datetime
    # Nothing here is a secret; what must be unguessable comes from ``secrets``.
    chance: random.Random = field(default_factory=lambda: random.Random(SEED))  # noqa: S311
    users: dict[str, User] = field(default_factory=dict)
    contacts: dict[str, list[Contact]] = field(default_factory=dict)
    homes: dict[str, Client] = field(default_factory=dict)

    @property
    def last_night(self) -> datetime:
        """23:12 of yesterday, when Amira's contacts were replaced."""
        yesterday = self.now - timedelta(days=1)
        return yesterday.replace(hour=23, minute=12, second=0, microsecond=0)

    def after_last_night(self, share: float) -> datetime:
        """Give an instant between then and the present; share: 0 to 1."""
        return self.last_night + (self.now - self.last_night) * share

    def ago(self, *, days: float = 0, hours: float = 0, minutes: float = 0) -> datetime:
        """Give the instant that long before the present."""
        return self.now - timedelta(days=days, hours=hours, minutes=minutes)

    def new_id(self) -> uuid.UUID:
        """Give a random UUID of version 4."""
        return uuid.UUID(int=self.chance.getrandbits(128), version=4)

    def new_token_hash(self) -> str:
        """Give the hash of a token that nobody has."""
        return digests.token_hash(str(self.new_id()))

    def some_time(self, start: datetime, end: datetime) -> datetime:
        """Give an instant between two others."""
        return start + (end - start) * self.chance.random()

    def add_home(self, figure: Figure, number: int) -> None:
        """Give a figure the browser it mostly uses; ``number`` makes its address its own."""
        self.homes[figure.key] = self.browser(
            figure.country, number, figure.agent, device=self.new_token_hash()
        )

    def browser(self, country: str, number: int, agent: str, *, device: str = "") -> Client:
        """Give a browser in a country; number: 1 to 254, the last part of its address."""
        address = f"{world.HOMES[country].network}.{number}"
        return Client(
            address=address,
            network=networks.network_of(address),
            wide_network=networks.wide_network_of(address),
            agent=agent,
            device=device,
            time_zone=world.HOMES[country].time_zone,
        )

    def contact(self, key: str, kind: str) -> Contact | None:
        """Give somebody's contact of a kind, the one that came first; None without one."""
        return next((c for c in self.contacts.get(key, ()) if c.kind == kind), None)

    def stranger(self) -> Client:
        """Give a browser that no account knows."""
        country = self.chance.choice(sorted(world.HOMES))
        return self.browser(
            country, self.chance.randint(120, 250), self.chance.choice(world.AGENTS)
        )


def contact_of(
    user: User, typed: str, *, since: datetime, signs_in: bool = False, **fields: object
) -> Contact:
    """Give an unsaved contact that was verified at ``since`` and counts from then on."""
    values = {"added_at": since, "verified_at": since, "counts_from": since, "proved_at": since}
    return Contact.at(user, normalise.address(typed), signs_in=signs_in, **values | fields)
