"""The case file: everything that decides a ticket, on one page and in at most 15 statements."""

from recovery.cases.assembly import case_file
from recovery.cases.parts import CaseFile

__all__ = ["CaseFile", "case_file"]
