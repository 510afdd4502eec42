"""What one member of staff may choose for a ticket, and what must come with it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.enums import AuthenticatorKind
from accounts.errors import NoSuchAuthenticator
from accounts.models import User
from accounts.policy import MADE_AT_SIGN_UP
from accounts.services import authenticators
from recovery import policy
from recovery.enums import REASONS_OF, Outcome, StaffReason, Verdict
from recovery.errors import VerdictRefused
from recovery.models import RecoveryTicket
from recovery.suggestions import Suggestion


@dataclass(frozen=True)
class Choice:
    """What one person decides. hold: with an approval; None takes the suggested one.

    suspend_contacts: keys of young contacts of the account; suspend_authenticators: "<kind>:<pk>".
    """

    verdict: Verdict
    reasons: tuple[StaffReason, ...]
    hold: timedelta | None = None
    suspend_contacts: tuple[int, ...] = ()
    suspend_authenticators: tuple[str, ...] = ()
    note: str = ""

    def __repr__(self) -> str:
        return f"Choice({self.verdict})"


def is_against(suggested: Suggestion, choice: Choice) -> bool:
    """Tell whether somebody decides otherwise than suggested; passing on decides nothing."""
    return choice.verdict not in (suggested.verdict, Verdict.PASS_ON)


def require_possible(
    ticket: RecoveryTicket, account: User | None, choice: Choice, suggested: Suggestion
) -> None:
    """Raise VerdictRefused where a choice does not fit the ticket; under its lock."""
    _require_reasons(choice)
    needs_note = is_against(suggested, choice) or StaffReason.OTHER in choice.reasons
    if needs_note and len(choice.note.strip()) < policy.NOTE_SHORTEST:
        raise VerdictRefused(
            "note",
            _("Say why, in %(count)s characters or more.") % {"count": policy.NOTE_SHORTEST},
        )
    if choice.verdict == Verdict.APPROVE:
        _require_approvable(ticket, account)
        _require_hold(suggested, choice)
        if account:
            _require_young(account, choice)
    if choice.verdict == Verdict.PASS_ON:
        _require_may_go_on(ticket)


def _require_reasons(choice: Choice) -> None:
    known = REASONS_OF[choice.verdict]
    if not set(choice.reasons) <= set(known):
        raise VerdictRefused("reasons", _("Choose reasons of this decision."))
    if known and not choice.reasons:
        raise VerdictRefused("reasons", _("Choose at least one reason."))


def _require_approvable(ticket: RecoveryTicket, account: User | None) -> None:
    if account is None or not account.is_active:
        raise VerdictRefused("verdict", _("There is no account to give back."))
    if ticket.needs_check and not ticket.checks.exists():
        raise VerdictRefused("verdict", _("Somebody must check first who the person is."))


def _require_hold(suggested: Suggestion, choice: Choice) -> None:
    longest = max(policy.HOLD_AT_MOST, suggested.hold)
    if choice.hold is not None and not suggested.hold <= choice.hold <= longest:
        raise VerdictRefused("hold", _("The waiting period cannot be shorter, nor over 30 days."))


def _require_young(account: User, choice: Choice) -> None:
    """Let only young things lose their rights: an old contact is what an owner objects from."""
    now = timezone.now()
    contacts = account.contacts.filter(
        pk__in=choice.suspend_contacts, removed_at=None, suspended_at=None
    )
    found = {
        contact.pk
        for contact in contacts
        if is_young(contact.verified_at or contact.added_at, account, now)
    }
    if found != set(choice.suspend_contacts):
        raise VerdictRefused("suspend", _("Only what was added lately can be suspended."))
    for name in choice.suspend_authenticators:
        if not is_young(_made_at(account, name), account, now):
            raise VerdictRefused("suspend", _("Only what was added lately can be suspended."))


def _made_at(account: User, name: str) -> datetime | None:
    """Give when an authenticator in use was made; None for what is none of this account."""
    kind, _colon, pk = name.partition(":")
    try:
        made_at: datetime | None = authenticators.find(
            account, AuthenticatorKind(kind), int(pk)
        ).made_at
    except (ValueError, OverflowError, NoSuchAuthenticator):
        return None
    return made_at


def is_young(made_at: datetime | None, account: User, at: datetime) -> bool:
    """Tell what the account had not had for long then; never of what came with it at sign-up."""
    if made_at is None or made_at < account.created_at + MADE_AT_SIGN_UP:
        return False
    return made_at > at - policy.YOUNG


def _require_may_go_on(ticket: RecoveryTicket) -> None:
    if ticket.is_passed_on or ticket.outcome == Outcome.SUPERUSERS:
        raise VerdictRefused("verdict", _("It was passed on already."))
