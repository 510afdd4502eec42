"""One second step: its name, whether it works, and its end."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import errors, queries
from accounts.decorators import edge_limit, signed_in_required, step_up_required
from accounts.enums import AuthenticatorKind
from accounts.forms.authenticators import (
    AppCodeForm,
    PrintedCodeForm,
    RenameForm,
    SentCodeForm,
    WorksForm,
)
from accounts.middleware import OwnerRequest
from accounts.models import CodeDevice, Passkey, RecoveryCodeSet
from accounts.services import authenticators, step_up
from accounts.services import try_out as service
from accounts.services.authenticators import Row
from accounts.views import ceremonies, recovery_codes, showing

TRY_FORMS = {
    AuthenticatorKind.TOTP: AppCodeForm,
    AuthenticatorKind.SMS: SentCodeForm,
    AuthenticatorKind.EMAIL: SentCodeForm,
    AuthenticatorKind.RECOVERY_CODES: PrintedCodeForm,
}


@never_cache
@require_safe
@signed_in_required
def detail(request: OwnerRequest, kind: AuthenticatorKind, pk: int) -> HttpResponse:
    """Show one."""
    return _page(request, _find(request, kind, pk))


@never_cache
@require_POST
@signed_in_required
def rename(request: OwnerRequest, kind: AuthenticatorKind, pk: int) -> HttpResponse:
    """Give it another name."""
    row = _find(request, kind, pk)
    form = RenameForm(request.POST)
    if not form.is_valid():
        return _page(request, row, rename_form=form, form=form)
    try:
        authenticators.rename(row, form.cleaned_data["name"])
    except errors.NoSuchAuthenticator as error:
        raise Http404 from error
    messages.success(request, _("The new name is saved."))
    return redirect(showing.url_of(row))


@sensitive_post_parameters("token")
@never_cache
@require_POST
@edge_limit("code")
@signed_in_required
def try_out(request: OwnerRequest, kind: AuthenticatorKind, pk: int) -> HttpResponse:
    """See whether it works: send a code where it is one that is sent, then take it."""
    row = _find(request, kind, pk)
    if kind not in TRY_FORMS:
        raise Http404
    if isinstance(row, CodeDevice) and "token" not in request.POST:
        return _send(request, row)
    form = TRY_FORMS[kind](request.POST)
    if form.is_valid():
        try:
            service.check(row, form.cleaned_data["token"], client=request.client)
        except (errors.WrongToken, errors.ChallengeExhausted) as error:
            form.add_error("token", showing.why_refused(error))
        else:
            authenticators.answer_works(row, now=timezone.now())
            messages.success(request, _works_words(kind))
            return redirect(showing.url_of(row))
    return _page(request, row, try_form=form, form=form)


@never_cache
@require_POST
@signed_in_required
def still_works(request: OwnerRequest, kind: AuthenticatorKind, pk: int) -> HttpResponse:
    """Take the answer to the one question; a no leads to removing it."""
    row = _find(request, kind, pk)
    form = WorksForm(request.POST)
    if not form.is_valid():
        return redirect(showing.url_of(row))
    if form.cleaned_data["works"] == "no":
        messages.info(request, _("Then remove it, or add its successor first."))
        return redirect("accounts:remove_authenticator", kind, row.pk)
    authenticators.answer_works(row, now=timezone.now())
    messages.success(request, _("Good. We won't ask again."))
    return redirect("accounts:two_step")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@signed_in_required
@step_up_required
def remove(request: OwnerRequest, kind: AuthenticatorKind, pk: int) -> HttpResponse:
    """Say what its removal means; a POST does it."""
    row = _find(request, kind, pk)
    title = showing.show(row, request).title
    if request.method == "POST":
        try:
            authenticators.remove(
                row, client=request.client, is_strong=step_up.is_strong(request.session)
            )
        except showing.REFUSALS as error:
            return showing.answer_refusal(request, error)
        done = _("“%(name)s” is removed.") % {"name": title}
        showing.keep_signed_in(request, done)
        return redirect("accounts:two_step")
    return render(request, "accounts/remove_authenticator.html", _consequences(request, row))


def _consequences(request: OwnerRequest, row: Row) -> dict[str, Any]:
    is_printed = isinstance(row, RecoveryCodeSet)
    fallen = [] if is_printed else authenticators.falling_with(row)
    is_last = not is_printed and len(queries.second_steps(request.user)) == len(fallen) + 1
    return {
        "step": showing.show(row, request),
        "is_printed": is_printed,
        "also": [showing.show(each, request).title for each in fallen],
        "is_last": is_last,
    }


def _send(request: OwnerRequest, row: CodeDevice) -> HttpResponse:
    try:
        service.send(row, client=request.client)
    except (errors.ResendTooSoon, errors.LimitReached, errors.ChallengeExhausted) as error:
        messages.error(request, showing.why_not_sent(error))
    return redirect(f"{showing.url_of(row)}#try")


def _page(request: OwnerRequest, row: Row, **context: Any) -> HttpResponse:
    """Draw the page of one; context: what a form on it has to say."""
    if isinstance(row, RecoveryCodeSet):
        return recovery_codes.page(request, **context)
    kind = AuthenticatorKind(row.kind)
    is_sent = isinstance(row, CodeDevice)
    context = {
        "step": showing.show(row, request),
        "rename_form": RenameForm(initial={"name": row.name}),
        "is_asked": authenticators.is_due_to_ask(row, now=timezone.now()),
        "is_passkey": isinstance(row, Passkey),
        "is_sent": is_sent,
    } | context
    if isinstance(row, Passkey):
        context["passkey"] = ceremonies.config(
            request,
            begin=reverse("accounts:try_passkey_begin", args=[row.pk]),
            complete=reverse("accounts:try_passkey_complete", args=[row.pk]),
        )
    else:
        context.setdefault("try_form", TRY_FORMS[kind]())
    if is_sent:
        context |= _sending(request, row)
    return render(request, "accounts/authenticator.html", context)


def _sending(request: OwnerRequest, row: CodeDevice) -> dict[str, Any]:
    """Give where a code to try stands, once one was asked for."""
    url = showing.url_of(row)
    sent = showing.sent_context(request, row.contact)
    is_waiting = bool(sent) and (request.method == "POST" or not sent["is_over"])
    return {
        "sent": is_waiting,
        "kind": row.kind,
        "contact": {"pk": row.contact_id},
        "resend_url": f"{url}try/",
        "poll_url": url,
        **sent,
    }


def _find(request: OwnerRequest, kind: AuthenticatorKind, pk: int) -> Row:
    try:
        return authenticators.find(request.user, kind, pk)
    except errors.NoSuchAuthenticator as error:
        raise Http404 from error


def _works_words(kind: AuthenticatorKind) -> str:
    if kind is AuthenticatorKind.RECOVERY_CODES:
        return _("It works, and it is still unused.")
    return _("It works.")
