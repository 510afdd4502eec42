"""The tables of activity."""

from activity.models.account_view import AccountView
from activity.models.audit import AuditEntry, AuditHead
from activity.models.event import SecurityEvent
from activity.models.notice import Notice

__all__ = ["AccountView", "AuditEntry", "AuditHead", "Notice", "SecurityEvent"]
