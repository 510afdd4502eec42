"""Two-step verification at a glance, and how to turn it off."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts import errors, queries
from accounts.decorators import signed_in_required, step_up_required
from accounts.enums import Action, ContactKind
from accounts.middleware import OwnerRequest
from accounts.models import CodeDevice, Contact, RecoveryCode, User
from accounts.queries import SecondStep
from accounts.services import authenticators, code_devices, restrictions, step_up
from accounts.views import browsers, showing
from outbox.channels import sms


@dataclass(frozen=True)
class Choice:
    """One way to add a second step; url: "" where it cannot be added now, and text says why."""

    url: str
    title: str
    text: str
    icon: str


@never_cache
@require_safe
@signed_in_required
def overview(request: OwnerRequest) -> HttpResponse:
    """Show what is asked for after the password, and what could be added."""
    user = request.user
    steps = queries.second_steps(user)
    codes = queries.recovery_codes(user)
    sheet = [codes[0].code_set] if codes else []
    asked = authenticators.due_to_ask([*steps, *sheet], now=timezone.now())
    forbidden = showing.why_none_can_be_added(request)
    context = {
        "is_on": bool(steps),
        "steps": [showing.show(step, request) for step in steps],
        "printed": _printed(codes, user),
        "choices": _choices(request, steps, has_codes=bool(codes)),
        "forbidden": forbidden,
        "can_turn_off": not forbidden or _may_turn_off(request),
        "ask": showing.show(asked, request) if asked else None,
        "browsers": browsers.show_trusted(request) if steps else [],
    }
    return render(request, "accounts/two_step.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@signed_in_required
@step_up_required
def turn_off(request: OwnerRequest) -> HttpResponse:
    """Say what turning it off means; a POST does it."""
    user = request.user
    if request.method == "POST":
        try:
            count = authenticators.turn_off(
                user, client=request.client, is_strong=step_up.is_strong(request.session)
            )
        except errors.Forbidden as error:
            return showing.answer_refusal(request, error)
        if count:
            showing.keep_signed_in(request, _("Two-step verification is off."))
        return redirect("accounts:two_step")
    steps = queries.second_steps(user)
    if not steps:
        return redirect("accounts:two_step")
    context = {
        "steps": [showing.show(step, request).title for step in steps],
        "has_printed": queries.recovery_codes_of(user) is not None,
    }
    return render(request, "accounts/two_step_off.html", context)


def _printed(codes: list[RecoveryCode], user: User) -> showing.Shown | None:
    if not codes:
        return None
    return showing.show_printed(codes[0].code_set, showing.count_left(codes), user)


def _may_turn_off(request: OwnerRequest) -> bool:
    """Tell it of an account to which nothing can be added: some may still remove."""
    is_strong = step_up.is_strong(request.session)
    return Action.REMOVE_AUTHENTICATOR in restrictions.allowed(request.user, is_strong=is_strong)


def _choices(request: OwnerRequest, steps: list[SecondStep], *, has_codes: bool) -> list[Choice]:
    """Give what can be added, the strongest first."""
    taken = {step.contact_id for step in steps if isinstance(step, CodeDevice)}
    free = list(request.user.contacts.certain().exclude(pk__in=taken))
    kinds = {contact.kind for contact in free}
    choices = [
        Choice(
            reverse("accounts:add_passkey"),
            _("Passkey"),
            _("The safest way, and the quickest: your phone, computer or key shows who you are."),
            "passkey",
        ),
        Choice(
            reverse("accounts:add_app"),
            _("Authenticator app"),
            _("An app shows a new code every 30 seconds, also without a network."),
            "app",
        ),
        _sms_choice(free),
        _email_choice(is_beside=bool(steps), has_mailbox=ContactKind.EMAIL in kinds),
    ]
    if not has_codes:
        choices.append(
            Choice(
                reverse("accounts:recovery_codes"),
                _("Printed codes"),
                _("Ten codes on paper: your way back if a phone is lost."),
                "printed",
            )
        )
    return choices


def _sms_choice(free: Iterable[Contact]) -> Choice:
    """Give the choice of a phone. free: contacts that no codes are sent to yet."""
    phones = [contact for contact in free if contact.kind == ContactKind.PHONE]
    url, text = reverse("accounts:contacts"), _("Add a phone number first, then choose it here.")
    if not sms.is_on():
        url, text = "", _("We send no text messages here.")
    elif any(map(code_devices.can_send_to, phones)):
        url, text = reverse("accounts:add_phone"), _("We send a code to your phone.")
    return Choice(url, _("Code by text message"), text, "phone")


def _email_choice(*, is_beside: bool, has_mailbox: bool) -> Choice:
    url = ""
    if not is_beside:
        text = _(
            "Only beside another second step: whoever reads your mail could otherwise get in with"
            " it alone."
        )
    elif not has_mailbox:
        text = _("All addresses on the account are used for this already.")
    else:
        url = reverse("accounts:add_email")
        text = _("We send a code to your mailbox. A spare for when the rest is out of reach.")
    return Choice(url, _("Code by e-mail"), text, "email")
