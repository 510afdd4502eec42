"""Every figure of accounts that decides how hard something is (design.md section 4)."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from accounts.enums import Action, Mode


@dataclass(frozen=True)
class ChallengeKind:
    """One purpose of one-time codes: its figures, and the message that carries the code."""

    name: str
    message_kind: str
    digits: int
    lifetime: timedelta  # from hand-over to the mail server
    longest: timedelta  # from the request, however late the mail server took it
    attempts: int  # per subject; a new code does not refill them
    resend_after: timedelta
    # Whether a mail that is held up puts off the next; not where only some mails carry a code.
    waits_for_mail: bool = True
    # Whether another code may follow one that was accepted, with the tries that are left: where one
    # ticket may ask for several.
    may_follow_a_used_one: bool = False


@dataclass(frozen=True)
class Rule:
    """One budget: ``limit`` uses per ``window``, counted per key."""

    name: str
    limit: int
    window: timedelta


def code_kind(name: str) -> ChallengeKind:
    """Give a purpose with the figures that all one-time codes share."""
    return ChallengeKind(
        name=name,
        message_kind=name,
        digits=8,  # OWASP MFA cheat sheet
        lifetime=timedelta(minutes=10),  # OWASP ASVS 5.0, 6.5.5
        longest=timedelta(minutes=30),
        attempts=5,
        resend_after=timedelta(seconds=60),
    )


SIGN_UP_CODE = replace(code_kind("accounts.sign_up_code"), waits_for_mail=False)
SIGN_IN_CODE = code_kind("accounts.sign_in_code")
SECOND_STEP_CODE = replace(code_kind("accounts.second_step_code"), may_follow_a_used_one=True)
CONTACT_CODE = code_kind("accounts.contact_code")

# Wrong codes for one address, over all its tickets and purposes.
WRONG_CODES_PER_CONTACT = Rule("wrong_codes.contact", 15, timedelta(days=1))

# Codes sent: three budgets that never feed each other, so that a stranger who uses up the first
# leaves the person the other two.
START_CODES_PER_CONTACT = Rule("codes.start", 10, timedelta(days=1))
START_CODES_PER_CONTACT_AND_NETWORK = Rule("codes.start.network", 5, timedelta(days=1))
KNOWN_CODES_PER_CONTACT = Rule("codes.known", 5, timedelta(days=1))
OWN_TICKET_CODES_PER_CONTACT = Rule("codes.own_ticket", 5, timedelta(days=1))
# Sign-up has budgets of its own, so that trying an address does not spend its owner's recovery.
SIGN_UP_CODES_PER_CONTACT = Rule("codes.sign_up", 10, timedelta(days=1))
SIGN_UP_CODES_PER_CONTACT_AND_NETWORK = Rule("codes.sign_up.network", 5, timedelta(days=1))
SMS_PER_NUMBER = Rule("codes.sms", 3, timedelta(days=1))
# Second-step codes are asked for with the right password or in a session, so no stranger can use
# these up; a person may sign in more often than recover.
SECOND_STEP_CODES_PER_CONTACT = Rule("codes.second_step", 20, timedelta(days=1))
SECOND_STEP_SMS_PER_NUMBER = Rule("codes.second_step.sms", 10, timedelta(days=1))
# Codes that prove an address that is to be added: per account, and per address over all accounts.
NEW_CONTACT_CODES = Rule("codes.contact", 10, timedelta(days=1))
NEW_CONTACT_CODES_PER_CONTACT = Rule("codes.contact.to", 5, timedelta(days=1))
NEW_CONTACT_SMS_PER_NUMBER = Rule("codes.contact.sms", 3, timedelta(days=1))

# Posts at the edge, per network; on the wide network around it WIDE_FACTOR times as many.
EDGE_LIMITS = {
    "start": (
        Rule("start.hour", 30, timedelta(hours=1)),
        Rule("start.day", 120, timedelta(days=1)),
    ),
    # Above what wrong passwords are allowed, so that it only ever meets a flood.
    "sign_in": (Rule("sign_in.minutes", 120, timedelta(minutes=5)),),
    "sign_up": (Rule("sign_up.hour", 30, timedelta(hours=1)),),
    "status": (Rule("status.hour", 60, timedelta(hours=1)),),
    "code": (Rule("code.minutes", 120, timedelta(minutes=5)),),
    # A page with autofill asks at every load.
    "passkey": (Rule("passkey.minutes", 240, timedelta(minutes=5)),),
}
WIDE_FACTOR = 10

# Wrong passwords.
PAIR_FAILURES = Rule("sign_in.pair", 10, timedelta(minutes=5))
NETWORK_FAILURES = Rule("sign_in.network", 60, timedelta(minutes=5))
KNOWN_FAILURES = Rule("sign_in.known", 10, timedelta(minutes=5))
# When this many in a row came from outside, unknown browsers also need a mailed code.
OUTSIDE_FAILURES = Rule("sign_in.outside", 100, timedelta(days=30))

# Wrong second-step codes, in each pool.
SECOND_STEP_RULES = (
    Rule("second_step.minutes", 5, timedelta(minutes=5)),
    Rule("second_step.hour", 20, timedelta(hours=1)),
    Rule("second_step.day", 50, timedelta(days=1)),
)

# The old password typed in a session, to set a new one: a borrowed session must not guess it.
PASSWORD_CONFIRMATIONS = Rule("password.confirm", 10, timedelta(minutes=5))

# Codes for unknown browsers while an account is under attack; asked for with the right password.
SIGN_IN_CODES_PER_NETWORK = Rule("codes.sign_in.network", 5, timedelta(days=1))
SIGN_IN_CODES = Rule("codes.sign_in", 20, timedelta(days=1))

HALF_DONE_SIGN_IN = timedelta(minutes=10)
CEREMONY_LIVES = timedelta(minutes=5)  # the question put to a passkey; browsers wait as long
SESSION_IDLE = timedelta(hours=1)
SESSION_LONGEST = timedelta(hours=24)
SESSION_KEPT = timedelta(days=14)
# Of an epoch that is over: long enough for the request that raised it to write the new one.
STALE_SESSION_LIVES = timedelta(minutes=1)
LAST_SEEN_EVERY = timedelta(minutes=1)
STEP_UP_LIVES = timedelta(minutes=5)
# A form that waits in the session while its person confirms.
HELD_FORM_LIVES = timedelta(minutes=10)
HELD_FORM_LONGEST = 8_000  # characters; a longer one is typed anew
STRONG_STEP_UP_AFTER = timedelta(days=30)  # a passkey this old counts as two strong proofs
TRUST_LIVES = timedelta(days=30)
STAFF_SECOND_STEP_LIVES = timedelta(hours=12)
DEVICE_COOKIE_LIVES = timedelta(days=400)  # the longest that browsers keep (RFC 6265bis, 5.5)

# A browser this new to the account sees addresses masked: a thief's browser is always new.
YOUNG_DEVICE = timedelta(days=7)
# A café where somebody signed in once is not a known network.
KNOWN_NETWORK_DAYS = 2

# Age beats presence.
CONTACT_COUNTS_AFTER = timedelta(days=7)
MADE_AT_SIGN_UP = timedelta(hours=24)  # what was made this early is old enough
REMOVED_CONTACT_KEEPS_RIGHTS = timedelta(days=30)
# Contact.counts_from of what a report put back, until its owner confirms it.
NEVER = datetime(9999, 1, 1, tzinfo=UTC)
# Accounts whose last sign-in is noted by one statement.
NOTED_AT_ONCE = 1000
# From then on a roll-back stands: what it suspended is emptied. A minute more than the page offers
# (activity.policy.TAKE_BACK), so that a press in the last second still finds it.
ROLL_BACK_STANDS_AFTER = timedelta(minutes=11)
FULL_NOTICE_AFTER = timedelta(days=30)
AUTHENTICATOR_COUNTS_AFTER = timedelta(days=7)
# A thief in a session must not strip the owner's contacts of their rights at once.
MARK_COUNTS_AFTER = timedelta(days=7)
# Contacts of which the oldest is younger than this have all been replaced lately.
CONTACTS_ALL_NEW = timedelta(days=30)
RESTRICTED_AFTER_REPLACEMENT = timedelta(days=30)
CONTACT_UNDO_LIVES = REMOVED_CONTACT_KEEPS_RIGHTS

TOTP_SET_UP_LIVES = timedelta(hours=1)  # a seed that was shown and not confirmed
RECOVERY_CODES = 10
RECOVERY_CODE_LENGTH = 16  # characters of 5 bits: 80 bits each
RECOVERY_CODE_GROUP = 4
RECOVERY_CODES_WARN_AT = (3, 0)
# After this time the owner is asked once whether an authenticator still works.
STILL_WORKS_AFTER = timedelta(days=28)
AUTHENTICATORS_MOST = 10  # of one kind on one account
CONTACTS_MOST = 10  # on one account
AUTHENTICATOR_NAME_LONGEST = 64

RETENTION = {
    # How long rows stay after their end; docs/settings.md has the same table.
    # Replaced passwords beside the youngest few: a thief who changes it again and again must not
    # flush those that the owner remembers.
    "former_passwords": timedelta(days=90),
    # Replaced values of the profile: people answer with what they gave at the time.
    "former_profiles": timedelta(days=365),
    "challenges": timedelta(days=7),  # what staff may still ask about
    "sign_ups": timedelta(hours=24),
    "networks": timedelta(days=90),
    # Removed authenticators, already emptied: how the account was decides over recoveries.
    "authenticators": timedelta(days=90),
}

PASSWORD_LONGEST = 128
PASSWORD_SHORTEST = {"mixed": 12, "length": 15}  # NIST SP 800-63B-4 3.1.1.2 for ``length``
PASSWORD_TYPED_LONGEST = 1024  # characters; imported ones may be longer than ours
PASSWORDS_REMEMBERED = 5
# Earlier passwords that somebody who recovers may type, and hashes that each is compared with.
FORMER_TYPED = 2
FORMER_COMPARED = 3
FORMER_COMPARISON_WAIT = timedelta(seconds=60)  # for the one that is running in this process
# Argon2id, OWASP password storage cheat sheet: m = 19 MiB, t = 2, p = 1.
ARGON2_MEMORY_KIB = 19_456
ARGON2_TIME = 2
ARGON2_LANES = 1
# How long a request waits for one of the hashing slots, of which there are as many as cores.
HASHING_WAIT = timedelta(seconds=3)
# Imported hashes: the dearest that Django itself makes, with room; beyond, one sign-in would keep a
# core or the memory to itself.
IMPORTED_WORK_LIMITS = {
    "pbkdf2_sha256": 2_000_000,  # iterations
    "pbkdf2_sha1": 2_000_000,  # iterations
    "scrypt": 2**14 * 8 * 10,  # n * r * p
    "bcrypt_sha256": 2**14,  # rounds
    "argon2": 102_400 * 4,  # KiB * passes
    "md5": 0,
}
IMPORTED_MEMORY_LIMITS = {
    "pbkdf2_sha256": 0,
    "pbkdf2_sha1": 0,
    "scrypt": 2**14 * 8,  # n * r, 16 MiB: more makes OpenSSL refuse
    "bcrypt_sha256": 0,
    "argon2": 102_400,  # KiB
    "md5": 0,
}

ALL_ACTIONS = frozenset(Action)
MODES: dict[Mode, frozenset[Action]] = {
    # What each mode allows; walked by a test.
    Mode.NORMAL: ALL_ACTIONS,
    Mode.RESTRICTED: frozenset(
        {
            Action.SIGN_IN,
            Action.CHANGE_PASSWORD,
            Action.ADD_CONTACT,
            Action.RESTORE_CONTACT,
            Action.REMOVE_AUTHENTICATOR,
        }
    ),
    Mode.CONTESTED: frozenset({Action.SIGN_IN, Action.CHANGE_PASSWORD}),
    Mode.FROZEN: frozenset(),
}


def authenticator_counts_from(made_at: datetime, account_made_at: datetime) -> datetime:
    """Give from when an authenticator is a strong proof: at once where it is as old as the account.

    Otherwise a thief's, made the same week, would count as the owner's.
    """
    if made_at - account_made_at < MADE_AT_SIGN_UP:
        return made_at
    return made_at + AUTHENTICATOR_COUNTS_AFTER
