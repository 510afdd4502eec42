"""Facts of the outbox."""

from django.dispatch import Signal

# Sent inside the transaction that settles a message as handed over to the server.
# Arguments: message (Message), at (aware datetime).
message_accepted = Signal()
