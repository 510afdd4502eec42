"""The answers of somebody who knows all there is to know of an account."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from recovery import weights
from recovery.evidence import Answers, History
from recovery.grading import sign_ins
from recovery.questions import StepKind


def answers(history: History, now: datetime) -> tuple[Answers, dict[str, bool]]:
    """Give the answers that this history fits best, and the operator's facts all fitting.

    Earlier passwords are not among them: only their hashes are on file.
    """
    first, last = history.names[0] if history.names else ("", "")
    birth = history.birth_dates[0] if history.birth_dates else None
    made, used = history.created_at, history.last_sign_in_at
    rarest = sorted(history.places, key=lambda place: (not place[1], history.places[place]))
    perfect = Answers(
        first_name=first,
        last_name=last,
        birth=(birth.day, birth.month, birth.year) if birth else (None, None, None),
        country=history.countries[0] if history.countries else "",
        postal_code=history.postal_codes[0] if history.postal_codes else "",
        created=(made.month, made.year) if made else (None, None),
        last_sign_in=sign_ins.ago(now - used) if used else "",
        places=tuple(rarest[:3]),
        devices=_all_but_one(history.devices, weights.DEVICES),
        browsers=_all_but_one(history.browsers, weights.BROWSERS),
        contacts=tuple(sorted(history.contact_keys, key=lambda key: "@" in key)[:3]),
        second_step=_all_but_one(history.second_steps or {StepKind.NONE: 1}, weights.SECOND_STEPS),
        facts=dict.fromkeys(history.fact_names, "known"),
    )
    return perfect, dict.fromkeys(history.fact_names, True)


def _all_but_one(truth: Iterable[str], worth: Mapping[str, int]) -> tuple[str, ...]:
    """Give what is true, dearest first; all that can be ticked would count for nothing."""
    dearest = sorted(set(truth) & set(worth), key=lambda one: (-worth[one], one))
    return tuple(dearest[: len(worth) - 1])
