"""Refusals of activity."""


class ActivityError(Exception):
    """Base of the refusals of this app."""

    code = "activity_error"


class AuditIsAppendOnly(ActivityError):
    """An audit entry was about to be changed or deleted."""

    code = "audit_is_append_only"


class NothingToReport(ActivityError):
    """This event cannot be answered: it was answered already, or nobody asks about its kind."""

    code = "nothing_to_report"


class DeadReport(ActivityError):
    """A report link that is guessed, late, of another account, or whose contact lost its say."""

    code = "dead_report"


class TooLateToTakeBack(ActivityError):
    """The minutes in which a report can be taken back are over, or it was taken back."""

    code = "too_late_to_take_back"
