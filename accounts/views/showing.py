"""What the pages of two-step verification share: how steps are shown, and what a change brings."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template import defaultfilters
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import errors, policy, wording
from accounts.enums import Action, AuthenticatorKind, Mode
from accounts.middleware import OwnerRequest
from accounts.models import CodeDevice, Contact, RecoveryCode, RecoveryCodeSet, User
from accounts.services import (
    challenges,
    code_devices,
    restrictions,
    sessions,
    step_up,
)
from accounts.services.authenticators import Row
from accounts.views import deliveries, masking, moments

ICONS = {
    AuthenticatorKind.PASSKEY: "passkey",
    AuthenticatorKind.TOTP: "app",
    AuthenticatorKind.SMS: "phone",
    AuthenticatorKind.EMAIL: "email",
    AuthenticatorKind.RECOVERY_CODES: "printed",
}
# Where a person goes on after the printed codes, by the name in ``?for=``: never an address.
SET_UPS = {
    "passkey": "accounts:add_passkey",
    "app": "accounts:add_app",
    "phone": "accounts:add_phone",
    "email": "accounts:add_email",
}
NAMES = {
    AuthenticatorKind.PASSKEY: "passkey",
    AuthenticatorKind.TOTP: "app",
    AuthenticatorKind.SMS: "phone",
    AuthenticatorKind.EMAIL: "email",
}
REFUSALS = (
    errors.AccountChanged,
    errors.Forbidden,
    errors.NoSuchAuthenticator,
    errors.OnlyBesideAnother,
    errors.SecondWayMissing,
    errors.TooMany,
)


@dataclass(frozen=True)
class Shown:
    """A second step as the templates show it (templates/accounts/_second_step.html).

    note: where its codes go. counts_from: only while it lies ahead. left, total, style, is_kept: of
    printed codes alone.
    """

    url: str
    icon: str
    kind: str
    title: str
    made_at: datetime | None
    used_at: datetime | None
    counts_from: datetime | None
    note: str = ""
    left: int = 0
    total: int = 0
    style: str = ""
    is_kept: bool = True


def show(row: Row, request: OwnerRequest) -> Shown:
    """Put an authenticator into words; addresses as this session may see them."""
    kind = AuthenticatorKind(row.kind)
    note = masking.shown(request, row.contact.value) if isinstance(row, CodeDevice) else ""
    return Shown(
        url=url_of(row),
        icon=ICONS[kind],
        kind=str(kind.label),
        title=row.name or defaultfilters.capfirst(str(kind.label)),
        made_at=row.made_at,
        used_at=row.used_at,
        counts_from=counts_from(row, request.user),
        note=note,
    )


def show_printed(code_set: RecoveryCodeSet, left: int, user: User) -> Shown:
    """Put the printed codes into words; ``left`` of them are unused."""
    return Shown(
        url=reverse("accounts:recovery_codes"),
        icon=ICONS[AuthenticatorKind.RECOVERY_CODES],
        kind=str(AuthenticatorKind.RECOVERY_CODES.label),
        title=_("Printed codes"),
        made_at=code_set.made_at,
        used_at=code_set.used_at,
        counts_from=counts_from(code_set, user),
        left=left,
        total=policy.RECOVERY_CODES,
        style="time" if is_low(left) else "",
        is_kept=code_set.kept_at is not None,
    )


def count_left(codes: list[RecoveryCode]) -> int:
    """Give how many are unused."""
    return sum(code.used_at is None for code in codes)


def is_low(left: int) -> bool:
    """Tell whether it is time for new ones."""
    return left <= max(policy.RECOVERY_CODES_WARN_AT)


def url_of(row: Row) -> str:
    """Give the page of one authenticator."""
    return reverse("accounts:authenticator", args=[AuthenticatorKind(row.kind), row.pk])


def counts_from(row: Row, user: User) -> datetime | None:
    """Give from when it is a strong proof, while that lies ahead.

    None too for sent codes: in a recovery the contact itself counts, by its own age.
    """
    if isinstance(row, CodeDevice) or row.made_at is None:
        return None
    at = policy.authenticator_counts_from(row.made_at, user.created_at)
    return at if at > timezone.now() else None


def keep_signed_in(request: OwnerRequest, done: str) -> None:
    """Keep this session through the change that ended all others, and say what was done."""
    sessions.keep(request, client=request.client)
    told = _("All other browsers are signed out, and the addresses on the account are told.")
    messages.success(request, f"{done} {told}")


def sent_context(request: OwnerRequest, contact: Contact) -> dict[str, Any]:
    """Give where the code stands that this session asked for there; {} where none waits.

    is_over: its time is up, so that a page that is opened anew need not ask for it.
    """
    kind = policy.SECOND_STEP_CODE
    sent = challenges.state(kind, code_devices.try_subject(request.client))
    if sent is None or sent.used_at or sent.address != contact.value:
        return {}
    return deliveries.context_of(kind, sent) | {"is_over": sent.expires_at <= timezone.now()}


def why_not_sent(error: errors.AccountsError) -> str:
    """Say why no code went out."""
    if isinstance(error, errors.ResendTooSoon):
        return str(wording.RESEND_TOO_SOON)
    if isinstance(error, errors.LimitReached):
        until = moments.in_words(error.until)
        return _("No more codes can be sent there before %(until)s.") % {"until": until}
    return _("Too many codes did not fit, so we stopped. Sign out and in again to go on.")


def why_refused(error: errors.AccountsError) -> str:
    """Say why a code was not taken."""
    if isinstance(error, errors.ChallengeExhausted):
        return why_not_sent(error)
    return str(wording.WRONG_CODE)


def why_none_can_be_added(request: OwnerRequest) -> str:
    """Say why no second step and no set of codes can be added now; "" where they can."""
    is_strong = step_up.is_strong(request.session)
    try:
        restrictions.require(request.user, Action.ADD_AUTHENTICATOR, is_strong=is_strong)
    except errors.Forbidden:
        return why_forbidden(request.user)
    return ""


def why_forbidden(user: User) -> str:
    """Say why the account's second steps stay as they are for now."""
    if user.mode == Mode.RESTRICTED and user.restricted_until:
        when = moments.in_words(user.restricted_until)
        return _(
            "After what happened on this account, no second step can be added before %(when)s. What"
            " is there can be removed."
        ) % {"when": when}
    return _(
        "Someone has asked to get into this account. Until that is cleared, its second steps stay"
        " as they are."
    )


def answer_refusal(
    request: OwnerRequest, error: errors.AccountsError, purpose: str = ""
) -> HttpResponse:
    """Lead to where the person can go on, and say why (one of REFUSALS).

    purpose: what was to be added, as in SET_UPS.
    """
    if isinstance(error, errors.SecondWayMissing):
        messages.info(
            request, _("First the printed codes: your way back, should this ever be lost.")
        )
        return redirect(f"{reverse('accounts:recovery_codes')}?for={purpose}")
    messages.error(request, _words_of(error, request.user))
    return redirect("accounts:two_step")


def _words_of(error: errors.AccountsError, user: User) -> str:
    if isinstance(error, errors.Forbidden):
        return why_forbidden(user)
    if isinstance(error, errors.OnlyBesideAnother):
        return _("Codes by e-mail are taken only beside another second step. Add that one first.")
    if isinstance(error, errors.TooMany):
        return _("There are as many of these as an account can have. Remove one first.")
    return _("Something was changed meanwhile. This is how it is now.")
