"""What staff see of recovery: a lot, and nothing that they can edit here."""

from recovery.admin import ticket

__all__ = ["ticket"]
