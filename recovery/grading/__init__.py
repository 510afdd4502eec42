"""Answers compared with an account's history: values in, grades out, nothing else."""

from collections.abc import Iterable
from datetime import datetime

from recovery import questions, weights
from recovery.enums import Grade
from recovery.evidence import Answers, FormerMatch, Graded, History, Result
from recovery.grading import best, known, people, sign_ins

SCORED = {
    "name": people.name,
    "birth_date": people.birth_date,
    "home": people.home,
    "created": sign_ins.created,
    "places": sign_ins.places,
    "devices": sign_ins.devices,
    "browsers": sign_ins.browsers,
    "contacts": known.contacts,
    "second_step": sign_ins.second_step,
}


def grade(
    answers: Answers,
    history: History,
    *,
    former: tuple[FormerMatch, ...] = (),
    facts: dict[str, bool] | None = None,
    now: datetime | None = None,
    bar: int | None = None,
) -> Result:
    """Grade every question of this site; weights and bar are of recovery.weights.

    former: of each typed earlier password. facts: the operator's, by name, whether it fits; those
    that the account does not have are absent. now: when the answers were given, which "this week"
    is counted from; None is the moment of the history. bar: another one, to try it out.
    """
    at = now or history.as_of
    grades = _grades(answers, history, former, facts or {}, at)
    score = total(grades)
    needed = weights.BAR if bar is None else bar
    return Result(
        grades=grades,
        score=score,
        bar=needed,
        is_above_bar=score >= needed,
        # Wrong answers to what little there is are no case for people.
        is_thin=history.created_at is not None and score >= 0 and most(history, at) < needed,
        version=weights.VERSION,
    )


def most(history: History, now: datetime) -> int:
    """Give the most that this account can give, in tenths of a bit: every fact known to the full.

    Of earlier passwords one is taken to be known.
    """
    perfect, facts = best.answers(history, now)
    former = (FormerMatch(is_match=True),) if history.has_former_passwords else ()
    return total(_grades(perfect, history, former, facts, now))


def total(grades: Iterable[Graded]) -> int:
    """Add up scores; what others may know or look up counts to its cap."""
    public = sum(one.score for one in grades if one.question in weights.PUBLIC)
    others = sum(one.score for one in grades if one.question not in weights.PUBLIC)
    return min(public, weights.PUBLIC_CAP) + others


def _grades(
    answers: Answers,
    history: History,
    former: tuple[FormerMatch, ...],
    facts: dict[str, bool],
    now: datetime,
) -> tuple[Graded, ...]:
    found = {code: compare(answers, history) for code, compare in SCORED.items()}
    found["last_sign_in"] = sign_ins.last_sign_in(answers, history, now)
    found["passwords"] = known.passwords(answers, history, former)
    found |= {
        questions.fact_code(name): known.fact(name, answers, history, facts)
        for name in questions.facts()
    }
    asked = [question.code for question in questions.asked()]
    return tuple(found.get(code, Graded(code, Grade.NOTHING)) for code in asked)
