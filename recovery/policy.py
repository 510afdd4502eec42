"""The figures of recovery and the decision table: facts in, a decision out, nothing else.

The table is design.md section 2; rows are tried in order and the first that fits decides.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from accounts.policy import Rule, code_kind
from recovery.enums import Outcome, ProofClass, Resets, TicketState

VERSION = "2026-11-a"

OPENING_CODE = code_kind("recovery.code")
# Only some of these go out, and a mail that is held up would tell which.
CONTACT_CODE = replace(
    code_kind("recovery.contact_code"), waits_for_mail=False, may_follow_a_used_one=True
)
STATUS_CODE = replace(code_kind("recovery.status_code"), waits_for_mail=False)

# Visible, so keyed on what was typed and on who typed it: a stranger uses up only their own.
CONTACT_TRIES_PER_CLAIMANT = Rule("codes.proof.claimant", 10, timedelta(days=1))
# Silent, keyed on the contact on file: past it nothing goes out and the page is the same.
CONTACT_CODES_PER_CONTACT = Rule("codes.proof.contact", 10, timedelta(days=1))
NAME_MAILS_PER_CONTACT = Rule("mails.names", 3, timedelta(days=1))
LIST_MAILS_PER_CONTACT = Rule("mails.requests", 3, timedelta(days=1))

LIVES = {
    TicketState.AWAITING_CODE: timedelta(hours=1),
    TicketState.AWAITING_PROOF: timedelta(days=7),
    TicketState.EVALUATING: timedelta(days=14),
    TicketState.IN_REVIEW: timedelta(days=14),
    TicketState.ON_HOLD: timedelta(days=60),  # ends by its own due time; this is a backstop
    TicketState.APPROVED: timedelta(days=7),
}
CONTESTED_LIVES = timedelta(days=30)
HELD_PROOF_LIVES = timedelta(minutes=60)
# Nobody could show this contact for so long that its domain may have a new owner.
UNPROVED_TOO_LONG = timedelta(days=400)
TWO_STEP_AS_OF = timedelta(days=7)  # the account as it was this long before the ticket
ANSWER_EARLIEST = timedelta(hours=12)
ANSWER_LATEST = timedelta(hours=24)
OLD_SESSION = timedelta(days=30)
OBJECTIONS_COUNT_FOR = timedelta(days=30)
FREEZE_LIVES = timedelta(days=7)
TAKE_BACK = timedelta(minutes=10)
UNDO_LIVES = timedelta(days=7)
INVITATION_LIVES = timedelta(days=7)
RESTRICTED_AFTER_NEW_PLACE = timedelta(days=7)
OPENED_NOTICES_A_DAY = 3
NOTICE_LEASE = timedelta(minutes=2)  # longer than a fan-out takes
HOLD_NOTICES_APART = timedelta(hours=10)
HOLD_LAST_NOTICE = timedelta(hours=24)
REQUESTS_LISTED_FOR = timedelta(days=30)
REQUESTS_LISTED = 20  # in one mail
CLEAR_AFTER_END = timedelta(days=7)  # identifier and contact in clear
# Waits end by day, in the site's zone, when owners look at their mail.
HOLD_ENDS_FROM_HOUR = 8
HOLD_ENDS_UNTIL_HOUR = 20

DAY = timedelta(hours=24)
LONG_UNPROVED_HOLD = timedelta(hours=72)
CONTACT_CLASSES = frozenset({ProofClass.MAIL, ProofClass.PHONE})
ALONE_IS_ENOUGH = frozenset(
    {ProofClass.MAIL, ProofClass.APP, ProofClass.PRINTED, ProofClass.PASSKEY}
)


FROM_WORST = (
    Outcome.DENY,
    Outcome.MORE,
    Outcome.SUPERUSERS,
    Outcome.REVIEW,
    Outcome.HOLD,
    Outcome.APPROVE,
)


@dataclass(frozen=True)
class Facts:
    """What the table looks at.

    strong: classes with a strong proof on the ticket; the passkey counts as two.
    stale: those of them that are strong only with a wait (long unproved).
    is_above_bar: graded evidence reaches the bar; None where there is none.
    risk: "low", "medium" or "high"; matters for evidence only.
    """

    is_protected: bool = False
    has_two_step: bool = False
    strong: frozenset[ProofClass] = frozenset()
    stale: frozenset[ProofClass] = frozenset()
    is_above_bar: bool | None = None
    risk: str = "low"
    is_known_device: bool = False
    is_new_place: bool = False  # neither device nor country was ever seen on the account


@dataclass(frozen=True)
class Decision:
    """What follows: ``people`` is how many members of staff must agree, 0 for none."""

    outcome: Outcome
    row: str
    hold: timedelta = timedelta(0)
    people: int = 0
    resets: Resets = Resets.PASSWORD
    is_restricted: bool = False
    version: str = VERSION


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    name: str
    fits: Callable[[Facts], bool]
    decision: Callable[[Facts], Decision]


def decide(facts: Facts) -> Decision:
    """Give the decision of the first row that fits; total, so there always is one.

    What is strong only with a wait is taken into account where that is better than without it.
    """
    if not facts.stale:
        return _first_fit(facts)
    fresh = _first_fit(replace(facts, strong=facts.strong - facts.stale))
    waited = _first_fit(facts)
    if waited.outcome in (Outcome.APPROVE, Outcome.HOLD):
        hold = max(waited.hold, LONG_UNPROVED_HOLD)
        waited = replace(waited, outcome=Outcome.HOLD, hold=hold)
    return max(fresh, waited, key=rank)


def rank(decision: Decision) -> tuple[int, float]:
    """Order decisions from worst to best for the claimant; of two waits the shorter is better."""
    return FROM_WORST.index(decision.outcome), -decision.hold.total_seconds()


def _first_fit(facts: Facts) -> Decision:
    row = next(row for row in TABLE if row.fits(facts))
    return replace(row.decision(facts), row=row.name)


def _weight(facts: Facts, besides: ProofClass = ProofClass.PERSON) -> int:
    """Count strong proofs: one a class, a passkey as two; a person never stands alone."""
    counted = facts.strong - {ProofClass.PERSON, besides}
    return len(counted) + (ProofClass.PASSKEY in counted)


def _has_two_besides(facts: Facts) -> bool:
    """Tell of two strong proofs, not both codes to contacts and not the password."""
    counted = facts.strong - {ProofClass.PASSWORD, ProofClass.PERSON}
    return ProofClass.PASSKEY in counted or (len(counted) >= 2 and not counted <= CONTACT_CLASSES)  # noqa: PLR2004 - "two" of the row


def _is_contacts_only(facts: Facts) -> bool:
    return facts.strong >= CONTACT_CLASSES


def _has_password_and_one(facts: Facts) -> bool:
    return ProofClass.PASSWORD in facts.strong and _weight(facts) > 1


def _says(outcome: Outcome, **values: object) -> Callable[[Facts], Decision]:
    decision = replace(Decision(outcome, row=""), **values)  # type: ignore[arg-type]
    return lambda facts: decision


def _approve_alone(facts: Facts) -> Decision:
    return Decision(Outcome.APPROVE, row="", is_restricted=facts.is_new_place)


def _evidence_hold(facts: Facts) -> Decision:
    days = {"low": 3, "medium": 7, "high": 14}[facts.risk]
    return Decision(Outcome.REVIEW, row="", hold=timedelta(days=days), people=2, is_restricted=True)


_NO_PROOF = _says(Outcome.MORE)

TABLE: tuple[Row, ...] = (
    Row(
        "protected_two_proofs",
        lambda f: f.is_protected and _weight(f, besides=ProofClass.PASSWORD) > 1,
        _says(Outcome.HOLD, hold=DAY),
    ),
    Row(
        "protected_less",
        lambda f: f.is_protected,
        _says(Outcome.SUPERUSERS, people=2),
    ),
    Row(
        "two_step_two_proofs",
        lambda f: f.has_two_step and _has_two_besides(f),
        _says(Outcome.APPROVE),
    ),
    Row(
        "two_step_two_contacts",
        lambda f: f.has_two_step and _is_contacts_only(f),
        _says(Outcome.HOLD, hold=3 * DAY),
    ),
    Row(
        "two_step_password_and_one",
        lambda f: f.has_two_step and _has_password_and_one(f),
        _says(Outcome.HOLD, hold=3 * DAY, resets=Resets.SECOND_STEP),
    ),
    Row(
        "two_step_one_and_evidence",
        lambda f: f.has_two_step and bool(f.is_above_bar) and _weight(f) > 0,
        _says(Outcome.REVIEW, hold=7 * DAY, people=2, resets=Resets.BOTH, is_restricted=True),
    ),
    Row(
        "two_step_evidence",
        lambda f: f.has_two_step and bool(f.is_above_bar),
        _says(Outcome.REVIEW, hold=14 * DAY, people=2, resets=Resets.BOTH, is_restricted=True),
    ),
    Row(
        "one_proof",
        lambda f: not f.has_two_step and bool(f.strong & ALONE_IS_ENOUGH),
        _approve_alone,
    ),
    Row(
        "phone_alone_known_device",
        lambda f: not f.has_two_step and ProofClass.PHONE in f.strong and f.is_known_device,
        _approve_alone,
    ),
    Row(
        "phone_alone",
        lambda f: not f.has_two_step and ProofClass.PHONE in f.strong,
        _says(Outcome.HOLD, hold=DAY),
    ),
    Row(
        "evidence",
        lambda f: not f.has_two_step and bool(f.is_above_bar),
        _evidence_hold,
    ),
    Row("below_the_bar", lambda f: f.is_above_bar is False, _says(Outcome.DENY)),
    Row("nothing_yet", lambda f: True, _NO_PROOF),
)
