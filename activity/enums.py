"""The closed lists of activity. Kinds of events are written ``area:subject:action``."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Area(models.TextChoices):
    """What the page of activity can be filtered by; every kind of event has one."""

    SIGN_IN = "sign_in", _("Sign-ins")
    REFUSED = "refused", _("Refused tries")
    CHANGE = "change", _("Changes")
    RECOVERY = "recovery", _("Recovery")
    OTHER = "other", _("Everything else")


class EventKind(models.TextChoices):
    SIGNED_IN = "account:sign_in:succeeded", _("Signed in")
    SIGN_IN_FAILED = "account:sign_in:failed", _("Wrong password")
    SECOND_STEP_FAILED = "account:second_step:failed", _("Wrong second step")
    STEP_UP_FAILED = "account:step_up:failed", _("Confirmation refused")
    SIGNED_OUT = "account:session:signed_out", _("Signed out")
    SESSIONS_ENDED = "account:session:ended", _("Sessions ended")
    SIGNED_UP = "account:sign_up:completed", _("Account made")
    PASSWORD_CHANGED = "account:password:changed", _("Password changed")
    CONTACT_ADDED = "account:contact:added", _("Contact added")
    CONTACT_REMOVED = "account:contact:removed", _("Contact removed")
    CONTACT_SUSPENDED = "account:contact:suspended", _("Contact suspended")
    CONTACT_RESTORED = "account:contact:restored", _("Contact put back")
    CONTACT_MARKED = "account:contact:marked", _("Contact marked")
    PRIMARY_CHANGED = "account:contact:primary", _("Address to sign in with changed")
    CONTACTS_REPLACED = "account:contact:all_replaced", _("All contacts replaced")
    AUTHENTICATOR_ADDED = "account:authenticator:added", _("Second step added")
    AUTHENTICATOR_REMOVED = "account:authenticator:removed", _("Second step removed")
    TWO_STEP_ON = "account:two_step:on", _("Two-step verification turned on")
    TWO_STEP_OFF = "account:two_step:off", _("Two-step verification turned off")
    RECOVERY_CODES_MADE = "account:recovery_codes:made", _("Printed codes made")
    RECOVERY_CODE_USED = "account:recovery_code:used", _("Printed code used")
    BROWSER_TRUSTED = "account:browser:trusted", _("Browser trusted")
    BROWSER_DISTRUSTED = "account:browser:distrusted", _("Browser no longer trusted")
    ACCOUNT_FROZEN = "account:freeze:started", _("Account paused")
    ACCOUNT_UNFROZEN = "account:freeze:ended", _("Account in use again")
    CODE_SENT = "account:code:sent", _("Code sent")
    CODE_WRONG = "account:code:wrong", _("Wrong code typed")
    PASSWORD_SPENT = "account:password:spent", _("Password no longer accepted")
    CONTACT_CONFIRMED = "account:contact:confirmed", _("Contact confirmed again")
    AUTHENTICATOR_SUSPENDED = "account:authenticator:suspended", _("Second step suspended")
    AUTHENTICATOR_RESTORED = "account:authenticator:restored", _("Second step put back")
    REPORTED = "account:report:opened", _("Reported: not me")
    REPORT_TAKEN_BACK = "account:report:taken_back", _("Report taken back")
    VOUCHED = "account:report:vouched", _("Answered: this was me")
    TICKET_OPENED = "recovery:ticket:opened", _("Recovery asked for")
    TICKET_CODE_SENT = "recovery:code:sent", _("Recovery code sent")
    TICKET_CODE_WRONG = "recovery:code:wrong", _("Wrong recovery code")
    TICKET_CODE_EXPIRED = "recovery:code:expired", _("Recovery code ran out")
    TICKET_CODE_ACCEPTED = "recovery:code:accepted", _("Recovery code accepted")
    PROOF_ACCEPTED = "recovery:proof:accepted", _("Proof accepted")
    PROOF_REFUSED = "recovery:proof:refused", _("Proof refused")
    TICKET_APPROVED = "recovery:ticket:approved", _("Recovery approved")
    EVIDENCE_RECEIVED = "recovery:evidence:received", _("Questions answered")
    TICKET_IN_REVIEW = "recovery:ticket:in_review", _("Recovery with staff")
    TICKET_MORE_ASKED = "recovery:ticket:more_asked", _("More asked for")
    TICKET_DENIED = "recovery:ticket:denied", _("Recovery refused")
    TICKET_APPEALED = "recovery:ticket:appealed", _("A person was asked for")
    TICKET_HELD = "recovery:ticket:held", _("Waiting period started")
    TICKET_OBJECTED = "recovery:ticket:objected", _("Recovery stopped")
    TICKET_CONTESTED = "recovery:ticket:contested", _("Recovery contested")
    TICKET_COMPLETED = "recovery:ticket:completed", _("Account recovered")
    SECOND_STEP_RESET = "recovery:second_step:reset", _("Second step reset by recovery")
    TICKET_CANCELLED = "recovery:ticket:cancelled", _("Recovery withdrawn")
    TICKET_EXPIRED = "recovery:ticket:expired", _("Recovery ran out")
    RECOVERY_UNDONE = "recovery:ticket:undone", _("Recovery reported")

    @property
    def area(self) -> Area:
        """Give what it is listed under."""
        return _AREAS.get(self, Area.OTHER)


class Level(models.TextChoices):
    """How unusual a sign-in was: nothing follows, a notice, or one more step."""

    LOW = "low", _("low")
    MEDIUM = "medium", _("medium")
    HIGH = "high", _("high")


class RiskReason(models.TextChoices):
    """Why a sign-in was unusual; frozen into the event and told to its owner (wording.py)."""

    UNLIKELY = "unlikely", _("unlike the sign-ins before")
    NEW_COUNTRY = "new_country", _("a country never seen before")
    NEW_BROWSER = "new_browser", _("a browser never seen before")
    NEW_SYSTEM = "new_system", _("a system never seen before")
    IMPOSSIBLE_TRAVEL = "impossible_travel", _("too far from the last place in that time")
    AFTER_FAILURES = "after_failures", _("right after wrong passwords")
    MANY_ACCOUNTS = "many_accounts", _("a network that tries many accounts")
    LONG_SILENCE = "long_silence", _("the first sign-in in a long time")


class OwnerVerdict(models.TextChoices):
    """What the owner says of an event."""

    ME = "me", _("this was me")
    NOT_ME = "not_me", _("this wasn't me")


class IncidentOrigin(models.TextChoices):
    """Where a report came from, which decides what it does (design.md section 3)."""

    OLD_SESSION = "old_session", _("a session older than what it reports")
    YOUNG_SESSION = "young_session", _("a younger session")
    LINK = "link", _("a link in a mail")
    LINK_WITHOUT_SAY = "link_without_say", _("a link to a young or removed contact")


class IncidentState(models.TextChoices):
    OPEN = "open", _("open")
    TAKEN_BACK = "taken_back", _("taken back")
    CLOSED = "closed", _("closed")


class Done(models.TextChoices):
    """What a report did at once; Incident.done lists them in this order."""

    SIGNED_OUT = "signed_out", _("ended sessions")
    FORGOT_BROWSERS = "forgot_browsers", _("forgot browsers")
    SUSPENDED_CONTACT = "suspended_contact", _("suspended a contact")
    RESTORED_CONTACT = "restored_contact", _("put a contact back")
    SUSPENDED_AUTHENTICATOR = "suspended_authenticator", _("suspended a second step")
    SPENT_PASSWORD = "spent_password", _("stopped accepting the password")
    PAUSED = "paused", _("paused the account")
    CONTESTED_CLAIMS = "contested_claims", _("handed recoveries to people")
    TOLD_STAFF = "told_staff", _("told staff")


_K = EventKind
_AREAS = {
    kind: area
    for area, kinds in {
        Area.SIGN_IN: (_K.SIGNED_IN, _K.SIGNED_OUT, _K.SIGNED_UP, _K.SESSIONS_ENDED),
        Area.REFUSED: (
            _K.SIGN_IN_FAILED,
            _K.SECOND_STEP_FAILED,
            _K.STEP_UP_FAILED,
            _K.CODE_WRONG,
        ),
        Area.CHANGE: (
            _K.PASSWORD_CHANGED,
            _K.PASSWORD_SPENT,
            _K.CONTACT_ADDED,
            _K.CONTACT_REMOVED,
            _K.CONTACT_SUSPENDED,
            _K.CONTACT_RESTORED,
            _K.CONTACT_CONFIRMED,
            _K.CONTACT_MARKED,
            _K.PRIMARY_CHANGED,
            _K.CONTACTS_REPLACED,
            _K.AUTHENTICATOR_ADDED,
            _K.AUTHENTICATOR_REMOVED,
            _K.AUTHENTICATOR_SUSPENDED,
            _K.AUTHENTICATOR_RESTORED,
            _K.TWO_STEP_ON,
            _K.TWO_STEP_OFF,
            _K.RECOVERY_CODES_MADE,
            _K.RECOVERY_CODE_USED,
            _K.BROWSER_TRUSTED,
            _K.BROWSER_DISTRUSTED,
            _K.ACCOUNT_FROZEN,
            _K.ACCOUNT_UNFROZEN,
            _K.REPORTED,
            _K.REPORT_TAKEN_BACK,
        ),
        Area.RECOVERY: tuple(kind for kind in _K if kind.startswith("recovery:")),
    }.items()
    for kind in kinds
} | {_K.TICKET_CODE_WRONG: Area.REFUSED, _K.PROOF_REFUSED: Area.REFUSED}
