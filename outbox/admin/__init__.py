"""The outbox as staff see it."""

from outbox.admin.message import MessageAdmin

__all__ = ["MessageAdmin"]
