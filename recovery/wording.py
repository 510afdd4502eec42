"""What the pages say of states and refusals; plain words, the same for every account."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts import errors
from accounts.wording import WRONG_CODE
from recovery import policy, questions
from recovery.enums import Resets, RiskLevel, StaffReason, TicketState, Verdict
from recovery.models import RecoveryTicket


@dataclass(frozen=True)
class Face:
    """What the claimant sees of a ticket: a name for the template, a title and a sentence."""

    name: str
    title: str | Promise
    lead: str | Promise


REFUSALS = {
    errors.WrongCode.code: WRONG_CODE,
    errors.ChallengeExhausted.code: _("There are no tries left for this code."),
    errors.WrongToken.code: _(
        "That code was not accepted. Each code works once; take the next one that the app shows, "
        "or another one of your sheet."
    ),
    errors.WrongPassword.code: _("That was not accepted. Check it, or choose another way."),
    errors.HashingBusy.code: _("Many people are here just now. Try again in a moment."),
}
# Only states that queries.shown_state gives.
FACES = {
    TicketState.AWAITING_CODE: Face(
        "received",
        _("We wait for your code"),
        _("Type the code that we sent you to go on."),
    ),
    TicketState.AWAITING_PROOF: Face(
        "more",
        _("We need a sign that the account is yours"),
        _("Show something that is on the account. Until then nothing changes on it."),
    ),
    TicketState.EVALUATING: Face(
        "looked_at",
        _("We are looking at your request"),
        _("You will hear from us by mail, with what you can do next."),
    ),
    TicketState.ON_HOLD: Face(
        "waiting",
        _("Your request is accepted. Now there is a waiting period."),
        _(
            "Before anything changes we wait, so that the owner can object if this is not "
            "them. Nobody here can shorten it, and asking again makes it no faster."
        ),
    ),
    TicketState.APPROVED: Face(
        "ready",
        _("You can set a new password"),
        _("Nobody has objected. Go on when you like."),
    ),
    TicketState.COMPLETED: Face(
        "finished",
        _("This request is finished"),
        _("The new password is set."),
    ),
    TicketState.CANCELLED: Face(
        "ended",
        _("We could not go on with this request"),
        _("Nothing has changed on the account. You can try again, or ask a person."),
    ),
    TicketState.EXPIRED: Face(
        "run_out",
        _("The time for this request is over"),
        _("Nothing has changed on the account. You can start again."),
    ),
}
# While what was answered in the questionnaire is looked at: the same for everybody.
ANSWERED = Face(
    "answered",
    _("Thank you. We have your answers."),
    _("We say the same to everybody at this point, so it tells nothing about the account."),
)
# Where a person asked for more.
MORE_ASKED = Face(
    "more_asked",
    _("We need one more thing from you"),
    _("A person looked at your request. With this they can go on:"),
)
# Where the password stays and only the second step goes.
SECOND_STEP_FACES = {
    TicketState.APPROVED: Face(
        "ready",
        _("You can turn off the second step"),
        _("Nobody has objected. Go on when you like."),
    ),
    TicketState.COMPLETED: Face(
        "finished",
        _("This request is finished"),
        _("The second step is off. Your password is as it was."),
    ),
}
LONGER_THAN_SAID = _(
    "It takes longer than we said. You can talk to us; give the reference of the request."
)
IN_A_LINE = {
    TicketState.AWAITING_CODE: _("waits for the code from our mail"),
    TicketState.AWAITING_PROOF: _("waits for a sign that the account is yours"),
    TicketState.EVALUATING: _("is being looked at"),
    TicketState.ON_HOLD: _("accepted, in its waiting period"),
    TicketState.APPROVED: _("accepted: you can set a new password"),
    TicketState.COMPLETED: _("finished"),
    TicketState.CANCELLED: _("ended"),
    TicketState.EXPIRED: _("run out"),
}


SECOND_STEP_IN_A_LINE = {
    TicketState.APPROVED: _("accepted: you can turn off the second step"),
}
NOT_ACCEPTED = _("We could not accept the request.")
# What the person reads of a decision of staff; several reasons may say the same sentence.
REASONS_TOLD: dict[StaffReason, str | Promise] = {
    StaffReason.HELD_AND_EVIDENCE: _("Your proof and your answers fit together."),
    StaffReason.RARE_FACTS: _("Your answers fit."),
    StaffReason.FAMILIAR_CONTEXT: _("You asked from a place that we know."),
    StaffReason.CHECKED_IN_PERSON: _("We have checked who you are."),
    StaffReason.OLDER_SIDE: _("You showed older proof than the other side."),
    StaffReason.TOO_LITTLE: _("There was too little to go by."),
    StaffReason.RARE_FACTS_DIFFER: NOT_ACCEPTED,
    StaffReason.STRONGER_CLAIM: NOT_ACCEPTED,
    StaffReason.OBJECTION: NOT_ACCEPTED,
    StaffReason.CAMPAIGN: NOT_ACCEPTED,
    StaffReason.CONTRADICTION: NOT_ACCEPTED,
    StaffReason.OTHER_ROUTE: _("This account can only be recovered in person: %(support)s."),
    StaffReason.DUPLICATE: _("You have a newer request: we go on with that one."),
    StaffReason.NEED_HISTORY: _(
        "Please tell us more of earlier sign-ins, or passwords that you used before for this "
        "account. Old ones count too."
    ),
    StaffReason.NEED_CONTACT: _(
        "Please give us an e-mail address or phone number that was on the account, also one that "
        "you no longer have."
    ),
    StaffReason.NEED_HELD: _(
        "Please look for a phone, an app, a printed code or a browser that you used with the "
        "account."
    ),
    StaffReason.NEED_CHECK: _(
        "Please come to our desk, or ask us to call you back, so that we can see who you are: "
        "%(support)s."
    ),
    StaffReason.NEED_WORDS: _("Please explain in your own words what happened."),
    StaffReason.OTHER: NOT_ACCEPTED,
}


def told(reasons: Iterable[str]) -> list[str]:
    """Give what the person reads of coded reasons, each sentence once, in the order of the list."""
    given = set(reasons)
    sentences = [str(words) for reason, words in REASONS_TOLD.items() if reason in given]
    support = {"support": settings.SUPPORT_CONTACT}
    return [sentence % support for sentence in dict.fromkeys(sentences)]


COMPLETENESS = {
    questions.FULL: _("full"),
    questions.LITTLE: _("little"),
    questions.NOTHING: _("nothing"),
}


def asked_for(ticket: RecoveryTicket) -> list[str]:
    """Give what staff asked for and what has not been answered yet."""
    return told(ticket.told_reasons) if ticket.verdict == Verdict.MORE else []


def completeness_told(completeness: dict[str, str]) -> list[tuple[str, str]]:
    """Give part of the questionnaire and how much of it was answered, in words and in order."""
    return [
        (str(part.label), str(COMPLETENESS[completeness[part]]))
        for part in questions.Part
        if part in completeness
    ]


def waits_after_evidence() -> tuple[int, int]:
    """Give the shortest and the longest wait after answers alone, in days, off the table."""
    holds = [
        policy.decide(policy.Facts(is_above_bar=True, has_two_step=has_two_step, risk=risk)).hold
        for has_two_step in (False, True)
        for risk in RiskLevel.values
    ]
    return min(holds).days, max(holds).days


def refusal(error: errors.AccountsError) -> str:
    """Give the sentence for a refusal; one without a sentence is a programming error."""
    return str(REFUSALS[error.code])


def state_in_words(shown: str, resets: str = Resets.PASSWORD) -> str:
    """Give a few words for a state as the claimant may see it."""
    own = SECOND_STEP_IN_A_LINE if resets == Resets.SECOND_STEP else {}
    return str((IN_A_LINE | own)[TicketState(shown)])


def face(shown: str, resets: str = Resets.PASSWORD) -> Face:
    """Give what the status page says of a state as the claimant may see it."""
    own = SECOND_STEP_FACES if resets == Resets.SECOND_STEP else {}
    return (FACES | own)[TicketState(shown)]


def outlook(ticket: RecoveryTicket, accepted: list[str], shown: str = "") -> str:
    """Say what is still missing, by what this browser has shown; "" where that says itself.

    shown: the state as the claimant may see it, "" for that of the ticket.
    """
    if shown == TicketState.EVALUATING:
        return gettext(
            "We have your answers and are looking at them. Show something that is on the account, "
            "and you may not have to wait. Each thing counts for %(minutes)d minutes."
        ) % {"minutes": policy.HELD_PROOF_LIVES // timedelta(minutes=1)}
    if ticket.state == TicketState.ON_HOLD:
        return gettext(
            "Show one thing more, of another kind, and the waiting period ends at once or gets "
            "shorter. Show what you showed first again too: each counts for %(minutes)d minutes."
        ) % {"minutes": policy.HELD_PROOF_LIVES // timedelta(minutes=1)}
    is_served = ticket.hold_until is not None and ticket.hold_until <= timezone.now()
    if is_served and not accepted:
        return gettext(
            "The waiting period is over. Show one of the things that you showed before once more, "
            "so that we know that it is still you. Then you can go on."
        )
    return gettext("One more is needed, of another kind.") if accepted else ""
