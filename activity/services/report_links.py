"""The links by which who reads a notice says that something was not them."""

from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.models import Contact, User
from activity import policy
from activity.errors import DeadReport
from activity.models import Incident, ReportLink, SecurityEvent
from vault import digests


def new_link(event: SecurityEvent, contact: Contact | None, now: datetime) -> str:
    """Make a link for one message; gives its token, of which the hash is kept.

    It lives as long as the event that it reports is shown.
    """
    return _make(now + policy.REPORT_LINK_LIVES, event=event, contact=contact, made_at=now)


def new_link_of_presser(incident: Incident, now: datetime) -> str:
    """Make the link by which a browser whose own session the report ended sees what was done.

    It reports nothing: all that it can do is to take this report back. Gives its token.
    """
    values = {"event": incident.event, "contact": None, "incident": incident, "made_at": now}
    return _make(now + policy.PAUSED_PAGE_LIVES, **values)


def find(token: str) -> ReportLink:
    """Give the live link of this token; raises DeadReport.

    Guessed, late, and of a contact that is told nothing any more are one answer.
    """
    return _get(token_hash=digests.token_hash(token))


def lock_account(link: ReportLink) -> User:
    """Lock the account of a link, in the caller's transaction; raises DeadReport."""
    if link.event.user_id is None:
        raise DeadReport
    return User.objects.select_for_update(no_key=True).get(pk=link.event.user_id)


def read_again(link: ReportLink) -> ReportLink:
    """Give the same link as it stands now, under the account's lock; raises DeadReport."""
    return _get(pk=link.pk)


def has_say(contact: Contact, now: datetime) -> bool:
    """Tell whether the reader of a contact pauses the account by a press, or only tells staff.

    It must be on file and count as a proof, which takes days where it was not there from the start
    of the account: a thief adds an address in a minute. One that was removed may be the thief's
    that its owner has thrown out, and one that a report put back is in doubt.
    """
    if contact.counts_from is None or contact.removed_at or contact.suspended_at:
        return False
    return contact.counts_from <= now


def _make(expires_at: datetime, **values: object) -> str:
    token = digests.new_token()
    ReportLink.objects.create(token_hash=digests.token_hash(token), expires_at=expires_at, **values)
    return token


def _get(**key: object) -> ReportLink:
    link = _live(timezone.now()).filter(**key).first()
    if link is None:
        raise DeadReport
    return link


def _live(now: datetime) -> QuerySet[ReportLink]:
    is_told = Q(contact__in=Contact.objects.may_object(now))
    is_of_presser = Q(contact__isnull=True, incident__isnull=False)
    return ReportLink.objects.select_related("event__user", "contact", "incident").filter(
        is_told | is_of_presser, expires_at__gt=now, event__user__is_active=True
    )
