"""Staff look at activity; nothing here can be edited."""

from activity.admin.audit import AuditEntryAdmin
from activity.admin.event import SecurityEventAdmin
from activity.admin.incident import IncidentAdmin
from activity.admin.notice import NoticeAdmin

__all__ = ["AuditEntryAdmin", "IncidentAdmin", "NoticeAdmin", "SecurityEventAdmin"]
