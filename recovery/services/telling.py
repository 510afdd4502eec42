"""Who is told of a ticket, and what: the messages that one due row becomes."""

import logging
from datetime import datetime

from django.conf import settings
from django.urls import reverse

from accounts import policy as accounts_policy
from accounts.enums import ContactKind
from accounts.models import Contact
from accounts.queries import account_name, mask
from activity import places, useragents
from outbox.enums import Channel
from outbox.errors import AddressNotAllowed
from outbox.models import Message
from outbox.services.queue import queue_message
from recovery import policy
from recovery.enums import LinkRight, NoticeKind, TicketState
from recovery.models import Notice, NoticeLink, RecoveryTicket
from recovery.services import answers, invitations
from vault import digests

logger = logging.getLogger(__name__)

CHANNELS = {ContactKind.EMAIL: Channel.EMAIL, ContactKind.PHONE: Channel.SMS}
# Not told to an address that has just proved itself.
NOT_TO_PROVED = (NoticeKind.OPENED, NoticeKind.APPROVED)


def tell_contacts(notice: Notice, now: datetime) -> None:
    """Queue a message with a link of its own for each contact that is to hear of the notice."""
    for contact in _recipients(notice, now):
        _tell_contact(notice, contact, now)


def tell_claimant(notice: Notice, now: datetime, *, has_begun: bool = False) -> None:
    """Tell the claimant's address, where the notice is for it; once.

    has_begun: of a wait, whose end is not known before.
    """
    ticket = notice.ticket
    message = answers.message_of(ticket, NoticeKind(notice.kind), now)
    if message is None or not ticket.contact:
        return
    if notice.kind == NoticeKind.HELD and not has_begun:
        return
    if notice.kind == NoticeKind.COMPLETED and _is_on_file(ticket):
        return  # hears of it as a contact
    kind, context = message
    dedupe_key = f"recovery:{notice.pk}:claimant"
    if Message.objects.filter(dedupe_key=dedupe_key).exists():
        return
    invites = kind == answers.INVITATION
    queue_message(
        kind,
        address=ticket.contact,
        context=context,
        secrets={"link": invitations.make_link(ticket, now)} if invites else None,
        dedupe_key=dedupe_key,
        language=ticket.language,
        time_zone=ticket.time_zone,
    )


def _recipients(notice: Notice, now: datetime) -> list[Contact]:
    """Give the contacts of the account that are told; the claimant's own address never is.

    Of an opened or approved ticket an address that just proved itself hears nothing. Of a hold it
    does, unless the claimant writes from it: a wait of which nobody else can hear goes to people.
    """
    ticket = notice.ticket
    if ticket.user is None or notice.kind == NoticeKind.ANSWERED:
        return []
    if ticket.is_frozen and notice.kind == NoticeKind.OPENED:
        return []  # they have said what they say; of what people decide they hear again
    contacts = Contact.objects.may_object(now).filter(user=ticket.user)
    if notice.kind != NoticeKind.COMPLETED:
        contacts = contacts.exclude(limit_key=ticket.contact_limit_key)
    if notice.kind in NOT_TO_PROVED:
        contacts = contacts.exclude(limit_key__in=ticket.proofs.values("limit_key"))
    return list(contacts.order_by("pk"))


def _tell_contact(notice: Notice, contact: Contact, now: datetime) -> None:
    ticket = notice.ticket
    kind, dedupe_key = _message_of(notice, contact, now)
    if Message.objects.filter(dedupe_key=dedupe_key).exists():
        return  # told already; a link that nobody gets would only lie about
    right = LinkRight.UNDO if notice.kind == NoticeKind.COMPLETED else LinkRight.STOP
    # Whoever came to the account a few days ago may not pause it.
    has_right = right == LinkRight.STOP or bool(contact.counts_from and contact.counts_from <= now)
    verified = contact.verified_at or now
    # One that came back by an undo link is as a young one until it counts again.
    counts = contact.counts_from is None or contact.counts_from <= now
    is_full = counts and verified <= now - accounts_policy.FULL_NOTICE_AFTER
    try:
        queue_message(
            kind,
            address=contact.value,
            channel=CHANNELS[ContactKind(contact.kind)],
            context={**_facts(ticket, is_full, now), "is_full": is_full},
            secrets={"link": _new_link(ticket, contact, right, now)} if has_right else None,
            dedupe_key=dedupe_key,
            language=ticket.user.language if ticket.user else ticket.language,
            time_zone=ticket.user.time_zone if ticket.user else ticket.time_zone,
        )
    except AddressNotAllowed:
        # One stored address that nobody can write to must not keep the others from hearing.
        logger.warning("notice_address_refused", extra={"contact": contact.pk})


def _message_of(notice: Notice, contact: Contact, now: datetime) -> tuple[str, str]:
    """Give message kind and dedupe key; after the day's third opened notice one summary.

    A ticket that its first code approved is never folded away.
    """
    key = f"recovery:{notice.pk}:{contact.pk}"
    if notice.kind != NoticeKind.OPENED or notice.ticket.state == TicketState.APPROVED:
        return f"recovery.notice:{notice.kind}", key
    told = Notice.objects.filter(
        ticket__user=notice.ticket.user,
        ticket__is_frozen=False,
        kind=NoticeKind.OPENED,
        settled_at__gt=now - policy.DAY,
    ).exclude(pk=notice.pk)
    if told.count() < policy.OPENED_NOTICES_A_DAY:
        return "recovery.notice:opened", key
    return "recovery.notice:summary", f"recovery:summary:{contact.pk}:{now:%Y-%m-%d}"


def _facts(ticket: RecoveryTicket, is_full: bool, now: datetime) -> dict[str, object]:
    """Give what a message may show; to a young contact no more than that something happened."""
    if not is_full:
        return {"reference": ticket.reference}
    user = ticket.user
    return {
        "reference": ticket.reference,
        "name": user.first_name if user else "",
        "account_shown": mask(account_name(user)) if user else "",
        "opened_at": ticket.opened_at.isoformat(),
        "device": useragents.read(ticket.agent).label,
        "place": places.find(ticket.address or "").words,
        "resets": ticket.resets,
        "by_people": ticket.people > 0,
        **answers.times(ticket, now),
    }


def _new_link(ticket: RecoveryTicket, contact: Contact, right: LinkRight, now: datetime) -> str:
    token = digests.new_token()
    NoticeLink.objects.create(
        token_hash=digests.token_hash(token),
        right=right,
        ticket=ticket,
        contact=contact,
        expires_at=now + policy.UNDO_LIVES if right == LinkRight.UNDO else None,
    )
    return f"{settings.SITE_URL}{reverse('recovery:stop', args=[token])}"


def _is_on_file(ticket: RecoveryTicket) -> bool:
    contacts = Contact.objects.on_file().filter(user=ticket.user)
    return contacts.filter(limit_key=ticket.contact_limit_key).exists()
