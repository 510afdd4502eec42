"""Sentences that several pages say alike."""

from django.utils.translation import gettext_lazy as _

WRONG_CODE = _("That code is not right, or its time is over.")
RESEND_TOO_SOON = _("A new code can be sent a minute after the last one.")
