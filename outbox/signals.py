"""Facts of the outbox."""

from django.dispatch import Signal

# Sent inside the transaction that settles a message as handed over to the server.
# Arguments: message (Message), at (aware datetime).
message_accepted = Signal()
# Staff did something that must be in the audit chain. actor (User), action (str),
# subject (str: "message:<id>"), reason (str). Inside the transaction of the act.
staff_acted = Signal()
