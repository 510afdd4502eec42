"""Refusals of recovery; ``code`` is logged and asserted, never shown."""


class RecoveryError(Exception):
    """Base of the refusals of this app."""

    code = "recovery_error"


class ForbiddenMove(RecoveryError):
    """The table of moves has no such move."""

    code = "forbidden_move"


class StaleTicket(RecoveryError):
    """The ticket has moved meanwhile: somebody else was first."""

    code = "stale_ticket"


class NotApproved(RecoveryError):
    """The ticket does not allow a new password in this browser, now."""

    code = "not_approved"


class ProofLapsed(RecoveryError):
    """Approved, but the proofs are too old, of another browser, or the account has changed."""

    code = "proof_lapsed"


class CodeLapsed(RecoveryError):
    """People approved it, and this browser has not lately typed the code of its claimant."""

    code = "code_lapsed"


class DeadLink(RecoveryError):
    """A link that is guessed, used up, late or of an ended ticket: one answer for all."""

    code = "dead_link"


class ClaimLost(RecoveryError):
    """The ticket is not, or not any more, with this member of staff."""

    code = "claim_lost"


class MayNotDecide(RecoveryError):
    """This person may not decide this ticket; ``bars`` are the codes of eligibility.Bar."""

    code = "may_not_decide"

    def __init__(self, bars: list[str]) -> None:
        super().__init__(", ".join(bars))
        self.bars = bars


class PutBackTooOften(RecoveryError):
    """Nobody picks their cases by putting back the others."""

    code = "put_back_too_often"


class VerdictRefused(RecoveryError):
    """A verdict that does not fit the ticket; ``field`` names what is wrong with the form."""

    code = "verdict_refused"

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field
        self.message = message


class NotReady(RecoveryError):
    """What a command was to carry out is not approved, or its time is over; the text says which."""

    code = "not_ready"


class AppealUsed(RecoveryError):
    """A person was asked already, for this request or not long ago."""

    code = "appeal_used"
