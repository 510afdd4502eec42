"""The figures of recovery and the decision table: facts in, a decision out, nothing else.

The table is design.md section 2; rows are tried in order and the first that fits decides.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from accounts.policy import Rule, code_kind
from recovery.enums import Outcome, ProofClass, Resets, TicketState

VERSION = "2026-11-b"

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

# The same three for what is typed and compared at once: app and printed codes, the password. The
# visible one, silent ones past which nothing is compared, and those of who has shown another proof.
PROOF_TRIES_PER_CLAIMANT = Rule("proof.claimant", 10, timedelta(days=1))
PROOF_TRIES_PER_ACCOUNT = Rule("proof.account", 10, timedelta(days=1))
PROVED_TRIES_PER_TICKET = Rule("proof.proved.ticket", 10, timedelta(days=1))
# Over all tickets: a mailbox that a thief reads must not pay for ticket after ticket.
PROVED_TRIES_PER_ACCOUNT = Rule("proof.proved.account", 50, timedelta(days=1))

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
KEPT_LONG = timedelta(days=30)  # what was on file so long counts on contested tickets, if removed
ANSWER_EARLIEST = timedelta(hours=12)
ANSWER_LATEST = timedelta(hours=24)
OLD_SESSION = timedelta(days=30)
OBJECTIONS_COUNT_FOR = timedelta(days=30)
FREEZE_LIVES = timedelta(days=7)
TAKE_BACK = timedelta(minutes=10)
UNDO_LIVES = timedelta(days=7)
INVITATION_LIVES = timedelta(days=7)
RESTRICTED_AFTER_NEW_PLACE = timedelta(days=7)
RESTRICTED_AFTER_BOTH = timedelta(days=30)  # password and second step, which only people decide
OPENED_NOTICES_A_DAY = 3
NOTICE_LEASE = timedelta(minutes=2)  # longer than a fan-out takes
HOLD_NOTICES_APART = timedelta(hours=10)
HOLD_LAST_NOTICE = timedelta(hours=24)
# The questionnaire: per (contact, identifier as typed), so that who asks uses up only their own.
QUESTIONNAIRES_A_DAY = Rule("questionnaires.day", 2, timedelta(days=1))
QUESTIONNAIRES_A_MONTH = Rule("questionnaires.month", 6, timedelta(days=30))
PASSWORDS_HELD_FOR = timedelta(hours=1)  # typed, and the page was refused: not drawn again
FOLDED_BEYOND_A_DAY = 6  # questionnaires on one account; those beyond are one staff case
EVALUATION_LEASE = timedelta(minutes=5)  # longer than six password verifications wait for a slot
NOTE_LIVES = timedelta(days=30)  # after the decision
GRADES_LIVE = timedelta(days=90)
TRUSTED_BEFORE_CHANGES_OF = timedelta(days=30)  # the last trusted moment is before these
FORMER_PROFILE_COUNTS_FOR = timedelta(days=365)
SIGN_INS_COUNT_FOR = timedelta(days=365)  # "in the last 12 months"
APPEALS_PER_CLAIMANT = Rule("appeals", 1, timedelta(days=14))
APPEAL_LIVES = timedelta(days=14)  # after the answer
# What a refusal promises of an appeal: FIRST_DECISION_WITHIN, in days of eight open hours.
APPEAL_WORKING_DAYS = 3
WORKING_WEEK = 5  # days; an office that is open on fewer counts otherwise than its claimants

# Staff review; nothing falls back to one person for want of others.
PEOPLE_AT_LEAST = 2
FIRST_DECISION_WITHIN = timedelta(hours=24)
CLAIM_LIVES = timedelta(minutes=15)
BACK_AT_MOST = 2  # a person and day
REVIEWS_PER_PERSON = Rule("staff.reviews", 20, timedelta(hours=1))
SAW_ACCOUNT_FOR = timedelta(days=30)  # who opened profile or events decides nothing on them so long
MORE_ASKED_LIVES = timedelta(days=7)
HOLD_AT_MOST = timedelta(days=30)  # what staff may choose
HOLD_UNSUGGESTED = timedelta(days=14)  # where the table suggests no wait: as after evidence alone
NOTE_SHORTEST = 20  # characters, with the reason "other" and against the suggestion
CARRY_OUT_WITHIN = timedelta(hours=1)  # what two superusers approved
INVITATION_LINK_LIVES = timedelta(hours=24)
CLAIMANT_CODE_LIVES = timedelta(minutes=60)  # a status code lets a staff decision be completed
RESTRICTED_AFTER_EVIDENCE = timedelta(days=7)
YOUNG = timedelta(days=30)  # what staff may suspend, and what raises the risk
# What people approve against somebody's word waits as long as a claim of high risk.
CONTESTED_HOLD = timedelta(days=14)
STAFF_HOLDS = tuple(timedelta(days=days) for days in (0, 1, 3, 7, 14))  # to choose from
QUEUE_PAGE = 25  # cases on one page of the queue
QUEUE_SOON = timedelta(hours=4)  # "due soon" of its filters
AT_THE_BAR = 20  # tenths of a bit above it: staff read "at" and not "above"
ALIKE_WITHIN = timedelta(days=1)  # cases of one network or contact

REQUESTS_LISTED_FOR = timedelta(days=30)
REQUESTS_LISTED = 20  # in one mail
CLEAR_AFTER_END = timedelta(days=7)  # identifier and contact in clear
CLEAR_AFTER_REVIEW = timedelta(days=30)  # the same where staff looked
# Waits end by day, in the site's zone, when owners look at their mail.
HOLD_ENDS_FROM_HOUR = 8
HOLD_ENDS_UNTIL_HOUR = 20

DAY = timedelta(hours=24)
UNREACHABLE_HOLD = timedelta(days=14)  # where nobody but the claimant could be told
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
    is_thin: all facts of the account together could not reach the bar.
    risk: "low", "medium" or "high"; matters for evidence only.
    may_reset_second_step: the operator lets evidence alone do so (settings.NO_RESET_GROUPS).
    one_person_low_risk: the operator relaxes it (settings.ONE_PERSON_FOR_LOW_RISK).
    """

    is_protected: bool = False
    has_two_step: bool = False
    strong: frozenset[ProofClass] = frozenset()
    stale: frozenset[ProofClass] = frozenset()
    is_above_bar: bool | None = None
    is_thin: bool = False
    risk: str = "low"
    is_known_device: bool = False
    is_new_place: bool = False  # neither device nor country was ever seen on the account
    may_reset_second_step: bool = True
    one_person_low_risk: bool = False


@dataclass(frozen=True)
class Decision:
    """What follows.

    people: how many members of staff must agree, 0 for none. needs_check: one of them has checked
    who the person is.
    """

    outcome: Outcome
    row: str
    hold: timedelta = timedelta(0)
    people: int = 0
    resets: Resets = Resets.PASSWORD
    is_restricted: bool = False
    needs_check: bool = False
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


def _has_password_and_one(facts: Facts) -> bool:
    return ProofClass.PASSWORD in facts.strong and _weight(facts) > 1


def _says(outcome: Outcome, **values: object) -> Callable[[Facts], Decision]:
    decision = replace(Decision(outcome, row=""), **values)  # type: ignore[arg-type]
    return lambda facts: decision


def _approve_alone(facts: Facts) -> Decision:
    return Decision(Outcome.APPROVE, row="", is_restricted=facts.is_new_place)


def _is_thin(facts: Facts) -> bool:
    """Tell of answers that could not reach the bar because the account has so little history."""
    return facts.is_above_bar is False and facts.is_thin


def _evidence_hold(facts: Facts) -> Decision:
    days = {"low": 3, "medium": 7, "high": 14}[facts.risk]
    is_thin = _is_thin(facts)
    is_relaxed = facts.one_person_low_risk and facts.risk == "low" and not is_thin
    people, hold = 1 if is_relaxed else 2, timedelta(days=days)
    return Decision(Outcome.REVIEW, "", hold, people, is_restricted=True, needs_check=is_thin)


def _second_step_and_password(days: int, *, needs_check: bool = False) -> Callable[..., Decision]:
    return _says(
        Outcome.REVIEW,
        hold=days * DAY,
        people=2,
        resets=Resets.BOTH,
        is_restricted=True,
        needs_check=needs_check,
    )


# Of the proofs that are enough for a protected account.
PROTECTED_ROW = "protected_two_proofs"
# Rows of accounts that have no second step, so that completion need not look for one.
WITHOUT_TWO_STEP = frozenset(
    {"one_proof", "phone_alone_known_device", "phone_alone", "evidence", "thin"}
)
# Rows whose evidence only leads on beside a held proof, which completion asks for again.
WITH_HELD_PROOF = frozenset({"two_step_one_and_evidence", "two_step_one_and_thin"})

TABLE: tuple[Row, ...] = (
    Row(
        PROTECTED_ROW,
        lambda f: f.is_protected and _weight(f, besides=ProofClass.PASSWORD) > 1,
        _says(Outcome.HOLD, hold=DAY),
    ),
    Row(
        "protected_below_the_bar",
        lambda f: f.is_protected and f.is_above_bar is False and not f.is_thin,
        _says(Outcome.DENY),
    ),
    Row(
        "protected_thin",
        lambda f: f.is_protected and _is_thin(f),
        _says(Outcome.SUPERUSERS, people=2, needs_check=True),
    ),
    Row("protected_less", lambda f: f.is_protected, _says(Outcome.SUPERUSERS, people=2)),
    Row(
        "two_step_two_proofs",
        lambda f: f.has_two_step and _has_two_besides(f),
        _says(Outcome.APPROVE),
    ),
    Row(
        "two_step_two_contacts",
        lambda f: f.has_two_step and f.strong >= CONTACT_CLASSES,
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
        _second_step_and_password(days=7),
    ),
    Row(
        "two_step_one_and_thin",
        lambda f: f.has_two_step and _is_thin(f) and _weight(f) > 0,
        _second_step_and_password(days=7, needs_check=True),
    ),
    Row(
        "two_step_no_reset",
        lambda f: f.has_two_step and f.is_above_bar is not None and not f.may_reset_second_step,
        _says(Outcome.DENY),
    ),
    Row(
        "two_step_evidence",
        lambda f: f.has_two_step and bool(f.is_above_bar),
        _second_step_and_password(days=14),
    ),
    Row(
        "two_step_thin",
        lambda f: f.has_two_step and _is_thin(f),
        _second_step_and_password(days=14, needs_check=True),
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
    Row("thin", lambda f: not f.has_two_step and _is_thin(f), _evidence_hold),
    Row("below_the_bar", lambda f: f.is_above_bar is False, _says(Outcome.DENY)),
    Row("nothing_yet", lambda f: True, _says(Outcome.MORE)),
)
