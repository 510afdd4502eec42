"""What a page may say about a message that was queued."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.conf import settings
from django.utils import timezone
from django.utils.dateformat import format as format_date
from django.utils.translation import gettext as _

from outbox import errors
from outbox.enums import SETTLED_STATES, Channel, MessageState
from outbox.models import Message

# What the server says of one mailbox; all else is about the server, or about us.
ABOUT_THE_MAILBOX = {
    errors.AskedToWait.code,
    errors.MailboxUnknown.code,
    errors.MailboxFull.code,
    errors.RecipientRefused.code,
    errors.MessageRefused.code,
}


@dataclass(frozen=True)
class DeliveryState:
    """Where a message stands, as a sentence.

    is_settled: nothing more will happen. at: when it was settled, None before.
    """

    words: str
    style: Literal["wait", "good", "problem"]
    is_settled: bool
    at: datetime | None


def delivery_state(message_id: int | None) -> DeliveryState:
    """Say where a message stands, in the active language and time zone.

    For MANAGED_DOMAINS only that it was handed over: what our own mail server says of a mailbox
    would tell strangers who works here.
    """
    message = Message.objects.defer("secrets").filter(pk=message_id or 0).first()
    if message is None:
        return DeliveryState(
            _("We no longer keep track of this message."), "wait", is_settled=True, at=None
        )
    if _is_managed(message.domain) and _tells_of_mailbox(message):
        return DeliveryState(_("Handed over."), "good", is_settled=True, at=None)
    is_settled = message.state in SETTLED_STATES
    words, style = _say(message)
    return DeliveryState(words, style, is_settled, message.settled_at)


def _is_managed(domain: str) -> bool:
    return domain.lower() in {managed.lower() for managed in settings.MANAGED_DOMAINS}


def _tells_of_mailbox(message: Message) -> bool:
    return message.state == MessageState.ACCEPTED or message.reason in ABOUT_THE_MAILBOX


def _say(message: Message) -> tuple[str, Literal["wait", "good", "problem"]]:
    match message.state:
        case MessageState.ACCEPTED:
            at = _time(message.settled_at, "H:i:s")
            return _("Handed to %(server)s at %(time)s.") % _facts(message, at), "good"
        case MessageState.DEFERRED:
            return _say_put_off(message), "wait"
        case MessageState.ABANDONED:
            return _say_given_up(message), "problem"
        case MessageState.LATE:
            return _("It could not be handed over in time, so we dropped it."), "problem"
    return _("Waiting to be sent."), "wait"


def _say_put_off(message: Message) -> str:
    facts = _facts(message, _time(message.due_at, "H:i"))
    if message.reason == errors.AskedToWait.code:
        return _("%(Server)s asks us to wait, next try %(time)s.") % facts
    return _("Our own mail server is slow. We keep trying, next try %(time)s.") % facts


def _say_given_up(message: Message) -> str:
    sentences = {
        errors.MailboxUnknown.code: _("%(Server)s says this mailbox does not exist."),
        errors.MailboxFull.code: _("%(Server)s says this mailbox is full."),
        errors.DomainUnknown.code: _("There is no mail server for %(domain)s."),
        errors.SmsOff.code: _("This site does not send text messages."),
        errors.CountryNotServed.code: _("This site sends no text messages to that country."),
    }
    refused = _("%(Server)s did not take our message.")
    return sentences.get(message.reason, refused) % _facts(message)


def _facts(message: Message, time: str = "") -> dict[str, str]:
    if message.channel == Channel.SMS:
        server = _("the text message service")
    else:
        server = _("the mail server of %(domain)s") % {"domain": message.domain}
    return {
        "server": server,
        "Server": server[:1].upper() + server[1:],
        "domain": message.domain,
        "time": time,
    }


def _time(at: datetime | None, pattern: str) -> str:
    return format_date(timezone.localtime(at), pattern) if at else ""
