"""Refusals of activity."""


class ActivityError(Exception):
    """Base of the refusals of this app."""

    code = "activity_error"


class AuditIsAppendOnly(ActivityError):
    """An audit entry was about to be changed or deleted."""

    code = "audit_is_append_only"
