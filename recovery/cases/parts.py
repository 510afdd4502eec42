"""The parts of a case file, as its page shows them: words and values, no rows to follow."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from recovery.enums import Verdict
from recovery.models import RecoveryTicket
from recovery.suggestions import Suggestion


@dataclass(frozen=True)
class Account:
    """The claimed account; no fact that the questionnaire asks for, and its name masked."""

    name: str
    made_at: datetime
    sign_ins: int
    last_sign_in_at: datetime | None
    second_steps: tuple[str, ...]
    contacts: int
    contacts_since: datetime | None
    is_protected: bool
    is_frozen: bool


@dataclass(frozen=True)
class Claim:
    """What was asked for, and from where. network_seen: past sign-ins of the account from it."""

    opened_at: datetime
    says: str
    named: str  # masked
    contact: str  # masked
    is_contact_on_file: bool
    agent: str
    place: str
    is_known_device: bool
    network_seen: int
    proofs: tuple[str, ...]
    checks: tuple["Check", ...]
    for_caller_by: str = ""
    appeal_of: str = ""


@dataclass(frozen=True)
class Check:
    """Somebody saw who the person is."""

    way: str
    place: str
    checked_at: datetime
    by: str


@dataclass(frozen=True)
class Against:
    """What speaks against a claim, counted. campaign: tickets alike that wait as well."""

    competing: int
    objections: int
    senior_objections: int
    contact_elsewhere: int
    contacts_changed_at: datetime | None
    of_network: int
    campaign: int
    folded: int
    contested: str
    is_frozen: bool


@dataclass(frozen=True)
class GradeLine:
    """How one question was answered. width: of its bar, 0 to 100. bits: as staff read them."""

    label: str
    grade: str
    grade_label: str
    style: str
    shape: str
    bits: str
    width: int
    words: str


@dataclass(frozen=True)
class Answers:
    """The questionnaire, graded; never what was answered.

    standing: "above", "at", "below" or "thin". is_waiting: the grading task has not been there yet.
    """

    is_waiting: bool
    score: int
    bar: int
    standing: str
    words: str
    lines: tuple[GradeLine, ...] = ()
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True)
class RiskLine:
    """One thing that raises or lowers the risk."""

    words: str
    raises: bool


@dataclass(frozen=True)
class Line:
    """One line of the timeline. part: "account", "ticket" or "messages"."""

    at: datetime
    part: str
    title: str
    detail: str = ""
    badge: str = ""
    style: str = ""


@dataclass(frozen=True)
class Related:
    """Another ticket, and what it shares with this one: as codes, and in words."""

    id: UUID
    reference: str
    shared: tuple[str, ...]
    shares: str
    state: str
    style: str
    opened_at: datetime
    is_waiting: bool
    is_competing: bool


@dataclass(frozen=True)
class Young:
    """A contact or authenticator that came lately, which an approval may take away.

    key: as Choice.suspend_contacts and suspend_authenticators name it.
    """

    key: str
    words: str
    since: datetime
    is_contact: bool


@dataclass(frozen=True)
class Ballot:
    """One vote. verdict, reasons, note and hold are None or empty for who has not chosen yet."""

    by: str
    made_at: datetime
    is_own: bool
    verdict: Verdict | None = None
    decided: str = ""
    reasons: tuple[str, ...] = ()
    hold: timedelta | None = None
    note: str = ""
    is_against_suggestion: bool = False
    voided: str = ""


@dataclass(frozen=True)
class Seen:
    """Who opened the case file, and when."""

    by: str
    first_at: datetime
    last_at: datetime
    audit_number: int


@dataclass(frozen=True)
class CaseFile:
    """One ticket, on one page. account is None for one that does not exist.

    draft: what the viewer has filled in and not decided, {} for nothing.
    """

    ticket: RecoveryTicket
    suggestion: Suggestion
    account: Account | None
    claim: Claim
    against: Against
    answers: Answers | None
    risk: tuple[RiskLine, ...]
    note: str
    timeline: tuple[Line, ...]
    related: tuple[Related, ...]
    young: tuple[Young, ...]
    ballots: tuple[Ballot, ...]
    voided: tuple[Ballot, ...]
    seen: tuple[Seen, ...]
    draft: dict[str, Any]
