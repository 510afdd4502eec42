"""Refusals of accounts; ``code`` is logged, counted and asserted, never shown."""

from datetime import datetime
from typing import Any


class AccountsError(Exception):
    """Base of the refusals of this app."""

    code = "accounts_error"


class AddressRefused(AccountsError):
    """An e-mail address or phone number of a shape that we do not write to.

    It does not carry what was typed: a traceback would bring that into the log.
    """

    code = "address_refused"


class ChallengeError(AccountsError):
    """Base: a one-time code was not accepted."""

    code = "challenge_error"


class WrongCode(ChallengeError):
    """Not the code that counts, or its time is over."""

    code = "wrong_code"


class ChallengeExhausted(ChallengeError):
    """No tries are left; the right code is refused too."""

    code = "challenge_exhausted"


class ResendTooSoon(ChallengeError):
    """The last code is too young, or its mail is still on the way."""

    code = "resend_too_soon"

    def __init__(self, until: datetime) -> None:
        super().__init__(until)
        self.until = until


class LimitReached(AccountsError):
    """A budget is used up; ``until`` is when it opens again."""

    code = "limit_reached"

    def __init__(self, until: datetime) -> None:
        super().__init__(until)
        self.until = until


class PasswordRefused(AccountsError):
    """A new password breaks rules; ``codes`` name them in the order of the checklist."""

    code = "password_refused"

    def __init__(self, codes: list[str]) -> None:
        super().__init__(codes)
        self.codes = codes


class WrongPassword(AccountsError):
    """Identifier and password do not belong together; says nothing of which is wrong."""

    code = "wrong_password"


class WrongToken(AccountsError):
    """A second-step code was not accepted."""

    code = "wrong_token"


class StageLost(AccountsError):
    """The half-done sign-in is over: too old, or the account changed meanwhile."""

    code = "stage_lost"


class Forbidden(AccountsError):
    """The account's mode does not allow this action now (policy.MODES)."""

    code = "forbidden_by_mode"


class AccountPaused(AccountsError):
    """The password is right, but the account is frozen.

    ``since``, where known, says from when; ``cause`` is the stable word that it was frozen with.
    """

    code = "account_paused"

    def __init__(self, since: datetime | None, cause: str = "") -> None:
        super().__init__(since)
        self.since = since
        self.cause = cause


class PasswordSpent(AccountsError):
    """The password is right, and opens nothing since a report; a new one has to be set."""

    code = "password_spent"


class NotRolledBack(AccountsError):
    """Nothing that can be taken back: it stands for good, is taken back, or a later one stands."""

    code = "not_rolled_back"


class NoSuchAuthenticator(AccountsError):
    """Not an authenticator in use of this account: one answer for others' and for removed ones."""

    code = "no_such_authenticator"


class SecondWayMissing(AccountsError):
    """Nothing else would let the person in if this were lost: recovery codes come first."""

    code = "second_way_missing"


class OnlyBesideAnother(AccountsError):
    """E-mail is a second step only beside another one."""

    code = "only_beside_another"


class MalformedPasskey(AccountsError):
    """Not what a browser sends in a ceremony with a passkey."""

    code = "malformed_passkey"


class CeremonyLost(AccountsError):
    """The ceremony is over: too old, done already, or begun for something else."""

    code = "ceremony_lost"


class PasskeyRefused(AccountsError):
    """A passkey was not accepted, for whatever reason: one answer for all.

    user: whose it is, where the signature was right; None where it was not.
    """

    code = "passkey_refused"

    def __init__(self, user: Any = None) -> None:
        super().__init__()
        self.user = user


class PasskeyCloned(PasskeyRefused):
    """Its counter went back: two devices hold what only one should hold."""

    code = "passkey_cloned"


class TooMany(AccountsError):
    """The account has as many of these as it may have."""

    code = "too_many"


class LastContact(AccountsError):
    """The one address that is left, or the one that the account is named by."""

    code = "last_contact"


class NumberNotServed(AccountsError):
    """No text message would go to this number (outbox.channels.sms)."""

    code = "number_not_served"


class AddressTaken(AccountsError):
    """Another account signs in with this address."""

    code = "address_taken"


class NotOnFile(AccountsError):
    """Not a contact of this account: one answer for others' and for removed ones."""

    code = "not_on_file"


class OnFileAlready(AccountsError):
    """The address is on this account already."""

    code = "on_file_already"


class DeadLink(AccountsError):
    """A link that is guessed, used up or late: one answer for all."""

    code = "dead_link"


class SecondStepMissing(AccountsError):
    """Staff without an authenticator app; an operator has to set one up with them."""

    code = "second_step_missing"


class AccountChanged(AccountsError):
    """The account is not as it was when this began: another change was first."""

    code = "account_changed"


class HashingBusy(AccountsError):
    """As many passwords are being hashed as there are cores; try again in a moment."""

    code = "hashing_busy"


class ImportedHashRefused(AccountsError):
    """A password hash of another site that is not taken over; the argument says why."""

    code = "imported_hash_refused"


class RowRefused(AccountsError):
    """A row of an import that is not taken over; the argument says why, in words for staff."""

    code = "row_refused"


class StaffRefused(AccountsError):
    """A member of staff cannot be made like this; the argument says why, in words for staff."""

    code = "staff_refused"
