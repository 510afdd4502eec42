"""Answers about how the account was used: since when, where, with what."""

import math
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from recovery import weights
from recovery.enums import Grade
from recovery.evidence import Answers, Graded, History, Place
from recovery.grading import words
from recovery.questions import LastSignIn, StepKind

Found = tuple[Grade, int, str]  # with a word for staff


def created(answers: Answers, history: History) -> Graded:
    """Compare month and year; a right year alone is as good as within half a year."""
    month, year = answers.created
    if year is None:
        return Graded("created", Grade.LEFT_OUT)
    if history.created_at is None:
        return Graded("created", Grade.NOTHING)
    truth = history.created_at.year * 12 + history.created_at.month
    if month is not None:
        away = abs(year * 12 + month - truth)
    elif year == history.created_at.year:
        away = weights.CREATED_NEAR_MONTHS
    else:
        # From the nearest month of that year, and half a year for not naming it.
        nearest = min(abs(year * 12 + one - truth) for one in (1, 12))
        away = nearest + weights.CREATED_NEAR_MONTHS
    steps = (
        (weights.CREATED_MATCH_MONTHS, Grade.MATCH, weights.CREATED_MATCH),
        (weights.CREATED_NEAR_MONTHS, Grade.NEAR, weights.CREATED_HALF_YEAR),
        (weights.CREATED_FAR_MONTHS, Grade.NEAR, weights.CREATED_YEAR),
    )
    for months, grade, score in steps:
        if away <= months:
            return Graded("created", grade, score, {"within_months": months})
    return Graded("created", Grade.NONE, weights.CREATED_WRONG)


def last_sign_in(answers: Answers, history: History, now: datetime) -> Graded:
    """Compare with how long ago it was; the neighbour of the right answer is near."""
    if not answers.last_sign_in:
        return Graded("last_sign_in", Grade.LEFT_OUT)
    if history.last_sign_in_at is None:
        return Graded("last_sign_in", Grade.NOTHING)
    truth = ago(now - history.last_sign_in_at)
    order = list(LastSignIn)
    away = abs(order.index(LastSignIn(answers.last_sign_in)) - order.index(truth))
    if away == 0:
        return Graded("last_sign_in", Grade.MATCH, weights.LAST_SIGN_IN[truth])
    if away == 1:
        return Graded("last_sign_in", Grade.NEAR, weights.LAST_SIGN_IN_NEAR)
    return Graded("last_sign_in", Grade.NONE, weights.LAST_SIGN_IN_WRONG)


def ago(length: timedelta) -> LastSignIn:
    """Give what the questionnaire calls a time so long ago."""
    for code, days in weights.LAST_SIGN_IN_DAYS.items():
        if length <= timedelta(days=days):
            return code
    return LastSignIn.LONGER


def places(answers: Answers, history: History) -> Graded:
    """Compare towns and countries; the rarest that is right counts, others add little."""
    given = list(dict.fromkeys(place for place in answers.places if any(place)))
    if not given:
        return Graded("places", Grade.LEFT_OUT)
    if not history.places:
        return Graded("places", Grade.NOTHING)
    named: dict[Place, Found] = {}
    wrong = 0
    for place in given:
        matched, found = _place(place, history.places)
        if matched is None:
            wrong += 1
        elif matched not in named or named[matched][1] < found[1]:
            named[matched] = found  # two spellings of one place are one answer
    score = _of_places([found[1] for found in named.values()]) + wrong * weights.PLACE_WRONG
    grades = [found[0] for found in named.values()]
    grade = next((one for one in (Grade.MATCH, Grade.NEAR) if one in grades), Grade.NONE)
    details = {word: sum(f[2] == word for f in named.values()) for word in ("rare", "common")}
    return Graded("places", grade, score, _counted(details | {"wrong": wrong}))


def devices(answers: Answers, history: History) -> Graded:
    """Score the net of right and wrong ticks."""
    return _ticks("devices", answers.devices, history.devices, weights.DEVICES, weights.DEVICES_CAP)


def browsers(answers: Answers, history: History) -> Graded:
    """Score the net of right and wrong ticks."""
    return _ticks(
        "browsers", answers.browsers, history.browsers, weights.BROWSERS, weights.BROWSERS_CAP
    )


def second_step(answers: Answers, history: History) -> Graded:
    """Score the net of right and wrong ticks; that there was none is an answer too."""
    truth: Iterable[str] = history.second_steps
    if not history.second_steps and history.created_at is not None:
        truth = (StepKind.NONE,)
    return _ticks(
        "second_step",
        answers.second_step,
        truth,
        weights.SECOND_STEPS,
        weights.SECOND_STEPS_CAP,
    )


def _place(given: Place, known: dict[Place, int]) -> tuple[Place | None, Found]:
    """Give what of the history a place names, and what that is worth."""
    country, town = given
    everywhere = sum(known.values())
    towns = [
        place
        for place in known
        if place[1] and words.is_alike(town, place[1]) and country in ("", place[0])
    ]
    if towns:
        share = sum(known[place] for place in towns) / everywhere
        score = weights.TOWN + _rarity(share, weights.TOWN_RAREST)
        return towns[0], (Grade.MATCH, score, _word(share))
    inside = sum(count for place, count in known.items() if country and place[0] == country)
    if not inside:
        return None, (Grade.NONE, weights.PLACE_WRONG, "")
    share = inside / everywhere
    # Towns that are not known, as with most networks, are no miss: there is only the country.
    has_towns = any(place[1] for place in known if place[0] == country)
    grade = Grade.NEAR if has_towns or town else Grade.MATCH
    score = weights.COUNTRY + _rarity(share, weights.COUNTRY_RAREST)
    return (country, ""), (grade, score, _word(share))


def _rarity(share: float, most: int) -> int:
    return min(most, round(-math.log2(share) * 10))


def _word(share: float) -> str:
    return "rare" if share < weights.RARE_SHARE else "common"


def _of_places(scores: list[int]) -> int:
    """Give the rarest in full and a little for every other one, never more than that is worth."""
    if not scores:
        return 0
    first, *others = sorted(scores, reverse=True)
    more = sum(min(weights.FURTHER_PLACE, score) for score in others)
    return min(first + more, weights.PLACES_CAP)


def _ticks(
    question: str,
    ticked: Iterable[str],
    truth: Iterable[str],
    worth: Mapping[str, int],
    most: int,
) -> Graded:
    chosen, right = set(ticked) & set(worth), set(truth) & set(worth)
    if not chosen:
        return Graded(question, Grade.LEFT_OUT)
    if not right:
        return Graded(question, Grade.NOTHING)
    hits, misses = chosen & right, chosen - right
    score = sum(worth[one] for one in hits) - sum(worth[one] for one in misses)
    # Whoever ticks everything has said nothing, on an account that saw everything too.
    score = min(score, 0 if chosen == set(worth) else most)
    details = _counted({"right": len(hits), "wrong": len(misses)})
    if score <= 0:
        return Graded(question, Grade.NONE, score, details)
    return Graded(question, Grade.NEAR if misses else Grade.MATCH, score, details)


def _counted(details: dict[str, int]) -> dict[str, int]:
    return {word: count for word, count in details.items() if count}
