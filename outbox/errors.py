"""Why a message was not delivered; ``code`` is what the row keeps as its reason."""


class OutboxError(Exception):
    """Base of the errors of this app."""

    code = "outbox_error"


class AddressNotAllowed(OutboxError):
    """Not exactly one plain address: a caller must have checked what it passes on."""

    code = "address_not_allowed"


class RetryNotPossible(OutboxError):
    """The message was not given up, or what it carried is gone with its secrets."""

    code = "retry_not_possible"


class NotDelivered(OutboxError):
    """Base: this try failed; ``reply`` is the other side's answer without addresses."""

    code = "not_delivered"

    def __init__(self, reply: str = "") -> None:
        super().__init__(self.code)
        self.reply = reply


class TryLater(NotDelivered):
    """Base: a later try may succeed."""

    code = "try_later"


class ServerUnreachable(TryLater):
    """No connection, no encryption, or no answer in time."""

    code = "server_unreachable"


class ServerDropped(TryLater):
    """The server broke off in the middle."""

    code = "server_dropped"


class AskedToWait(TryLater):
    """The server answered 4xx: busy, greylisting, mailbox over its limit."""

    code = "asked_to_wait"


class SenderRefused(TryLater):
    """The server refuses us, not the person: credentials, relaying, sender address.

    Only the operator can mend this, and codes must not be lost until then.
    """

    code = "sender_refused"


class NotRendered(TryLater):
    """Our own fault while writing or sending; a release may mend it."""

    code = "not_rendered"


class SecretsUnreadable(TryLater):
    """The key of what the message carries is missing; the operator may give it back."""

    code = "secrets_unreadable"


class GiveUp(NotDelivered):
    """Base: no later try can succeed."""

    code = "gave_up"


class MailboxUnknown(GiveUp):
    code = "mailbox_unknown"


class MailboxFull(GiveUp):
    code = "mailbox_full"


class DomainUnknown(GiveUp):
    """The mail server knows no way to the domain."""

    code = "domain_unknown"


class RecipientRefused(GiveUp):
    """The server takes nothing for this person, and does not say why in a way we know."""

    code = "recipient_refused"


class MessageRefused(GiveUp):
    """The server does not take this text: too large, or it looks like junk."""

    code = "message_refused"


class SmsOff(GiveUp):
    """The operator has set no way to send text messages."""

    code = "sms_off"


class CountryNotServed(GiveUp):
    """The operator sends no text messages to the country of this number."""

    code = "country_not_served"


class GatewayRefused(GiveUp):
    """The SMS gateway does not take this number or text."""

    code = "gateway_refused"
