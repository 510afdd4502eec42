"""What the pages say of states and refusals; plain words, the same for every account."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts import errors
from recovery.enums import TicketState


@dataclass(frozen=True)
class Face:
    """What the claimant sees of a ticket: a name for the template, a title and a sentence."""

    name: str
    title: str | Promise
    lead: str | Promise


REFUSALS = {
    errors.WrongCode.code: _("That code is not right, or its time is over."),
    errors.ChallengeExhausted.code: _("There are no tries left for this code."),
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


def refusal(error: errors.AccountsError) -> str:
    """Give the sentence for a refusal; one without a sentence is a programming error."""
    return str(REFUSALS[error.code])


def state_in_words(shown: str) -> str:
    """Give a few words for a state as the claimant may see it."""
    return str(IN_A_LINE[TicketState(shown)])


def face(shown: str) -> Face:
    """Give what the status page says of a state as the claimant may see it."""
    return FACES[TicketState(shown)]
