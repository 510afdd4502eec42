"""The tables of activity."""

from activity.models.audit import AuditEntry, AuditHead
from activity.models.event import SecurityEvent
from activity.models.notice import Notice

__all__ = ["AuditEntry", "AuditHead", "Notice", "SecurityEvent"]
