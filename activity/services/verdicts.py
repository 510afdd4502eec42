"""Keep that something was its owner."""

from django.db import transaction
from django.utils import timezone

from accounts.client import Client
from accounts.models import User, UserSession
from accounts.services import sessions
from activity import policy
from activity.enums import EventKind, IncidentOrigin, OwnerVerdict
from activity.errors import DeadReport, NothingToReport
from activity.models import ReportLink, SecurityEvent
from activity.services import disputes, incidents, learning, report_links
from activity.services.events import record_event

HEARD = "heard"  # in the details of an event: a word that is kept and not believed


def vouch_in_session(user: User, event: SecurityEvent, *, client: Client) -> bool:
    """Keep that an event was its owner; tells whether it is believed from now on.

    A session that is not older than the event, or young, is heard and teaches nothing, or a thief
    would answer for himself; but for one in a browser that was known for long before the event, and
    for a sign-in that was confirmed, which was believed at once. Raises NothingToReport,
    AccountChanged.
    """
    with transaction.atomic():
        sessions.lock_account(user)
        event.refresh_from_db()
        row = incidents.session_of(user, client)
        if not incidents.can_be_answered(event):
            raise NothingToReport
        is_old = incidents.origin_of(row, user, event) == IncidentOrigin.OLD_SESSION
        is_old = is_old or _is_in_old_browser(row, event)
        is_disputed = event.verdict == OwnerVerdict.NOT_ME
        # What is unusual is learned at once where the sign-in itself was confirmed.
        was_confirmed = event.is_unusual and event.is_learned
        return _keep(user, event, client, is_believed=is_old or (was_confirmed and not is_disputed))


def vouch_by_link(link: ReportLink, *, client: Client) -> bool:
    """Keep the same for who reads a contact of the account; raises DeadReport.

    A contact that could pause the account is believed, but not against what was reported.
    """
    with transaction.atomic():
        user = report_links.lock_account(link)
        link = report_links.read_again(link)
        if link.contact is None:
            raise DeadReport
        has_say = report_links.has_say(link.contact, timezone.now())
        is_disputed = link.event.verdict == OwnerVerdict.NOT_ME
        return _keep(user, link.event, client, is_believed=has_say and not is_disputed)


def _is_in_old_browser(row: UserSession, event: SecurityEvent) -> bool:
    device = row.device
    if device is None or device.forgotten_at:
        return False
    is_old = device.first_seen_at <= event.at - policy.BROWSER_VOUCHES_AFTER
    return is_old and not incidents.is_doubtful(row)


def _keep(user: User, event: SecurityEvent, client: Client, *, is_believed: bool) -> bool:
    """Write the answer, or only that it was given; once, however often it is."""
    if event.verdict == OwnerVerdict.ME:
        return True
    if is_believed:
        disputes.answer(event, OwnerVerdict.ME)
        if event.kind == EventKind.SIGNED_IN:
            learning.vouch(event)
    elif event.details.get(HEARD):
        return False
    else:
        event.details[HEARD] = str(OwnerVerdict.ME)
        event.save(update_fields=["details"])
    record_event(
        user,
        EventKind.VOUCHED,
        client=client,
        event=str(event.pk),
        is_believed=is_believed,
    )
    return is_believed
