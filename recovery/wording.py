"""What the pages say of states and refusals; plain words, the same for every account."""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from accounts import errors
from recovery.enums import TicketState

REFUSALS: dict[str, Callable[[], str]] = {
    errors.WrongCode.code: lambda: _("That code is not right, or its time is over."),
    errors.ChallengeExhausted.code: lambda: _("There are no tries left for this code."),
    errors.HashingBusy.code: lambda: _("Many people are here just now. Try again in a moment."),
}


@dataclass(frozen=True)
class Face:
    """What the claimant sees of a ticket: a name for the template, a title and a sentence."""

    name: str
    title: str
    lead: str


def refusal(error: Exception) -> str:
    """Give the sentence for a refused code; unknown errors are programming errors."""
    return REFUSALS[getattr(error, "code", "")]()


def state_in_words(shown: str) -> str:
    """Give a few words for a state as the claimant may see it."""
    return {
        TicketState.AWAITING_CODE: _("waits for the code from our mail"),
        TicketState.AWAITING_PROOF: _("waits for a sign that the account is yours"),
        TicketState.EVALUATING: _("is being looked at"),
        TicketState.ON_HOLD: _("accepted, in its waiting period"),
        TicketState.APPROVED: _("accepted: you can set a new password"),
        TicketState.COMPLETED: _("finished"),
        TicketState.CANCELLED: _("ended"),
        TicketState.DENIED: _("ended"),
        TicketState.EXPIRED: _("run out"),
    }[TicketState(shown)]


def longer_than_said() -> str:
    """Give the sentence for a request that is still being looked at after its answer time."""
    return _("It takes longer than we said. You can talk to us; give the reference of the request.")


def face(shown: str) -> Face:
    """Give what the status page says of a state as the claimant may see it."""
    return {
        TicketState.AWAITING_CODE: lambda: Face(
            "received", _("We wait for your code"), _("Type the code that we sent you to go on.")
        ),
        TicketState.AWAITING_PROOF: lambda: Face(
            "more",
            _("We need a sign that the account is yours"),
            _("Show something that is on the account. Until then nothing changes on it."),
        ),
        TicketState.EVALUATING: lambda: Face(
            "looked_at",
            _("We are looking at your request"),
            _("You will hear from us by mail, with what you can do next."),
        ),
        TicketState.ON_HOLD: lambda: Face(
            "waiting",
            _("Your request is accepted. Now there is a waiting period."),
            _(
                "Before anything changes we wait, so that the owner can object if this is not "
                "them. Nobody here can shorten it, and asking again makes it no faster."
            ),
        ),
        TicketState.APPROVED: lambda: Face(
            "ready", _("You can set a new password"), _("Nobody has objected. Go on when you like.")
        ),
        TicketState.COMPLETED: lambda: Face(
            "finished", _("This request is finished"), _("The new password is set.")
        ),
        TicketState.EXPIRED: lambda: Face(
            "run_out",
            _("The time for this request is over"),
            _("Nothing has changed on the account. You can start again."),
        ),
    }.get(
        TicketState(shown),
        lambda: Face(
            "ended",
            _("We could not go on with this request"),
            _("Nothing has changed on the account. You can try again, or ask a person."),
        ),
    )()
