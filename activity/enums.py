"""Kinds of events: ``area:subject:action``."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class EventKind(models.TextChoices):
    SIGNED_IN = "account:sign_in:succeeded", _("Signed in")
    SIGN_IN_FAILED = "account:sign_in:failed", _("Wrong password")
    SECOND_STEP_FAILED = "account:second_step:failed", _("Wrong second step")
    SIGNED_OUT = "account:session:signed_out", _("Signed out")
    SESSIONS_ENDED = "account:session:ended", _("Sessions ended")
    SIGNED_UP = "account:sign_up:completed", _("Account made")
    PASSWORD_CHANGED = "account:password:changed", _("Password changed")
    CONTACT_ADDED = "account:contact:added", _("Contact added")
    CONTACT_REMOVED = "account:contact:removed", _("Contact removed")
    CONTACT_SUSPENDED = "account:contact:suspended", _("Contact suspended")
    AUTHENTICATOR_ADDED = "account:authenticator:added", _("Second step added")
    AUTHENTICATOR_REMOVED = "account:authenticator:removed", _("Second step removed")
    ACCOUNT_FROZEN = "account:freeze:started", _("Account paused")
    ACCOUNT_UNFROZEN = "account:freeze:ended", _("Account in use again")
    CODE_SENT = "account:code:sent", _("Code sent")
    CODE_WRONG = "account:code:wrong", _("Wrong code typed")
    TICKET_OPENED = "recovery:ticket:opened", _("Recovery asked for")
    TICKET_CODE_SENT = "recovery:code:sent", _("Recovery code sent")
    TICKET_CODE_WRONG = "recovery:code:wrong", _("Wrong recovery code")
    TICKET_CODE_EXPIRED = "recovery:code:expired", _("Recovery code ran out")
    TICKET_CODE_ACCEPTED = "recovery:code:accepted", _("Recovery code accepted")
    PROOF_ACCEPTED = "recovery:proof:accepted", _("Proof accepted")
    TICKET_APPROVED = "recovery:ticket:approved", _("Recovery approved")
    TICKET_HELD = "recovery:ticket:held", _("Waiting period started")
    TICKET_OBJECTED = "recovery:ticket:objected", _("Recovery stopped")
    TICKET_CONTESTED = "recovery:ticket:contested", _("Recovery contested")
    TICKET_COMPLETED = "recovery:ticket:completed", _("Account recovered")
    TICKET_CANCELLED = "recovery:ticket:cancelled", _("Recovery withdrawn")
    TICKET_EXPIRED = "recovery:ticket:expired", _("Recovery ran out")
    RECOVERY_UNDONE = "recovery:ticket:undone", _("Recovery reported")
