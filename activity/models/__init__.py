"""The tables of activity."""

from activity.models.account_view import AccountView
from activity.models.audit import AuditEntry, AuditHead
from activity.models.event import SecurityEvent
from activity.models.feature_count import CommonCount, FeatureCount
from activity.models.incident import Incident, ReportLink
from activity.models.notice import Notice

__all__ = [
    "AccountView",
    "AuditEntry",
    "AuditHead",
    "CommonCount",
    "FeatureCount",
    "Incident",
    "Notice",
    "ReportLink",
    "SecurityEvent",
]
