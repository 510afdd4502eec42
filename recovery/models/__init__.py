"""The tables of recovery."""

from recovery.models.notice import ClaimFreeze, Notice, NoticeLink, Objection
from recovery.models.proof import Proof
from recovery.models.ticket import RecoveryTicket

__all__ = ["ClaimFreeze", "Notice", "NoticeLink", "Objection", "Proof", "RecoveryTicket"]
