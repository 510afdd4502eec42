"""Sentences that several pages say alike."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

WRONG_CODE = _("That code is not right, or its time is over.")
# Why an account is paused, by User.frozen_cause: words of the apps above that pause.
PAUSED_BECAUSE = {
    "reported": _(
        "Someone who reads an address of this account, or was signed in to it, said that "
        "something on it was not them."
    ),
    "recovery_undone": _(
        "Someone who reads an address of this account said that it was not them who got back into "
        "it last."
    ),
}
PAUSED = _("Someone who owns it said that something on it was not them.")
RESEND_TOO_SOON = _("A new code can be sent a minute after the last one.")


def why_paused(cause: str) -> str | Promise:
    """Give the sentence for the cause of a pause; one for all that has none of its own."""
    return PAUSED_BECAUSE.get(cause, PAUSED)
