"""Act on "this wasn't me", and take that back (design.md section 3)."""

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import DateTimeField, Exists, ExpressionWrapper, OuterRef
from django.utils import timezone

from accounts.client import Client
from accounts.errors import AccountChanged, NotRolledBack
from accounts.models import User, UserSession
from accounts.services import restrictions, roll_back, sessions
from accounts.services.roll_back import RolledBack
from activity import policy, signals
from activity.enums import Done, EventKind, IncidentOrigin, IncidentState, OwnerVerdict
from activity.errors import DeadReport, NothingToReport, TooLateToTakeBack
from activity.models import Incident, ReportLink, SecurityEvent
from activity.services import disputes, notices, report_links, telling
from activity.services.events import record_event
from activity.services.report_facts import Fact, facts_of
from vault import digests

logger = logging.getLogger(__name__)
CAUSE = "reported"  # User.frozen_cause
TAKEN_BACK = "taken_back"
# What an owner is asked about in a session: refused tries came from whoever is kept out already,
# and recoveries have a stop page of their own.
ANSWERABLE = telling.ANNOUNCED | {EventKind.SIGNED_IN}
# Reports that are more than a word to staff.
WITH_SAY = (IncidentOrigin.OLD_SESSION, IncidentOrigin.LINK)


def origin_of(row: UserSession | None, user: User, event: SecurityEvent) -> IncidentOrigin:
    """Tell what a session's word on an event is worth; ``row``: the session, with its device.

    Its sign-in must be older than the event, by more than the moment in which a sign-in records
    itself, and its browser known for some days: a thief's session is younger than what the owner
    did, or his browser is new to the account, or bears a copied cookie elsewhere.
    """
    signed_in_at = row.signed_in_at if row else None
    if row is None or signed_in_at is None:
        return IncidentOrigin.YOUNG_SESSION
    is_older = signed_in_at < event.at - policy.RECORDED_WITHIN
    if is_older and not sessions.is_young(row, user, timezone.now()) and not is_doubtful(row):
        return IncidentOrigin.OLD_SESSION
    return IncidentOrigin.YOUNG_SESSION


def is_doubtful(row: UserSession) -> bool:
    """Tell whether the session's own sign-in was unusual and neither confirmed nor vouched for.

    The cookie by which its browser is an old one may be a copy. No query for a row of session_of.
    """
    if not hasattr(row, "is_doubtful"):
        rows = UserSession.objects.filter(pk=row.pk, user=row.user_id)
        return rows.filter(_doubtful_sign_in()).exists()
    found: bool = row.is_doubtful
    return found


def _doubtful_sign_in() -> Exists:
    """Give that as a column of a query of sessions."""
    began_at = OuterRef("signed_in_at")
    return Exists(
        SecurityEvent.objects.filter(
            user=OuterRef("user"),
            kind=EventKind.SIGNED_IN,
            device_hash=OuterRef("device__token_hash"),
            at__gte=began_at,
            at__lte=ExpressionWrapper(
                began_at + policy.RECORDED_WITHIN, output_field=DateTimeField()
            ),
            is_unusual=True,
            is_learned=False,
        )
    )


def can_be_answered(event: SecurityEvent) -> bool:
    """Tell whether a session can say "this was me" or "this wasn't me" to an event."""
    is_recent = event.at > timezone.now() - policy.EVENTS_SHOWN
    return event.kind in ANSWERABLE and is_recent


def session_of(user: User, client: Client) -> UserSession:
    """Give the asking session, under the account's lock; raises AccountChanged for an ended one."""
    rows = UserSession.objects.select_related("device").filter(pk=client.session, user=user)
    row = rows.annotate(is_doubtful=_doubtful_sign_in()).first()
    if row is None:
        raise AccountChanged
    return row


def report_in_session(user: User, event: SecurityEvent, *, client: Client) -> Incident:
    """Say in a session that an event was not its owner; raises NothingToReport, AccountChanged.

    In a session that is older than what it reports: ends the others, suspends younger changes,
    stops accepting the password. The view keeps the pressing session (sessions.keep), where the
    epoch of ``user`` has grown. In a younger one: pauses the account, this session included. What
    was reported before is given as it stands.
    """
    with transaction.atomic():
        try:
            sessions.lock_account(user)
        except AccountChanged:
            return _pressed_twice(user, event, client)
        event.refresh_from_db(fields=["verdict", "verdict_at", "is_learned"])
        row = session_of(user, client)
        origin = origin_of(row, user, event)
        standing = _standing(event, origin)
        if standing:
            return standing
        if not can_be_answered(event):
            raise NothingToReport
        incident = _begin(user, event, origin)
        incident.browser_hash = digests.token_hash(client.browser)
        if origin == IncidentOrigin.OLD_SESSION:
            _shut_out(incident, event, client)
        else:
            _pause(incident, client)
            incident.before = disputes.note(event)
        return _finish(incident, client)


def report_by_link(link: ReportLink, *, client: Client) -> Incident:
    """Pause the account, or only tell staff where the contact has no say; raises DeadReport.

    Pressed twice it has acted once.
    """
    with transaction.atomic():
        user = report_links.lock_account(link)
        link = report_links.read_again(link)
        incident = link.incident
        if link.contact is None or (incident and incident.state == IncidentState.OPEN):
            return _standing_of(link)
        has_say = report_links.has_say(link.contact, timezone.now())
        origin = IncidentOrigin.LINK if has_say else IncidentOrigin.LINK_WITHOUT_SAY
        incident = _begin(user, link.event, origin)
        incident.contact = link.contact
        if has_say:
            _pause(incident, client)
            incident.before = disputes.dispute(link.event, overrules=False)
        _finish(incident, client)
        ReportLink.objects.filter(pk=link.pk).update(incident=incident)
        return incident


def take_back(incident: Incident, *, client: Client, link: ReportLink | None = None) -> None:
    """Undo what a report did, while that is possible; raises TooLateToTakeBack, DeadReport.

    By the browser that pressed, or by the link that did, and only as long as the account is as the
    report left it: a new password and a recovery have the last word. ``incident.user`` is, in a
    session, the request's own. Claims that were handed to people stay with them.
    """
    user = incident.user
    with transaction.atomic():
        try:
            sessions.lock_account(user)
        except AccountChanged as error:
            raise TooLateToTakeBack from error
        incident.refresh_from_db(fields=["state", "undo_until", "epoch", "done", "before"])
        link = report_links.read_again(link) if link else None
        if not (_is_presser(incident, client, link) and can_be_taken_back(incident, user)):
            raise TooLateToTakeBack
        if incident.origin == IncidentOrigin.OLD_SESSION:
            _undo_roll_back(incident, user, client)
        else:
            _unpause(incident, user, client)
        if incident.event:
            incident.event.refresh_from_db(fields=["verdict", "verdict_at", "is_learned"])
            disputes.settle(incident.event, incident.before)
        now = timezone.now()
        incident.state, incident.closed_at = IncidentState.TAKEN_BACK, now
        incident.save(update_fields=["state", "closed_at"])
        signals.incident_taken_back.send(
            sender=Incident, user=user, client=client, incident=incident
        )
        _tell(incident, EventKind.REPORT_TAKEN_BACK, client)
    logger.info("report_taken_back", extra={"incident": str(incident.pk)})


def can_be_taken_back(incident: Incident, user: User) -> bool:
    """Tell whether what a report did can be undone now, whoever asks."""
    until = incident.undo_until
    is_open = incident.state == IncidentState.OPEN
    return bool(is_open and until and until > timezone.now() and user.epoch == incident.epoch)


def is_of(incident: Incident, client: Client) -> bool:
    """Tell whether this browser made the report, in a session that is still there."""
    is_kept = incident.origin == IncidentOrigin.OLD_SESSION
    return is_kept and incident.browser_hash == digests.token_hash(client.browser)


def holds_pause(user: User, since: datetime, *, but: Incident | None = None) -> bool:
    """Tell whether somebody with a say reported too, while the account was paused since then.

    Then who paused it cannot end that alone: a thief who reads one contact could else press first,
    so that the owner's press finds a pause already, and take his own back.
    """
    others = Incident.objects.filter(
        user=user, origin=IncidentOrigin.LINK, state=IncidentState.OPEN, opened_at__gte=since
    )
    if but:
        others = others.exclude(pk=but.pk)
    if but and but.contact_id:
        others = others.exclude(contact=but.contact_id)
    undone = SecurityEvent.objects.filter(user=user, kind=EventKind.RECOVERY_UNDONE, at__gte=since)
    return others.exists() or (but is not None and undone.exists())


def _begin(user: User, event: SecurityEvent, origin: IncidentOrigin) -> Incident:
    # A change stands in its row a moment before its event, and so does the browser of a sign-in.
    since = event.at - policy.RECORDED_WITHIN
    return Incident(user=user, event=event, origin=origin, since=since, done=[], before={})


def _shut_out(incident: Incident, event: SecurityEvent, client: Client) -> None:
    """End the other sessions and roll back what is younger than what is reported."""
    user = incident.user
    done = roll_back.since(user, incident.since, client=client, keep_session=client.session)
    incident.done += facts_of(user, done)
    incident.before = {"roll_back": done.key, **disputes.dispute(event, overrules=True)}
    incident.undo_until = _undo_until(incident)


def _pause(incident: Incident, client: Client) -> None:
    """Pause the account; where it is paused already, that is only noted."""
    user = incident.user
    ended = sessions.list_of(user).count()
    if not restrictions.freeze(user, CAUSE, client):
        return
    if ended:
        incident.done.append(Fact(what=Done.SIGNED_OUT, count=ended))
    incident.done.append(Fact(what=Done.PAUSED))
    incident.undo_until = _undo_until(incident)


def _undo_until(incident: Incident) -> datetime | None:
    """Give until when it can be taken back; None for who did that again and again today.

    Each turn tells every contact, so that pressing in turns would be a way to write to them.
    """
    lately = Incident.objects.filter(
        user=incident.user,
        state=IncidentState.TAKEN_BACK,
        closed_at__gt=incident.opened_at - timedelta(days=1),
    )
    if lately.count() >= policy.TAKEN_BACK_A_DAY:
        return None
    return incident.opened_at + policy.TAKE_BACK


def _finish(incident: Incident, client: Client) -> Incident:
    """Let recovery act where something was done, keep the report, and tell of it."""
    user = incident.user
    # An account that was paused before has had its claims stopped; a contact without a say has none
    # over them. What is claimed since then is the way out.
    if incident.done or incident.origin == IncidentOrigin.OLD_SESSION:
        signals.incident_reported.send(sender=Incident, user=user, client=client, incident=incident)
    incident.done.append(Fact(what=Done.TOLD_STAFF))
    incident.epoch = user.epoch
    incident.save(force_insert=True)
    if incident.origin != IncidentOrigin.LINK_WITHOUT_SAY:
        _tell(incident, EventKind.REPORTED, client)
    logger.info("incident_opened", extra={"incident": str(incident.pk), "origin": incident.origin})
    return incident


def _tell(incident: Incident, kind: EventKind, client: Client) -> None:
    """Record a report; told by itself only where no pause is told of."""
    event = record_event(
        incident.user,
        kind,
        client=client,
        incident=str(incident.pk),
        reported=incident.event.kind if incident.event else "",
    )
    if incident.origin == IncidentOrigin.OLD_SESSION:
        notices.announce(event)


def _undo_roll_back(incident: Incident, user: User, client: Client) -> None:
    try:
        done = RolledBack(key=incident.before.get("roll_back"))
        roll_back.take_back(user, done, client=client)
    except NotRolledBack as error:
        raise TooLateToTakeBack from error


def _unpause(incident: Incident, user: User, client: Client) -> None:
    """End the pause, and with it what else the same contact has said of it meanwhile."""
    if holds_pause(user, incident.opened_at, but=incident):
        raise TooLateToTakeBack
    restrictions.unfreeze(user, TAKEN_BACK, client)
    if incident.contact_id:
        same = Incident.objects.filter(
            user=user, contact=incident.contact_id, state=IncidentState.OPEN
        )
        noted = same.filter(opened_at__gt=incident.opened_at, undo_until=None)
        noted.update(state=IncidentState.TAKEN_BACK, closed_at=timezone.now())


def _is_presser(incident: Incident, client: Client, link: ReportLink | None) -> bool:
    return link.incident_id == incident.pk if link else is_of(incident, client)


def _standing(event: SecurityEvent, origin: IncidentOrigin) -> Incident | None:
    """Give what a session reported is given again instead of acting anew; None: it acts.

    What a younger one has paused is over for younger ones, also once the account was recovered: its
    owner, who is in a new session then, must not be made to recover again for the same event.
    """
    acted = event.incidents.exclude(state=IncidentState.TAKEN_BACK).order_by("-opened_at")
    if origin != IncidentOrigin.OLD_SESSION:
        young = acted.filter(origin=origin, state=IncidentState.OPEN).first()
        if young or event.verdict != OwnerVerdict.NOT_ME:
            return young
    if event.verdict != OwnerVerdict.NOT_ME:
        return None
    return acted.filter(origin__in=WITH_SAY).first()


def _standing_of(link: ReportLink) -> Incident:
    """Give what a link has reported; raises DeadReport for one that has nothing to report."""
    if link.incident is None:
        raise DeadReport
    return link.incident


def _pressed_twice(user: User, event: SecurityEvent, client: Client) -> Incident:
    """Give what this browser reported in the same moment; raises AccountChanged without that."""
    own = Incident.objects.filter(
        user=user,
        event=event,
        state=IncidentState.OPEN,
        browser_hash=digests.token_hash(client.browser),
    )
    found = own.order_by("-opened_at").first()
    if found is None:
        raise AccountChanged
    return found
