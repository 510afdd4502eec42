"""What a person is told on the page after a printed code was used."""

from django.contrib import messages
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import RecoveryCodeSet
from accounts.services.authenticators import Row
from accounts.views import showing


def tell_use(request: HttpRequest, shown: Row | None) -> None:
    """Say that the code is used up and how many are left; nothing of any other second step.

    shown: as services.recovery_codes.accept gave it, which has counted what is left.
    """
    if not isinstance(shown, RecoveryCodeSet):
        return
    left = shown.left_after_use
    if showing.is_low(left):
        messages.warning(request, _few_left(left))
        return
    words = ngettext(
        "You used a printed code. Strike it out; %(left)d is left.",
        "You used a printed code. Strike it out; %(left)d are left.",
        left,
    )
    messages.info(request, words % {"left": left})


def _few_left(left: int) -> str:
    if not left:
        return _(
            "You used the last of your printed codes. Make new ones on the page about two-step "
            "verification: none is left."
        )
    words = ngettext(
        "You used a printed code. Strike it out; only %(left)d is left. Make new ones before it is "
        "gone.",
        "You used a printed code. Strike it out; only %(left)d are left. Make new ones before they "
        "are gone.",
        left,
    )
    return words % {"left": left}
