"""Answers that few can know: addresses once held, earlier passwords, the operator's own facts."""

import re

from accounts.errors import AddressRefused
from accounts.normalise import address
from recovery import questions, weights
from recovery.enums import Grade
from recovery.evidence import Answers, FormerMatch, Graded, History

NO_DIGITS = re.compile(r"\D")


def contacts(answers: Answers, history: History) -> Graded:
    """Compare in full; what was typed to name the account, or to be written to, says nothing."""
    typed = list(dict.fromkeys(one for one in answers.contacts if one.strip()))
    new = [one for one in typed if _limit_key(one) not in history.claimed_keys]
    if not typed:
        return Graded("contacts", Grade.LEFT_OUT)
    if not history.contact_keys or not new:
        return Graded("contacts", Grade.NOTHING)
    found = {key for one in new if (key := _on_file(one, history.contact_keys))}
    wrong = sum(not _on_file(one, history.contact_keys) for one in new)
    worth = sorted((_worth(key) for key in found), reverse=True)
    score = min(_falling(worth), weights.CONTACTS_CAP) + wrong * weights.CONTACT_WRONG
    return Graded("contacts", _grade(len(found), wrong), score, _details(len(found), wrong))


def passwords(answers: Answers, history: History, former: tuple[FormerMatch, ...]) -> Graded:
    """Take what the comparison with former hashes gave, one for each typed password."""
    if not former:
        return Graded("passwords", Grade.LEFT_OUT)
    if not history.has_former_passwords:
        return Graded("passwords", Grade.NOTHING)
    right = sum(one.is_match for one in former)
    wrong = len(former) - right
    score = _falling([weights.PASSWORD] * right) + wrong * weights.PASSWORD_WRONG
    years = sorted({one.year for one in former if one.is_match and one.year})
    details = _details(right, wrong) | ({"years": years} if years else {})
    return Graded("passwords", _grade(right, wrong), score, details)


def fact(name: str, answers: Answers, history: History, fits: dict[str, bool]) -> Graded:
    """Take what the comparison with the digest gave."""
    code = questions.fact_code(name)
    if not answers.facts.get(name, "").strip():
        return Graded(code, Grade.LEFT_OUT)
    if name not in history.fact_names or name not in fits:
        return Graded(code, Grade.NOTHING)
    if fits[name]:
        return Graded(code, Grade.MATCH, weights.FACT)
    return Graded(code, Grade.NONE, weights.FACT_WRONG)


def _on_file(typed: str, keys: frozenset[str]) -> str:
    """Give the key that was typed, "" where it is not on file."""
    try:
        key = address(typed).match_key
    except AddressRefused:
        key = ""
    if key in keys:
        return key
    digits = NO_DIGITS.sub("", typed).lstrip("0")
    if "@" in typed or len(digits) < weights.SHORTEST_NUMBER:
        return ""
    # Few people write their own number with the code of their country.
    return next((one for one in keys if "@" not in one and one.endswith(digits)), "")


def _limit_key(typed: str) -> str:
    try:
        return address(typed).limit_key
    except AddressRefused:
        return ""


def _worth(key: str) -> int:
    return weights.CONTACT_EMAIL if "@" in key else weights.CONTACT_PHONE


def _falling(worth: list[int]) -> int:
    """Give the first in full and of each further one a part."""
    return sum(
        value if index == 0 else round(value * weights.FURTHER_COUNTS)
        for index, value in enumerate(worth)
    )


def _grade(right: int, wrong: int) -> Grade:
    if not right:
        return Grade.NONE
    return Grade.NEAR if wrong else Grade.MATCH


def _details(right: int, wrong: int) -> dict[str, object]:
    counts = {"right": right, "wrong": wrong}
    return {word: count for word, count in counts.items() if count}
