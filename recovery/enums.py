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
# Those in which something can be shown; while a ticket waits it makes the wait shorter.
PROOF_STATES = (TicketState.AWAITING_PROOF, TicketState.ON_HOLD)
# While a request is looked at: what is shown then leads on where it is enough by itself.
PEOPLE_DECIDE = (TicketState.EVALUATING, TicketState.IN_REVIEW)
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
    LOST_STEP = "lost_step", _("lost the second step")
    LOST_MAIL = "lost_mail", _("cannot open the mailbox any more")
    OTHER = "other", _("something else")


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


class Grade(models.TextChoices):
    """How an answer of the questionnaire fits what is on the account."""

    MATCH = "match", _("match")
    NEAR = "near", _("near")
    NONE = "none", _("no match")
    NOTHING = "nothing", _("nothing to compare")  # the account has no such fact
    LEFT_OUT = "left_out", _("left out")  # the person gave no answer


class RiskLevel(models.TextChoices):
    LOW = "low", _("low")
    MEDIUM = "medium", _("medium")
    HIGH = "high", _("high")


class Verdict(models.TextChoices):
    """What a member of staff decides on a ticket."""

    APPROVE = "approve", _("Approve")
    DENY = "deny", _("Deny")
    MORE = "more", _("Ask for more")
    PASS_ON = "pass_on", _("Pass to security")


class StaffReason(models.TextChoices):
    """Why, in words for staff; ``wording.REASONS_TOLD`` has what the person reads."""

    HELD_AND_EVIDENCE = "held_and_evidence", _("a held proof plus fitting answers")
    RARE_FACTS = "rare_facts", _("several rare facts fit")
    FAMILIAR_CONTEXT = "familiar_context", _("device, network and place known")
    CHECKED_IN_PERSON = "checked_in_person", _("identity checked (desk, call-back, video)")
    OLDER_SIDE = "older_side", _("older proofs against a younger claim")
    TOO_LITTLE = "too_little", _("too little to compare")
    RARE_FACTS_DIFFER = "rare_facts_differ", _("rare facts do not fit")
    STRONGER_CLAIM = "stronger_claim", _("another claim is stronger")
    OBJECTION = "objection", _("an old contact objected")
    CAMPAIGN = "campaign", _("one of many alike")
    CONTRADICTION = "contradiction", _("note and facts contradict")
    OTHER_ROUTE = "other_route", _("protected; another way is needed")
    DUPLICATE = "duplicate", _("same person, newer ticket")
    NEED_HISTORY = "need_history", _("earlier sign-ins or passwords")
    NEED_CONTACT = "need_contact", _("an old address")
    NEED_HELD = "need_held", _("look for device or codes")
    NEED_CHECK = "need_check", _("come to the desk or be called back")
    NEED_WORDS = "need_words", _("explain")
    OTHER = "other", _("other: the note says it")


R = StaffReason
REASONS_OF: dict[Verdict, tuple[StaffReason, ...]] = {
    Verdict.APPROVE: (
        R.HELD_AND_EVIDENCE,
        R.RARE_FACTS,
        R.FAMILIAR_CONTEXT,
        R.CHECKED_IN_PERSON,
        R.OLDER_SIDE,
        R.OTHER,
    ),
    Verdict.DENY: (
        R.TOO_LITTLE,
        R.RARE_FACTS_DIFFER,
        R.STRONGER_CLAIM,
        R.OBJECTION,
        R.CAMPAIGN,
        R.CONTRADICTION,
        R.OTHER_ROUTE,
        R.DUPLICATE,
        R.OTHER,
    ),
    Verdict.MORE: (R.NEED_HISTORY, R.NEED_CONTACT, R.NEED_HELD, R.NEED_CHECK, R.NEED_WORDS),
    Verdict.PASS_ON: (),
}


class CheckWay(models.TextChoices):
    """How staff saw who somebody is."""

    DESK = "desk", _("at the desk")
    CALL_BACK = "call_back", _("call-back to a number on the organisation's file")
    VIDEO = "video", _("by video")


class DealEnd(models.TextChoices):
    """How a ticket that was dealt to somebody left them."""

    DECIDED = "decided", _("decided")
    RETURNED = "returned", _("put back")
    RECUSED = "recused", _("recused")  # never dealt to them again
    LAPSED = "lapsed", _("time ran out")


class ContestedReason(models.TextChoices):
    """Why two people decide and due times stand still."""

    ACCOUNT_CHANGED = "account_changed", _("the second step was changed within the week")
    EPOCH_CHANGED = "epoch_changed", _("the account was changed since the decision")
    STOPPED_BEFORE = "stopped_before", _("an earlier request like this was stopped")
    NOBODY_REACHABLE = "nobody_reachable", _("nobody else could be told")
    RIVAL_COMPLETED = "rival_completed", _("another request was completed")
    OBJECTION = "objection", _("somebody objected")


class NoticeKind(models.TextChoices):
    """What a due row tells, and whom: contacts of the account, or the claimant."""

    OPENED = "opened", _("asked for")
    REVIEW = "review", _("staff look at it")
    APPROVED = "approved", _("approved without a waiting period")
    HELD = "held", _("waiting period started")
    HALFWAY = "halfway", _("half of the waiting period is over")
    LAST_DAY = "last_day", _("waiting period ends soon")
    RELEASED = "released", _("waiting period is over")
    COMPLETED = "completed", _("completed")
    ANSWERED = "answered", _("answered: the claimant hears of it")


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
