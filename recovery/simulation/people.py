"""What owners and attackers answer: what they know, and guesses from what is common."""

from datetime import date, datetime, timedelta
from random import Random

from recovery.evidence import Answers, FormerMatch, Place
from recovery.questions import BrowserKind, DeviceKind, LastSignIn, StepKind
from recovery.risk import RiskFacts
from recovery.simulation.figures import Knowledge, remembered
from recovery.simulation.world import BROWSERS_OF, COUNTRIES, DEVICES, NOW, OPENED, Person, World

DAYS_A_MONTH = 30.4
ENDS_OF_LAST_SIGN_IN = (
    (timedelta(days=3), LastSignIn.DAYS),
    (timedelta(days=7), LastSignIn.WEEK),
    (timedelta(days=31), LastSignIn.MONTH),
    (timedelta(days=92), LastSignIn.QUARTER),
    (timedelta(days=366), LastSignIn.YEAR),
)
PLACES_ASKED, PASSWORDS_ASKED = 3, 2
WRONG_TICK = 0.15  # of what somebody who slips ticks besides


class Answerer:
    """One person who answers for one account."""

    def __init__(self, world: World, person: Person, knowledge: Knowledge) -> None:
        self.world, self.person, self.knowledge = world, person, knowledge
        self.dice: Random = world.dice
        last = person.history.last_sign_in_at or NOW
        self.months_away = (NOW - last) / timedelta(days=DAYS_A_MONTH)

    def answers(self, *, passwords: int) -> Answers:
        """Fill in the questionnaire. passwords: how many earlier ones are typed (``former``)."""
        first_name, last_name = self._name()
        country, postal_code = self._home()
        return Answers(
            first_name=first_name,
            last_name=last_name,
            birth=self._birth(),
            country=country,
            postal_code=postal_code,
            created=self._created(),
            last_sign_in=self._last_sign_in(),
            places=self._places(),
            devices=self._devices(),
            browsers=self._browsers(),
            contacts=self._contacts(),
            second_step=self._second_step(),
            passwords=("...",) * passwords,
        )

    def former(self) -> tuple[FormerMatch, ...]:
        """Give how the typed earlier passwords compare: they are never made up in the clear."""
        months = self.dice.uniform(1, 24)
        chance = self._chance(self.knowledge.passwords, months)
        typed = []
        for number in range(PASSWORDS_ASKED):
            is_match = number < self.person.passwords and self.dice.random() < chance
            if is_match or self._slips():
                typed.append(FormerMatch(is_match, NOW.year - 1 if is_match else None))
        return tuple(typed)

    def risk_facts(self) -> RiskFacts:
        """Give where this person comes from; nothing on the account was changed lately."""
        know = self.knowledge
        is_known_network = self._knows(know.known_network)
        return RiskFacts(
            is_known_device=self._knows(know.known_device),
            network_seen=sum(self.person.history.places.values()) if is_known_network else 0,
            is_usual_country=is_known_network or self._knows(know.usual_country),
            resets_second_step=self.person.has_two_step,
        )

    def _chance(self, chance: float, months: float) -> float:
        return remembered(chance, months) if self.knowledge.is_fading else chance

    def _knows(self, chance: float) -> bool:
        return self.dice.random() < chance

    def _recalls(self, chance: float) -> bool:
        return self.dice.random() < self._chance(chance, self.months_away)

    def _slips(self) -> bool:
        return self.dice.random() < self.knowledge.slips

    def _name(self) -> tuple[str, str]:
        own = self.person.first_name, self.person.last_name
        if self._knows(self.knowledge.name):
            return own
        if self._slips():
            return own[0], self.world.zipf(self.world.last_names)
        return "", ""

    def _birth(self) -> tuple[int | None, int | None, int | None]:
        if self._knows(self.knowledge.birth_date):
            found = self.person.birth
        elif self._slips():
            found = date(2008, 1, 1) - timedelta(days=self.dice.randrange(60 * 365))
        else:
            return None, None, None
        return found.day, found.month, found.year

    def _home(self) -> tuple[str, str]:
        if self._knows(self.knowledge.home):
            return self.person.country, self.person.postal_code
        if self._slips():
            return self.world.zipf(COUNTRIES), f"{self.dice.randrange(100_000):05d}"
        return "", ""

    def _created(self) -> tuple[int | None, int | None]:
        """Know the year, and then often the month; else be a year off, or guess."""
        made = self.person.history.created_at or NOW
        if self._recalls(self.knowledge.created_year):
            return (made.month if self._knows(0.4) else None), made.year
        if not self._slips():
            return None, None
        if self.knowledge.created_year:
            return None, made.year + self.dice.choice((-2, -1, 1))
        return None, self.dice.randint(OPENED.year, NOW.year)

    def _last_sign_in(self) -> str:
        if self._recalls(self.knowledge.last_sign_in):
            return last_sign_in_code(self.person.history.last_sign_in_at or NOW)
        return self.dice.choice(LastSignIn.values) if self._slips() else ""

    def _places(self) -> tuple[Place, ...]:
        know, found = self.knowledge, []
        for number, (place, months) in enumerate(self.person.towns):
            chance = know.other_places if number else know.home_town
            if self._knows(self._chance(chance, months)):
                found.append(place)
        if len(found) < PLACES_ASKED and self._slips():
            country = self.world.zipf(COUNTRIES)
            found.append((country, self.world.zipf(self.world.towns[country])))
        return tuple(found[:PLACES_ASKED])

    def _devices(self) -> tuple[str, ...]:
        used = self.person.history.devices
        return self._ticks(self.knowledge.device, used, DEVICES, DeviceKind.values)

    def _browsers(self) -> tuple[str, ...]:
        common = {each: 0.5 for browsers in BROWSERS_OF.values() for each in browsers[:1]}
        used = self.person.history.browsers
        return self._ticks(self.knowledge.browser, used, common, BrowserKind.values)

    def _second_step(self) -> tuple[str, ...]:
        used = dict.fromkeys(self.person.history.second_steps or {StepKind.NONE.value}, 1)
        common = {StepKind.SENT.value: 0.4, StepKind.APP.value: 0.3}
        return self._ticks(self.knowledge.second_step, used, common, StepKind.values)

    def _ticks(
        self, chance: float, used: dict[str, int], common: dict[str, float], every: list[str]
    ) -> tuple[str, ...]:
        """Tick what is known; who knows nothing ticks what is common, who errs something more."""
        right = {each for each in used if self._recalls(chance)}
        if not chance:
            right = {each for each, share in common.items() if self._knows(share)}
        wrong = {each for each in every if self._slips() and self._knows(WRONG_TICK)}
        return tuple(sorted(right | wrong))

    def _contacts(self) -> tuple[str, ...]:
        found = [c for c in self.person.other_contacts if self._recalls(self.knowledge.contacts)]
        if not found and self._slips():
            name = f"{self.person.first_name}.{self.world.zipf(self.world.last_names)}"
            found.append(f"{name}@mail.example".lower())
        return tuple(found)


def last_sign_in_code(at: datetime) -> str:
    """Give the answer that is right for a last sign-in at this time."""
    ago = NOW - at
    for end, code in ENDS_OF_LAST_SIGN_IN:
        if ago <= end:
            return code.value
    return LastSignIn.LONGER.value
