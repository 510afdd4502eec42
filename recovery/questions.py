"""The questionnaire of copy.md, section 2: which questions there are, and what can be ticked.

The set is per site (settings.EVIDENCE_QUESTIONS, EVIDENCE_FACTS), never per account.
"""

from dataclasses import dataclass

from django.conf import settings
from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from recovery.evidence import Answers


class Part(models.TextChoices):
    """What a refusal calls the parts when it says how complete the answers were."""

    ABOUT = "about", _("About you")
    SIGN_INS = "sign_ins", _("Sign-ins")
    DEVICES = "devices", _("Devices")
    PASSWORDS = "passwords", _("Earlier passwords")
    ADDRESSES = "addresses", _("Addresses")


class LastSignIn(models.TextChoices):
    DAYS = "days_3", _("in the last 3 days")
    WEEK = "week", _("this week")
    MONTH = "month", _("this month")
    QUARTER = "months_3", _("1 to 3 months ago")
    YEAR = "year", _("3 to 12 months ago")
    LONGER = "longer", _("longer ago")


class DeviceKind(models.TextChoices):
    IPHONE = "iphone", _("iPhone")
    ANDROID = "android", _("Android phone")
    IPAD = "ipad", _("iPad")
    TABLET = "tablet", _("Another tablet")
    WINDOWS = "windows", _("Windows")
    MAC = "mac", _("Mac")
    CHROMEBOOK = "chromebook", _("Chromebook")
    LINUX = "linux", _("Linux")


class BrowserKind(models.TextChoices):
    CHROME = "chrome", _("Chrome")
    SAFARI = "safari", _("Safari")
    FIREFOX = "firefox", _("Firefox")
    EDGE = "edge", _("Edge")
    SAMSUNG = "samsung", _("Samsung Internet")
    OPERA = "opera", _("Opera")
    OTHER = "other", _("Another one")


class StepKind(models.TextChoices):
    APP = "app", _("Authenticator app")
    SENT = "sent", _("Text message or e-mail")
    PASSKEY = "passkey", _("Passkey or security key")
    PRINTED = "printed", _("Printed codes")
    NONE = "none", _("I had none")


FULL, LITTLE, NOTHING = "full", "little", "nothing"
TICKED = ("devices", "browsers", "second_step")


@dataclass(frozen=True)
class Question:
    """One question that is graded; ``code`` names it in grades and settings."""

    code: str
    part: Part
    label: str | Promise


ALL: tuple[Question, ...] = (
    Question("name", Part.ABOUT, _("Name")),
    Question("birth_date", Part.ABOUT, _("Date of birth")),
    Question("home", Part.ABOUT, _("Country and postal code")),
    Question("created", Part.SIGN_INS, _("Account made")),
    Question("last_sign_in", Part.SIGN_INS, _("Last sign-in")),
    Question("places", Part.SIGN_INS, _("Places")),
    Question("devices", Part.DEVICES, _("Devices")),
    Question("browsers", Part.DEVICES, _("Browsers")),
    Question("contacts", Part.ADDRESSES, _("Addresses once held")),
    Question("second_step", Part.DEVICES, _("Second step used")),
    Question("passwords", Part.PASSWORDS, _("Earlier passwords")),
)


def asked() -> tuple[Question, ...]:
    """Give the questions of this site, the operator's own facts last."""
    codes = settings.EVIDENCE_QUESTIONS
    chosen = tuple(question for question in ALL if not codes or question.code in codes)
    own = (Question(fact_code(name), Part.ABOUT, label) for name, label in facts().items())
    return (*chosen, *own)


def facts() -> dict[str, str]:
    """Give the operator's facts: name -> question."""
    pairs = (pair.partition("=") for pair in settings.EVIDENCE_FACTS)
    return {name.strip(): label.strip() for name, _sign, label in pairs}


def fact_code(name: str) -> str:
    """Give what grades call a fact of the operator's own."""
    return f"fact:{name}"[:20]


def completeness(answers: Answers) -> dict[str, str]:
    """Give how much of each part was answered: "full", "little" or "nothing".

    It tells how much and never how right, so it is told to whoever typed it.
    """
    amounts: dict[str, list[float]] = {}
    for question in asked():
        amounts.setdefault(str(question.part), []).append(_share(question.code, answers))
    return {part: _in_a_word(shares) for part, shares in amounts.items()}


def _in_a_word(shares: list[float]) -> str:
    if min(shares) >= 1:
        return FULL
    return LITTLE if any(shares) else NOTHING


def _share(code: str, answers: Answers) -> float:
    """Give how much of a question was answered, from 0 to 1; of lists two entries are enough."""
    if code.startswith("fact:"):
        return float(any(fact_code(name) == code for name in answers.facts))
    given: dict[str, tuple[object, ...]] = {
        "name": (answers.first_name, answers.last_name),
        "birth_date": answers.birth,
        "home": (answers.country, answers.postal_code),
        "created": answers.created[1:],  # a year is good enough
        "last_sign_in": (answers.last_sign_in,),
    }
    if code in given:
        return sum(bool(value) for value in given[code]) / len(given[code])
    entries = len(getattr(answers, code))
    enough = 1 if code in TICKED else 2
    return min(entries / enough, 1)
