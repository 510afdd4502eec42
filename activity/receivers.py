"""Facts of accounts, turned into events, notices and audit entries.

Each runs inside the transaction that makes its fact true: an event that cannot be written
undoes its cause.
"""

from typing import Any
from uuid import UUID

from django.dispatch import receiver

from accounts import errors as accounts_errors
from accounts import signals
from accounts.client import Client
from accounts.enums import AuthenticatorKind, PasswordCause
from accounts.hooks import Assessment
from accounts.models import Authenticator, Contact, User
from accounts.policy import SIGN_IN_CODE
from activity import policy
from activity.enums import EventKind
from activity.services import account_views, audit, learning, notices
from activity.services.events import record_event
from outbox import signals as outbox_signals

# Nobody has to be told of the password that makes the account.
QUIET_CAUSES = frozenset({PasswordCause.SIGN_UP, PasswordCause.IMPORT})
# Codes of the apps above are recorded there, with what they belong to.
OWN_PURPOSES = "accounts."


@receiver(signals.signed_in, dispatch_uid="activity.signed_in")
def record_sign_in(
    sender: Any,
    *,
    user: User,
    client: Client,
    authenticators: list[str],
    assessment: Assessment | None = None,
    second_step: Authenticator | None = None,
    **kwargs: Any,
) -> None:
    """Freeze in how it was judged, learn from it where that is safe, and tell of an unusual one.

    A passkey is bound to its holder and to this site, so nothing about it is unusual.
    """
    if assessment is None or AuthenticatorKind.PASSKEY in authenticators:
        assessment = Assessment()
    event = record_event(
        user,
        EventKind.SIGNED_IN,
        client=client,
        assessment=assessment,
        is_learned=learning.may_teach(user, assessment, authenticators, second_step),
        authenticators=list(authenticators),
    )
    if event.is_learned:
        learning.add_to_account(event)
    if event.is_unusual:
        notices.announce(event)


@receiver(signals.sign_in_failed, dispatch_uid="activity.sign_in_failed")
def record_failure(
    sender: Any, *, user: User | None, client: Client, reason: str, pool: str, **kwargs: Any
) -> None:
    is_second_step = reason == accounts_errors.WrongToken.code
    kind = EventKind.SECOND_STEP_FAILED if is_second_step else EventKind.SIGN_IN_FAILED
    event = record_event(user, kind, client=client, reason=str(reason), pool=str(pool))
    if is_second_step:
        notices.announce(event)  # the worker decides whether it is news


@receiver(signals.signed_out, dispatch_uid="activity.signed_out")
def record_sign_out(sender: Any, *, user: User, client: Client, **kwargs: Any) -> None:
    record_event(user, EventKind.SIGNED_OUT, client=client)


@receiver(signals.signed_up, dispatch_uid="activity.signed_up")
def record_sign_up(sender: Any, *, user: User, client: Client, **kwargs: Any) -> None:
    record_event(user, EventKind.SIGNED_UP, client=client)


@receiver(signals.sessions_ended, dispatch_uid="activity.sessions_ended")
def record_ended_sessions(
    sender: Any, *, user: User, client: Client, count: int, **kwargs: Any
) -> None:
    record_event(user, EventKind.SESSIONS_ENDED, client=client, count=count)


@receiver(signals.password_changed, dispatch_uid="activity.password_changed")
def record_password_change(
    sender: Any, *, user: User, client: Client, cause: PasswordCause, **kwargs: Any
) -> None:
    if cause == PasswordCause.RECOVERY:
        return  # recovery records and tells it with all else that it did
    event = record_event(user, EventKind.PASSWORD_CHANGED, client=client, cause=str(cause))
    if cause not in QUIET_CAUSES:
        notices.announce(event)


@receiver(signals.contact_added, dispatch_uid="activity.contact_added")
def record_added_contact(
    sender: Any, *, user: User, client: Client, contact: Contact, **kwargs: Any
) -> None:
    _record_contact(user, EventKind.CONTACT_ADDED, client, contact)


@receiver(signals.contact_removed, dispatch_uid="activity.contact_removed")
def record_removed_contact(
    sender: Any,
    *,
    user: User,
    client: Client,
    contact: Contact,
    is_quiet: bool = False,
    **kwargs: Any,
) -> None:
    _record_contact(user, EventKind.CONTACT_REMOVED, client, contact, is_quiet=is_quiet)


@receiver(signals.contact_suspended, dispatch_uid="activity.contact_suspended")
def record_suspended_contact(
    sender: Any,
    *,
    user: User,
    client: Client,
    contact: Contact,
    is_quiet: bool = False,
    **kwargs: Any,
) -> None:
    _record_contact(user, EventKind.CONTACT_SUSPENDED, client, contact, is_quiet=is_quiet)


@receiver(signals.contact_restored, dispatch_uid="activity.contact_restored")
def record_restored_contact(
    sender: Any,
    *,
    user: User,
    client: Client,
    contact: Contact,
    is_quiet: bool = False,
    **kwargs: Any,
) -> None:
    _record_contact(user, EventKind.CONTACT_RESTORED, client, contact, is_quiet=is_quiet)


@receiver(signals.contact_marked, dispatch_uid="activity.contact_marked")
def record_mark(
    sender: Any, *, user: User, client: Client, contact: Contact, **kwargs: Any
) -> None:
    _record_contact(user, EventKind.CONTACT_MARKED, client, contact, mark=str(contact.mark))


@receiver(signals.primary_changed, dispatch_uid="activity.primary_changed")
def record_new_primary(
    sender: Any,
    *,
    user: User,
    client: Client,
    contact: Contact,
    is_quiet: bool = False,
    **kwargs: Any,
) -> None:
    _record_contact(user, EventKind.PRIMARY_CHANGED, client, contact, is_quiet=is_quiet)


@receiver(signals.contacts_replaced, dispatch_uid="activity.contacts_replaced")
def record_replacement(sender: Any, *, user: User, client: Client, **kwargs: Any) -> None:
    _record_and_announce(user, EventKind.CONTACTS_REPLACED, client)


@receiver(signals.authenticator_added, dispatch_uid="activity.authenticator_added")
def record_added_authenticator(
    sender: Any,
    *,
    user: User,
    client: Client,
    kind: str,
    is_first: bool = False,
    **kwargs: Any,
) -> None:
    is_sheet = kind == AuthenticatorKind.RECOVERY_CODES
    event = EventKind.RECOVERY_CODES_MADE if is_sheet else EventKind.AUTHENTICATOR_ADDED
    turned = EventKind.TWO_STEP_ON if is_first else None
    _record_authenticator(user, client, kind, (event, turned), is_quiet=False)


@receiver(signals.authenticator_removed, dispatch_uid="activity.authenticator_removed")
def record_removed_authenticator(
    sender: Any,
    *,
    user: User,
    client: Client,
    kind: str,
    is_last: bool = False,
    is_quiet: bool = False,
    **kwargs: Any,
) -> None:
    turned = EventKind.TWO_STEP_OFF if is_last else None
    kinds = (EventKind.AUTHENTICATOR_REMOVED, turned)
    _record_authenticator(user, client, kind, kinds, is_quiet=is_quiet)


@receiver(signals.authenticator_suspended, dispatch_uid="activity.authenticator_suspended")
def record_suspended_authenticator(
    sender: Any, *, user: User, client: Client, kind: str, is_quiet: bool = False, **kwargs: Any
) -> None:
    kinds = (EventKind.AUTHENTICATOR_SUSPENDED, None)
    _record_authenticator(user, client, kind, kinds, is_quiet=is_quiet)


@receiver(signals.authenticator_restored, dispatch_uid="activity.authenticator_restored")
def record_restored_authenticator(
    sender: Any, *, user: User, client: Client, kind: str, is_quiet: bool = False, **kwargs: Any
) -> None:
    kinds = (EventKind.AUTHENTICATOR_RESTORED, None)
    _record_authenticator(user, client, kind, kinds, is_quiet=is_quiet)


@receiver(signals.contact_confirmed, dispatch_uid="activity.contact_confirmed")
def record_confirmed_contact(
    sender: Any, *, user: User, client: Client, contact: Contact, **kwargs: Any
) -> None:
    _record_contact(user, EventKind.CONTACT_CONFIRMED, client, contact)


@receiver(signals.password_spent, dispatch_uid="activity.password_spent")
def record_spent_password(sender: Any, *, user: User, client: Client, **kwargs: Any) -> None:
    # A report tells of it with all else that it did.
    record_event(user, EventKind.PASSWORD_SPENT, client=client)


@receiver(signals.recovery_code_used, dispatch_uid="activity.recovery_code_used")
def record_used_code(sender: Any, *, user: User, client: Client, left: int, **kwargs: Any) -> None:
    _record_and_announce(user, EventKind.RECOVERY_CODE_USED, client, left=left)


@receiver(signals.step_up_failed, dispatch_uid="activity.step_up_failed")
def record_refused_confirmation(
    sender: Any, *, user: User, client: Client, reason: str, **kwargs: Any
) -> None:
    record_event(user, EventKind.STEP_UP_FAILED, client=client, reason=str(reason))


@receiver(signals.browser_trusted, dispatch_uid="activity.browser_trusted")
def record_trust(sender: Any, *, user: User, client: Client, **kwargs: Any) -> None:
    _record_and_announce(user, EventKind.BROWSER_TRUSTED, client)


@receiver(signals.browser_distrusted, dispatch_uid="activity.browser_distrusted")
def record_end_of_trust(sender: Any, *, user: User, client: Client, **kwargs: Any) -> None:
    # Nobody has to be warned of a browser that may do less.
    record_event(user, EventKind.BROWSER_DISTRUSTED, client=client)


@receiver(signals.account_frozen, dispatch_uid="activity.account_frozen")
def record_freeze(sender: Any, *, user: User, client: Client, cause: str, **kwargs: Any) -> None:
    _record_and_announce(user, EventKind.ACCOUNT_FROZEN, client, cause=str(cause))


@receiver(signals.account_unfrozen, dispatch_uid="activity.account_unfrozen")
def record_end_of_freeze(
    sender: Any, *, user: User, client: Client, cause: str = "", **kwargs: Any
) -> None:
    _record_and_announce(user, EventKind.ACCOUNT_UNFROZEN, client, cause=str(cause))


@receiver(signals.code_sent, dispatch_uid="activity.code_sent")
def record_sent_code(
    sender: Any, *, user: User | None, client: Client, purpose: str, **kwargs: Any
) -> None:
    if not purpose.startswith(OWN_PURPOSES):
        return
    event = record_event(user, EventKind.CODE_SENT, client=client, purpose=purpose)
    if purpose == SIGN_IN_CODE.name:
        # Only a right password leads there: who has no code never comes to be a sign-in.
        notices.announce(event, after=policy.CODE_UNUSED_AFTER)


@receiver(signals.code_refused, dispatch_uid="activity.code_refused")
def record_refused_code(
    sender: Any, *, user: User | None, client: Client, purpose: str, reason: str = "", **kwargs: Any
) -> None:
    if purpose.startswith(OWN_PURPOSES):
        record_event(user, EventKind.CODE_WRONG, client=client, purpose=purpose, reason=str(reason))


@receiver(signals.staff_acted, dispatch_uid="activity.staff_acted")
@receiver(outbox_signals.staff_acted, dispatch_uid="activity.outbox_staff_acted")
def chain_staff_act(
    sender: Any, *, actor: User | None, action: str, subject: str, reason: str, **kwargs: Any
) -> None:
    name = f"user:{actor.pk}" if actor else "system"
    audit.append(actor=name, action=action, subject=subject, reason=reason)


@receiver(signals.staff_saw_accounts, dispatch_uid="activity.staff_saw_accounts")
def note_views(
    sender: Any, *, actor: User, users: list[UUID], page: str, is_list: bool, **kwargs: Any
) -> None:
    account_views.note(actor, users, page=page, is_list=is_list)


def _record_contact(
    user: User,
    kind: EventKind,
    client: Client,
    contact: Contact,
    *,
    is_quiet: bool = False,
    **details: Any,
) -> None:
    """Keep which contact by its key; its address is in the contact's own row and nowhere else.

    is_quiet: another fact of the same act is told instead.
    """
    details |= {"contact": contact.pk, "contact_kind": str(contact.kind)}
    event = record_event(user, kind, client=client, **details)
    if not is_quiet:
        notices.announce(event)


def _record_authenticator(
    user: User,
    client: Client,
    authenticator: str,
    kinds: tuple[EventKind, EventKind | None],
    *,
    is_quiet: bool,
) -> None:
    """Keep what was added or removed and what that turned on or off; the last of them is told.

    Its name is left out: somebody typed it. is_quiet: another fact of the same act is told instead.
    """
    for kind in filter(None, kinds):
        event = record_event(user, kind, client=client, authenticator=str(authenticator))
    if not is_quiet:
        notices.announce(event)


def _record_and_announce(user: User, kind: EventKind, client: Client, **details: Any) -> None:
    notices.announce(record_event(user, kind, client=client, **details))
