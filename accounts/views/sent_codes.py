"""Make a phone or another mailbox of the account a second step."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts import errors
from accounts.decorators import edge_limit, signed_in_required, step_up_required
from accounts.enums import AuthenticatorKind
from accounts.forms.authenticators import ChooseContactForm, SentCodeForm
from accounts.middleware import OwnerRequest
from accounts.models import CodeDevice, Contact
from accounts.services import authenticators, code_devices, step_up
from accounts.services.authenticators import CONTACT_KINDS
from accounts.views import masking, showing


@sensitive_post_parameters("token")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@edge_limit("code")
@signed_in_required
@step_up_required
def add_phone(request: OwnerRequest) -> HttpResponse:
    """Choose a number, take the code that goes there."""
    return _add(request, AuthenticatorKind.SMS)


@sensitive_post_parameters("token")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@edge_limit("code")
@signed_in_required
@step_up_required
def add_email(request: OwnerRequest) -> HttpResponse:
    """Choose an address, take the code that goes there."""
    return _add(request, AuthenticatorKind.EMAIL)


def _add(request: OwnerRequest, kind: AuthenticatorKind) -> HttpResponse:
    """Choose (GET), send (POST ``contact``), take the code (POST ``contact`` and ``token``)."""
    is_strong = step_up.is_strong(request.session)
    data = request.POST if request.method == "POST" else request.GET
    chosen = ChooseContactForm(data)
    wanted = chosen.cleaned_data["contact"] if chosen.is_valid() else None
    try:
        if request.method == "POST" and wanted and "token" not in request.POST:
            return _send(request, wanted, is_strong=is_strong)
        contacts = _free_contacts(request, kind)
        contact = next((each for each in contacts if each.pk == wanted), None)
        if request.method == "POST" and contact:
            return _take_code(request, kind, contact, is_strong=is_strong)
        authenticators.require_may_add(request.user, kind, is_strong=is_strong)
    except showing.REFUSALS as error:
        return showing.answer_refusal(request, error, showing.NAMES[kind])
    sent = showing.sent_context(request, contact) if contact else {}
    if contact and sent and not sent["is_over"]:
        return _code_page(request, kind, contact, SentCodeForm(), sent)
    shown = [{"pk": each.pk, "shown": masking.shown(request, each.value)} for each in contacts]
    context = {"kind": kind.value, "icon": showing.ICONS[kind], "contacts": shown}
    return render(request, "accounts/add_sent_code.html", context)


def _send(request: OwnerRequest, contact_id: int, *, is_strong: bool) -> HttpResponse:
    """Send a code; whether or not one may go now, the page then says how it stands."""
    try:
        code_devices.begin(request.user, contact_id, client=request.client, is_strong=is_strong)
    except errors.NoSuchAuthenticator:
        return redirect(request.path)
    except (errors.ResendTooSoon, errors.LimitReached, errors.ChallengeExhausted) as error:
        messages.error(request, showing.why_not_sent(error))
    return redirect(f"{request.path}?contact={contact_id}")


def _take_code(
    request: OwnerRequest, kind: AuthenticatorKind, contact: Contact, *, is_strong: bool
) -> HttpResponse:
    form = SentCodeForm(request.POST)
    if form.is_valid():
        try:
            code_devices.add(
                request.user,
                contact.pk,
                form.cleaned_data["token"],
                client=request.client,
                is_strong=is_strong,
            )
        except (errors.WrongToken, errors.ChallengeExhausted) as error:
            form.add_error("token", showing.why_refused(error))
        else:
            step_up.spend(request.session)
            done = _("Codes by text message are added.")
            if kind is AuthenticatorKind.EMAIL:
                done = _("Codes by e-mail are added.")
            showing.keep_signed_in(request, done)
            return redirect("accounts:two_step")
    sent = showing.sent_context(request, contact)
    return _code_page(request, kind, contact, form, sent)


def _code_page(
    request: OwnerRequest,
    kind: AuthenticatorKind,
    contact: Contact,
    form: SentCodeForm,
    sent: dict[str, Any],
) -> HttpResponse:
    context = {
        "kind": kind.value,
        "form": form,
        "contact": {"pk": contact.pk, "shown": masking.shown(request, contact.value)},
        "back_url": request.path,
        "resend_url": request.path,
        "poll_url": f"{request.path}?contact={contact.pk}",
        **sent,
    }
    return render(request, "accounts/add_sent_code.html", context)


def _free_contacts(request: OwnerRequest, kind: AuthenticatorKind) -> list[Contact]:
    """Give the contacts of this kind that could become a second step, the oldest first."""
    taken = CodeDevice.objects.in_use().filter(user=request.user).values("contact")
    rows = request.user.contacts.certain().filter(kind=CONTACT_KINDS[kind])
    free = rows.exclude(pk__in=taken).order_by("verified_at", "pk")
    return [contact for contact in free if code_devices.can_send_to(contact)]
