"""The tables of recovery."""

from recovery.models.evidence import Evidence, EvidenceGrade
from recovery.models.notice import ClaimFreeze, Notice, NoticeLink, Objection
from recovery.models.proof import Proof
from recovery.models.review import CaseView, Deal, IdentityCheck, Invitation, ReviewDraft, Vote
from recovery.models.ticket import RecoveryTicket

__all__ = [
    "CaseView",
    "ClaimFreeze",
    "Deal",
    "Evidence",
    "EvidenceGrade",
    "IdentityCheck",
    "Invitation",
    "Notice",
    "NoticeLink",
    "Objection",
    "Proof",
    "RecoveryTicket",
    "ReviewDraft",
    "Vote",
]
