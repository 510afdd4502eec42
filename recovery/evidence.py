"""What a person answers, what an account can be compared with, and what comes of it: values only.

Filled in by forms.questions, history and services.evaluation; compared in grading.
"""

from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any, Self

from recovery.enums import Grade

Place = tuple[str, str]  # ISO 3166-1 alpha-2 or "", and a town as typed or as events say it, or ""


@dataclass(frozen=True)
class Answers:
    """Cleaned answers, empty where the person gave none; as JSON they wait encrypted.

    birth and created: what was given of day, month and year (month and year), else None.
    last_sign_in: a code of questions.LAST_SIGN_IN. devices, browsers, second_step: codes of
    questions. contacts: as typed. facts: by the name of the operator's fact.
    """

    first_name: str = ""
    last_name: str = ""
    birth: tuple[int | None, int | None, int | None] = (None, None, None)  # day, month, year
    country: str = ""
    postal_code: str = ""
    created: tuple[int | None, int | None] = (None, None)  # month, year
    last_sign_in: str = ""
    places: tuple[Place, ...] = ()
    devices: tuple[str, ...] = ()
    browsers: tuple[str, ...] = ()
    contacts: tuple[str, ...] = ()
    second_step: tuple[str, ...] = ()
    passwords: tuple[str, ...] = ()
    facts: dict[str, str] = field(default_factory=dict)

    def __repr__(self) -> str:
        return "Answers(...)"

    def as_json(self) -> dict[str, Any]:
        """Give what ``from_json`` reads."""
        return asdict(self)

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Self:
        """Give the answers again that ``as_json`` gave."""
        lists = {name: tuple(value) for name, value in stored.items() if isinstance(value, list)}
        lists["places"] = tuple((country, town) for country, town in stored["places"])
        return cls(**stored | lists)


@dataclass(frozen=True)
class FormerMatch:
    """One typed earlier password: whether it was one, and the year in which it was replaced."""

    is_match: bool
    year: int | None = None


@dataclass(frozen=True)
class History:
    """An account as it was at its last trusted moment; empty for one that does not exist.

    places, devices, browsers: how many past sign-ins had each (codes as in Answers).
    contact_keys: match keys of what was ever verified on it. second_steps: codes as in Answers.
    has_former_passwords, fact_names: whether there is something to compare. claimed_keys: limit
    keys of what was typed to open the ticket, which says nothing when it is typed again.
    """

    as_of: datetime
    names: tuple[tuple[str, str], ...] = ()  # (first, last), the present one first
    birth_dates: tuple[date, ...] = ()
    countries: tuple[str, ...] = ()
    postal_codes: tuple[str, ...] = ()
    created_at: datetime | None = None
    last_sign_in_at: datetime | None = None
    places: dict[Place, int] = field(default_factory=dict)
    devices: dict[str, int] = field(default_factory=dict)
    browsers: dict[str, int] = field(default_factory=dict)
    contact_keys: frozenset[str] = frozenset()
    second_steps: frozenset[str] = frozenset()
    has_former_passwords: bool = False
    fact_names: frozenset[str] = frozenset()
    claimed_keys: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Graded:
    """How one question was answered. score: tenths of a bit. details: coded words for staff."""

    question: str
    grade: Grade
    score: int = 0
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Result:
    """What a questionnaire is worth. score, bar: tenths of a bit; public facts are capped in it.

    is_thin: all facts of this account together could not reach the bar, and the answers do not
    speak against themselves.
    """

    grades: tuple[Graded, ...]
    score: int
    bar: int
    is_above_bar: bool
    is_thin: bool
    version: str
