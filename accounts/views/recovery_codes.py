"""Printed codes: made and shown once, counted, tried out."""

from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts import errors, queries
from accounts.decorators import signed_in_required, step_up_required
from accounts.forms.authenticators import KeepForm, PrintedCodeForm, SetForm
from accounts.middleware import OwnerRequest
from accounts.models import RecoveryCodeSet
from accounts.services import authenticators, held_forms, recovery_codes, sessions, step_up
from accounts.views import showing


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@signed_in_required
def codes(request: OwnerRequest) -> HttpResponse:
    """Show which codes are left; a POST makes new ones and shows them in its answer alone."""
    if request.method == "POST":
        answered: HttpResponse = _make(request)
        return answered
    is_held = held_forms.take(request.session, request.path) is not None
    is_confirmed = is_held and step_up.is_fresh(request.session, timezone.now())
    return page(request, is_confirmed=is_confirmed)


@never_cache
@require_POST
@signed_in_required
def keep(request: OwnerRequest) -> HttpResponse:
    """Note that the codes were printed or saved, and go on to what they were made for."""
    form = KeepForm(request.POST)
    purpose = purpose_of(request.POST.get("for", ""))
    if not form.is_valid():
        return page(request, keep_form=form, form=form, purpose=purpose)
    try:
        recovery_codes.keep(request.user, form.cleaned_data["code_set"])
    except errors.NoSuchAuthenticator as error:
        return showing.answer_refusal(request, error)
    if purpose:
        return redirect(showing.SET_UPS[purpose])
    messages.success(request, _("Good. Keep them where you will find them."))
    return redirect("accounts:two_step")


def page(request: OwnerRequest, **context: Any) -> HttpResponse:
    """Draw the page about the codes in use; context: what a form on it has to say."""
    found = queries.recovery_codes(request.user)
    purpose = context.setdefault("purpose", purpose_of(request.GET.get("for", "")))
    own = reverse("accounts:recovery_codes")
    context = {
        "codes": found,
        "left": showing.count_left(found),
        "is_low": showing.is_low(showing.count_left(found)),
        "set_pk": "",
        "make_url": f"{own}?for={purpose}" if purpose else own,
        "forbidden": showing.why_none_can_be_added(request),
        "keep_form": KeepForm(),
        "try_form": PrintedCodeForm(),
    } | context
    if found:
        context |= _about_set(request, found[0].code_set)
    return render(request, "accounts/recovery_codes.html", context)


def purpose_of(name: str) -> str:
    """Give the name of what the codes are made for, "" for none that we know."""
    return name if name in showing.SET_UPS else ""


@step_up_required
def _make(request: OwnerRequest) -> HttpResponse:
    """Make a set in the place of the one that the page showed; loading this again makes none."""
    form = SetForm(request.POST)
    if not form.is_valid():
        return page(request, is_changed=True)
    replaces = form.cleaned_data["replaces"]
    is_first = replaces is None and not queries.has_second_step(request.user)
    try:
        code_set, made = recovery_codes.make(
            request.user,
            replaces=replaces,
            client=request.client,
            is_strong=step_up.is_strong(request.session),
        )
    except errors.AccountChanged:
        return page(request, is_changed=True)
    except errors.Forbidden:
        return page(request)
    # The set-up of the first second step, which begins with the codes, takes one confirmation.
    if not is_first:
        step_up.spend(request.session)
    sessions.keep(request, client=request.client)
    return _sheet(request, code_set, made)


def _sheet(request: OwnerRequest, code_set: RecoveryCodeSet, made: list[str]) -> HttpResponse:
    """Draw the codes for the one time; nothing of them is kept but their HMACs."""
    shown = {
        "codes": made,
        "account_name": queries.account_name(request.user),
        "portal_url": settings.SITE_URL + reverse("recovery:start"),
        "made_at": code_set.made_at,
        "counts_from": showing.counts_from(code_set, request.user),
    }
    text = render_to_string("accounts/recovery_sheet.txt", shown, request)
    context = shown | {
        "set_pk": code_set.pk,
        "purpose": purpose_of(request.GET.get("for", "")),
        "keep_form": KeepForm(),
        # A link, not another request: the codes would have to be kept somewhere for that.
        "download": f"data:text/plain;charset=utf-8,{quote(text)}",
        "file_name": _("recovery-codes.txt"),
    }
    return render(request, "accounts/recovery_sheet.html", context)


def _about_set(request: OwnerRequest, code_set: RecoveryCodeSet) -> dict[str, Any]:
    url = showing.url_of(code_set)
    return {
        "set_pk": code_set.pk,
        "made_at": code_set.made_at,
        "counts_from": showing.counts_from(code_set, request.user),
        "is_kept": code_set.kept_at is not None,
        "is_asked": authenticators.is_due_to_ask(code_set, now=timezone.now()),
        "set_url": url,
        "try_url": f"{url}try/",
        "remove_url": f"{url}remove/",
    }
