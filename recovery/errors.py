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


class DeadLink(RecoveryError):
    """A link that is guessed, used up, late or of an ended ticket: one answer for all."""

    code = "dead_link"
