"""The closed lists of recovery."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class TicketState(models.TextChoices):
    AWAITING_CODE = "awaiting_code", _("code")
    AWAITING_PROOF = "awaiting_proof", _("proof")
    EVALUATING = "evaluating", _("being checked")
    IN_REVIEW = "in_review", _("with staff")
    ON_HOLD = "on_hold", _("waiting period")
    APPROVED = "approved", _("approved")
    COMPLETED = "completed", _("completed")
    DENIED = "denied", _("refused")
    CANCELLED = "cancelled", _("cancelled")
    EXPIRED = "expired", _("run out")


LIVE_STATES = (
    TicketState.AWAITING_CODE,
    TicketState.AWAITING_PROOF,
    TicketState.EVALUATING,
    TicketState.IN_REVIEW,
    TicketState.ON_HOLD,
    TicketState.APPROVED,
)
ENDED_STATES = (
    TicketState.COMPLETED,
    TicketState.DENIED,
    TicketState.CANCELLED,
    TicketState.EXPIRED,
)


class Reason(models.TextChoices):
    """What the person says happened."""

    FORGOT = "forgot", _("forgot the password")
    TAKEOVER = "takeover", _("somebody else has the account")


class ProofClass(models.TextChoices):
    """At most one proof of a class counts."""

    MAIL = "mail", _("code to an e-mail address on the account")
    PHONE = "phone", _("code to a phone on the account")
    APP = "app", _("code from an authenticator app")
    PRINTED = "printed", _("printed recovery code")
    PASSWORD = "password", _("current password")
    PASSKEY = "passkey", _("passkey")
    PERSON = "person", _("identity checked by staff")


class Outcome(models.TextChoices):
    """What the decision table says."""

    APPROVE = "approve", _("approve")
    HOLD = "hold", _("approve after a waiting period")
    REVIEW = "review", _("people decide")
    MORE = "more", _("not enough yet")
    SUPERUSERS = "superusers", _("two superusers decide")
    DENY = "deny", _("refuse")


class Resets(models.TextChoices):
    """What completion changes."""

    PASSWORD = "password", _("the password")
    SECOND_STEP = "second_step", _("the second step")
    BOTH = "both", _("the password and the second step")


class CancelCause(models.TextChoices):
    WITHDRAWN = "withdrawn", _("withdrawn by the claimant")
    OBJECTION = "objection", _("stopped by an old contact")
    SESSION = "session", _("stopped from an old session")
    RIVAL = "rival", _("another request was completed")
    CODES = "codes", _("too many wrong codes")
    REPLACED = "replaced", _("started again in the same browser")


class NoticeKind(models.TextChoices):
    """What a due row tells, and whom: contacts of the account, or the claimant."""

    OPENED = "opened", _("asked for")
    APPROVED = "approved", _("approved without a waiting period")
    HELD = "held", _("waiting period started")
    HALFWAY = "halfway", _("half of the waiting period is over")
    LAST_DAY = "last_day", _("waiting period ends soon")
    RELEASED = "released", _("waiting period is over")
    COMPLETED = "completed", _("completed")
    ANSWERED = "answered", _("stopped: the claimant hears of it")


class LinkRight(models.TextChoices):
    """What the link in a notice may do."""

    STOP = "stop", _("stop the request")
    UNDO = "undo", _("pause the account after a recovery")


class LinkOutcome(models.TextChoices):
    STOPPED = "stopped", _("stopped")
    TOLD_STAFF = "told_staff", _("staff were told")
    LEFT_RUNNING = "left_running", _("left running")
    TAKEN_BACK = "taken_back", _("taken back")
    PAUSED = "paused", _("account paused")
