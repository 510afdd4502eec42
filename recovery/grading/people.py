"""Answers about the person: name, date of birth, home. Others may know them, so they are little."""

from collections.abc import Callable
from datetime import date

from recovery import weights
from recovery.enums import Grade
from recovery.evidence import Answers, Graded, History
from recovery.grading import words

POSTAL_AREA = 2  # signs that a postal code shares with its neighbours


def name(answers: Answers, history: History) -> Graded:
    """Compare with the present name and former ones; a few typing errors are near."""
    typed = (answers.first_name, answers.last_name)
    known = [name for name in history.names if any(name)]
    return _best("name", any(typed), [_name(typed, one) for one in known])


def birth_date(answers: Answers, history: History) -> Graded:
    """Compare with the dates on file; parts of one, and one wrong part, are near."""
    is_given = any(answers.birth)
    return _best(
        "birth_date", is_given, [_birth(answers.birth, one) for one in history.birth_dates]
    )


def home(answers: Answers, history: History) -> Graded:
    """Compare country and postal code with those on file."""
    is_given = bool(answers.country or answers.postal_code)
    if not (history.countries or history.postal_codes):
        return _best("home", is_given, [])
    return _best("home", is_given, [_home(answers, history)])


def _best(question: str, is_given: bool, found: list[tuple[Grade, int]]) -> Graded:
    """Give the best of the comparisons; nothing to compare where there is none."""
    if not is_given:
        return Graded(question, Grade.LEFT_OUT)
    if not found:
        return Graded(question, Grade.NOTHING)
    grade, score = max(found, key=lambda one: one[1])
    return Graded(question, grade, score)


def _name(typed: tuple[str, str], stored: tuple[str, str]) -> tuple[Grade, int]:
    orders = (stored, stored[::-1])  # family names come first in half of the world
    if any(_is_all(words.is_same, typed, order) for order in orders):
        return Grade.MATCH, weights.NAME
    if any(_is_all(words.is_alike, typed, order) for order in orders):
        return Grade.NEAR, weights.NAME_NEAR
    parts = [part for part in typed if part]
    if any(words.is_same(part, other) for part in parts for other in stored):
        return Grade.NEAR, weights.NAME_NEAR
    return Grade.NONE, weights.PUBLIC_WRONG


def _is_all(
    test: Callable[[str, str], bool], typed: tuple[str, str], stored: tuple[str, str]
) -> bool:
    """Tell whether both parts pass; a part that the account does not have passes if empty."""
    return all(
        test(one, other) or not (one or other) for one, other in zip(typed, stored, strict=True)
    )


def _birth(given: tuple[int | None, int | None, int | None], stored: date) -> tuple[Grade, int]:
    parts = (stored.day, stored.month, stored.year)
    wrong = sum(one not in (None, part) for one, part in zip(given, parts, strict=True))
    missing = given.count(None)
    if wrong == missing == 0:
        return Grade.MATCH, weights.BIRTH_DATE
    is_swapped = given == (stored.month, stored.day, stored.year)
    if is_swapped or (wrong == 0 and missing) or (wrong == 1 and not missing):
        return Grade.NEAR, weights.BIRTH_DATE_NEAR
    return Grade.NONE, weights.PUBLIC_WRONG


def _home(answers: Answers, history: History) -> tuple[Grade, int]:
    is_country = answers.country in history.countries
    code = words.plain(answers.postal_code)
    codes = {words.plain(one) for one in history.postal_codes}
    if not (answers.country and history.countries) and not (code and codes):
        # What was given cannot be compared with what there is.
        return Grade.NOTHING, 0
    if code and code in codes and (is_country or not (answers.country and history.countries)):
        return Grade.MATCH, weights.HOME
    area = code[:POSTAL_AREA]
    if code and codes and any(one.startswith(area) for one in codes):
        return Grade.NEAR, weights.HOME_NEAR
    if is_country and not (code and codes):
        return Grade.NEAR, weights.HOME_COUNTRY
    return Grade.NONE, weights.PUBLIC_WRONG
