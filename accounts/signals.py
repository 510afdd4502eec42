"""Facts of accounts. All are sent inside the transaction that makes them true, with ``send``,
so that an event that cannot be recorded undoes its cause.

Common arguments: user (User or None for an unknown account), client (Client).
"""

from django.dispatch import Signal

# A sign-in is complete. user, client, authenticators (list of kinds), assessment
# (hooks.Assessment).
signed_in = Signal()
# A password or second step was wrong. user (None: unknown identifier), client, reason (error code),
# pool (FailurePool or "").
sign_in_failed = Signal()
# user, client.
signed_out = Signal()
# A new account is complete. user, client.
signed_up = Signal()
# user, client, cause (PasswordCause).
password_changed = Signal()
# user, client, contact (Contact).
contact_added = Signal()
contact_removed = Signal()
contact_suspended = Signal()
# user, client, kind (str, "totp" ...).
authenticator_added = Signal()
authenticator_removed = Signal()
# Sessions were ended by another than their own browser. user, client, count (int).
sessions_ended = Signal()
# A one-time code was queued / refused. user, client, purpose (ChallengeKind.name), reason.
code_sent = Signal()
code_refused = Signal()
# user, client, cause (str).
account_frozen = Signal()
account_unfrozen = Signal()
# Staff did something that must be in the audit chain. actor (User or None), action (str),
# subject (str: "user:<id>"), reason (str).
staff_acted = Signal()
