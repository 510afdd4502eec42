"""Facts of accounts. All are sent inside the transaction that makes them true, with ``send``,
so that an event that cannot be recorded undoes its cause.

Common arguments: user (User or None for an unknown account), client (Client).
"""

from django.dispatch import Signal

# A sign-in is complete. user, client, authenticators (list of kinds), assessment
# (hooks.Assessment), second_step (the authenticator in use that was shown last, or None).
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
contact_suspended = Signal()
# The same, and is_quiet (bool): recorded, but another message of the same act tells the owner.
contact_removed = Signal()
# A removed contact is on file again. user, client, contact.
contact_restored = Signal()
# The owner marked a contact (contact.mark; "" took the mark away). user, client, contact.
contact_marked = Signal()
# The account is named by another address now. user, client, contact.
primary_changed = Signal()
# All addresses that were there for long are removed; the account is restricted. user, client.
contacts_replaced = Signal()
# user, client, kind (AuthenticatorKind), is_first (bool): two-step verification is on since this
# one. Not its name, which its owner typed: no listener may write that to anybody.
authenticator_added = Signal()
# user, client, kind, is_last (bool): two-step verification is off since this one, is_quiet.
authenticator_removed = Signal()
# One whose adding is in doubt opens nothing for now / is in use again. user, client, kind.
authenticator_suspended = Signal()
authenticator_restored = Signal()
# A contact that a report had put back counts again. user, client, contact.
contact_confirmed = Signal()
# The password opens nothing until a new one is set. user, client.
password_spent = Signal()
# A printed code was used, to sign in, to confirm or to recover. user, client, left (int).
recovery_code_used = Signal()
# A confirmation in a session was refused. user, client, reason (error code).
step_up_failed = Signal()
# A browser is not asked for the second step for a while / is asked again. user, client.
browser_trusted = Signal()
browser_distrusted = Signal()
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
# Staff saw a page about accounts in the admin. actor (User), users (list of their ids), page (name
# of the table), is_list (bool): rows of a list, else the page of one account's.
staff_saw_accounts = Signal()
