"""Made-up accounts: whole histories with the rarities of a population."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise, product
from random import Random
from typing import TypeVar

from recovery.evidence import History, Place

Ranked = TypeVar("Ranked")

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)  # fixed, so that one seed gives one table
OPENED = datetime(2016, 1, 1, tzinfo=UTC)  # the made-up site; it grows since then

CONSONANTS, VOWELS = "bdfgklmnprstv", "aeiou"
SYLLABLES = ["".join(pair) for pair in product(CONSONANTS, VOWELS)]
COUNTRIES = ("DE", "FR", "IT", "ES", "NL", "PL", "AT", "SE", "PT", "GR")
DIALLING = {
    "DE": "+4915", "FR": "+336", "IT": "+393", "ES": "+346", "NL": "+316",
    "PL": "+485", "AT": "+436", "SE": "+467", "PT": "+3519", "GR": "+3069",
}  # fmt: skip
# Shares of people who sign in with each; a device with its usual browsers.
DEVICES = {
    "windows": 0.62, "iphone": 0.38, "android": 0.52, "mac": 0.16,
    "ipad": 0.12, "tablet": 0.07, "linux": 0.03, "chromebook": 0.02,
}  # fmt: skip
BROWSERS_OF = {
    "windows": ("chrome", "edge", "firefox"), "iphone": ("safari", "chrome"),
    "android": ("chrome", "samsung", "firefox"), "mac": ("safari", "chrome", "firefox"),
    "ipad": ("safari",), "tablet": ("samsung", "chrome"), "linux": ("firefox", "chrome"),
    "chromebook": ("chrome",),
}  # fmt: skip
HAS_TWO_STEP = 0.35
HAS_OTHER_CONTACT = 0.75
CHANGED_PASSWORD = 0.6


@dataclass(frozen=True)
class Person:
    """An account with its history, and what only its owner could say of it.

    towns: of the places, home first, with how many months ago each was last signed in from.
    other_contacts: as one would type them. passwords: how many former ones there are.
    """

    history: History
    first_name: str
    last_name: str
    birth: date
    country: str
    postal_code: str
    towns: tuple[tuple[Place, float], ...]
    other_contacts: tuple[str, ...]
    passwords: int
    has_two_step: bool


class World:
    """A population: names and towns follow Zipf's law, as real ones roughly do."""

    def __init__(self, dice: Random, *, has_towns: bool) -> None:
        self.dice = dice
        self.has_towns = has_towns
        self.first_names = [self._word(2) for _ in range(200)]
        self.last_names = [self._word(3) for _ in range(2_000)]
        self.towns = {country: [self._word(3) for _ in range(400)] for country in COUNTRIES}

    def person(self) -> Person:
        """Make an account of some months to years, with a history of 12 months."""
        dice = self.dice
        country = self.zipf(COUNTRIES)
        first_name, last_name = self.zipf(self.first_names), self.zipf(self.last_names)
        birth = date(2008, 1, 1) - timedelta(days=dice.randrange(60 * 365))
        age = timedelta(days=max(90, dice.random() ** 1.5 * (NOW - OPENED).days))
        sign_ins = max(4, int(dice.lognormvariate(4.2, 0.9)))
        last_at = NOW - timedelta(days=dice.expovariate(1 / 25))
        towns = self._towns(country)
        devices, browsers = self._devices(sign_ins)
        contacts = self._contacts(first_name, last_name, country)
        passwords = 1 + int(dice.random() * 2.5) if dice.random() < CHANGED_PASSWORD else 0
        has_two_step = dice.random() < HAS_TWO_STEP
        postal_code = f"{dice.randrange(100_000):05d}"
        history = History(
            as_of=NOW,
            names=((first_name, last_name),),
            birth_dates=(birth,),
            countries=(country,),
            postal_codes=(postal_code,),
            created_at=max(OPENED, NOW - age),
            last_sign_in_at=max(last_at, NOW - age),
            places=self._shared_out(towns, sign_ins),
            devices=devices,
            browsers=browsers,
            contact_keys=frozenset(contacts),
            second_steps=frozenset(self._steps()) if has_two_step else frozenset(),
            has_former_passwords=passwords > 0,
        )
        return Person(
            history=history,
            first_name=first_name,
            last_name=last_name,
            birth=birth,
            country=country,
            postal_code=postal_code,
            towns=towns,
            other_contacts=contacts,
            passwords=passwords,
            has_two_step=has_two_step,
        )

    def zipf(self, ranked: Sequence[Ranked]) -> Ranked:
        """Choose one; the second is half as common as the first, the third a third."""
        return self.dice.choices(ranked, [1 / rank for rank in range(1, len(ranked) + 1)])[0]

    def _word(self, syllables: int) -> str:
        return "".join(self.dice.choices(SYLLABLES, k=syllables)).capitalize()

    def _towns(self, home: str) -> tuple[tuple[Place, float], ...]:
        """Give home, work and journeys, with the months since the last sign-in there."""
        dice = self.dice
        found = {(home, self.zipf(self.towns[home])): dice.random()}
        for _ in range(dice.choices((0, 1, 2, 3, 4), (20, 30, 25, 15, 10))[0]):
            country = home if dice.random() < 0.7 else dice.choice(COUNTRIES)  # noqa: PLR2004
            found.setdefault((country, self.zipf(self.towns[country])), dice.uniform(0.2, 12))
        return tuple(found.items())

    def _shared_out(
        self, towns: tuple[tuple[Place, float], ...], sign_ins: int
    ) -> dict[Place, int]:
        """Share sign-ins out among places; without a database of towns only countries are left."""
        cuts = sorted(self.dice.random() ** 2 for _ in towns[1:])
        shares = [after - before for before, after in pairwise([0.0, *cuts, 1.0])]
        shares.sort(reverse=True)
        counts: Counter[Place] = Counter()
        for ((country, town), _months), share in zip(towns, shares, strict=True):
            counts[country, town if self.has_towns else ""] += max(1, int(sign_ins * share))
        return dict(counts)

    def _devices(self, sign_ins: int) -> tuple[dict[str, int], dict[str, int]]:
        owned = [each for each, share in DEVICES.items() if self.dice.random() < share]
        devices: dict[str, int] = {}
        browsers: Counter[str] = Counter()
        for device in owned or ["android"]:
            devices[device] = max(1, int(sign_ins / max(1, len(owned))))
            browsers[self.zipf(BROWSERS_OF[device])] += devices[device]
        return devices, dict(browsers)

    def _contacts(self, first_name: str, last_name: str, country: str) -> tuple[str, ...]:
        """Give addresses besides the one that names the account, as match keys."""
        if self.dice.random() > HAS_OTHER_CONTACT:
            return ()
        phone = f"{DIALLING[country]}{self.dice.randrange(10**7):07d}"
        mail = f"{first_name}.{last_name}{self.dice.randrange(1000)}@mail.example".lower()
        return self.dice.choice(((phone,), (mail,), (phone, mail)))

    def _steps(self) -> list[str]:
        chosen = self.dice.choice((["app"], ["sent"], ["passkey"], ["app", "sent"]))
        return [*chosen, "printed"] if self.dice.random() < 0.6 else chosen  # noqa: PLR2004
