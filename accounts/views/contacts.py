"""The addresses of the account: the list, and what is changed about one of them."""

from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts import errors, policy
from accounts.decorators import View, signed_in_required, step_up_required
from accounts.enums import Action, Mode
from accounts.forms.contacts import MarkForm
from accounts.middleware import OwnerRequest
from accounts.models import CodeDevice, Contact, Passkey
from accounts.services import (
    contact_changes,
    removed_contacts,
    restrictions,
    sessions,
    step_up,
)
from accounts.services import contacts as service
from accounts.views import masking


def refusals_lead_back(view: View) -> View:
    """Answer what the account may not do now with its reason on the list of contacts."""

    @wraps(view)
    def guarded(request: OwnerRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except errors.NotOnFile as error:
            raise Http404 from error
        except errors.Forbidden:
            messages.error(request, _("That cannot be changed at the moment; see below."))
        except errors.AccountChanged:
            messages.error(
                request,
                _("The account was changed in the same moment. Look again before you go on."),
            )
        return redirect("accounts:contacts")

    return guarded


@never_cache
@require_safe
@signed_in_required
def contacts(request: OwnerRequest) -> HttpResponse:
    """Show every address with what it counts for, and the removed ones that can come back."""
    user = request.user
    now = timezone.now()
    present = list(user.contacts.filter(removed_at=None, suspended_at=None).order_by("added_at"))
    allowed = restrictions.allowed(user, is_strong=step_up.is_strong(request.session))
    entries = [
        _entry(request, each, allowed)
        | {"can_be_removed": _is_removable(each, present, allowed, user.external_id)}
        for each in present
    ]
    context = {
        "contacts": entries,
        "removed": [_removed(request, each) for each in removed_contacts.listed(user, now)],
        "replaced_until": removed_contacts.replaced_until(user),
        "restricted_until": user.restricted_until if user.mode == Mode.RESTRICTED else None,
        "can_add": Action.ADD_CONTACT in allowed,
        "is_contested": user.mode == Mode.CONTESTED,
        "has_passkey": Action.ADD_CONTACT not in allowed
        and Passkey.objects.in_use().filter(user=user).exists(),
        "can_restore": Action.RESTORE_CONTACT in allowed,
        "is_masked": masking.is_young(request),
    }
    return render(request, "accounts/contacts.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@signed_in_required
@step_up_required
@refusals_lead_back
def make_primary(request: OwnerRequest, pk: int) -> HttpResponse:
    """Let the account be named by this address instead of the present one of its kind."""
    contact = _contact_or_404(request, pk)
    context: dict[str, Any] = {"shown": masking.shown(request, contact.value), "kind": contact.kind}
    if request.method == "POST":
        strong = step_up.is_strong(request.session)
        try:
            contact_changes.make_primary(request.user, pk, client=request.client, is_strong=strong)
        except errors.AddressTaken:
            context["is_taken"] = True
        else:
            sessions.keep(request, client=request.client)
            messages.success(request, _("You sign in with that address from now on."))
            return redirect("accounts:contacts")
    return render(request, "accounts/contact_primary.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@signed_in_required
@step_up_required
@refusals_lead_back
def confirm(request: OwnerRequest, pk: int) -> HttpResponse:
    """Let an address count again that a report had put back."""
    contact = _contact_or_404(request, pk)
    if not contact.is_in_doubt:
        return redirect("accounts:contacts")
    strong = step_up.is_strong(request.session)
    if request.method == "POST" and strong:
        contact_changes.confirm(request.user, pk, client=request.client, is_strong=strong)
        sessions.keep(request, client=request.client)
        messages.success(request, _("It counts for recovery from now on."))
        return redirect("accounts:contacts")
    context = {
        "shown": masking.shown(request, contact.value),
        "kind": contact.kind,
        "is_strong": strong,
        "has_passkey": Passkey.objects.in_use()
        .filter(user=request.user, made_at__lte=timezone.now() - policy.STRONG_STEP_UP_AFTER)
        .exists(),
        "passkey_age": policy.STRONG_STEP_UP_AFTER,
        "counts_after": policy.CONTACT_COUNTS_AFTER,
    }
    return render(request, "accounts/contact_confirm.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@signed_in_required
@step_up_required
@refusals_lead_back
def mark(request: OwnerRequest, pk: int) -> HttpResponse:
    """Note that somebody else reads an address, or that nobody can open it any more."""
    contact = _contact_or_404(request, pk)
    held = request.held_form or {}
    initial = {"mark": held.get("mark") or contact.mark or MarkForm.NONE}
    form = MarkForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        strong = step_up.is_strong(request.session)
        contact_changes.mark(
            request.user, pk, form.cleaned_data["mark"], client=request.client, is_strong=strong
        )
        sessions.keep(request, client=request.client)
        messages.success(request, _("Noted. Every address on the account is told."))
        return redirect("accounts:contacts")
    context = {
        "form": form,
        "shown": masking.shown(request, contact.value),
        "kind": contact.kind,
        "counts_after": policy.MARK_COUNTS_AFTER,
    }
    return render(request, "accounts/contact_mark.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@signed_in_required
@step_up_required
@refusals_lead_back
def remove(request: OwnerRequest, pk: int) -> HttpResponse:
    """Take an address off the account, after saying what that does."""
    contact = _contact_or_404(request, pk)
    context: dict[str, Any] = {
        "shown": masking.shown(request, contact.value),
        "kind": contact.kind,
        "is_primary": contact.signs_in,
        "keeps_rights": policy.REMOVED_CONTACT_KEEPS_RIGHTS,
        "gets_codes": CodeDevice.objects.in_use().filter(contact=contact).exists(),
    }
    if request.method == "POST":
        strong = step_up.is_strong(request.session)
        try:
            contact_changes.remove(request.user, pk, client=request.client, is_strong=strong)
        except errors.LastContact:
            context["is_last"] = True
        else:
            sessions.keep(request, client=request.client)
            messages.success(
                request,
                _("It is removed. You can put it back for %(days)d days.")
                % {"days": policy.REMOVED_CONTACT_KEEPS_RIGHTS.days},
            )
            return redirect("accounts:contacts")
    now = timezone.now()
    context |= {
        "is_told": contact.verified_at is not None,
        "gets_link": removed_contacts.gets_undo_link(contact, request.user, now),
        "link_after": policy.FULL_NOTICE_AFTER,
        "restricts_for": policy.RESTRICTED_AFTER_REPLACEMENT
        if contact_changes.leaves_nothing_old(request.user, contact, now)
        else None,
    }
    return render(request, "accounts/contact_remove.html", context)


def _contact_or_404(request: OwnerRequest, pk: int) -> Contact:
    contact = service.find(request.user, pk)
    if contact is None:
        raise Http404
    return contact


def _entry(request: OwnerRequest, contact: Contact, allowed: frozenset[Action]) -> dict[str, Any]:
    counts_from = contact.counts_from
    may_change = Action.CHANGE_CONTACT in allowed and contact.verified_at is not None
    return {
        "pk": contact.pk,
        "kind": contact.kind,
        "shown": masking.shown(request, contact.value),
        "is_primary": contact.signs_in,
        "verified_at": contact.verified_at,
        "proved_at": contact.proved_at,
        "counts_from": counts_from if counts_from and counts_from > timezone.now() else None,
        "is_in_doubt": contact.is_in_doubt,
        "mark": contact.mark,
        "mark_counts_from": contact.marked_at and contact.marked_at + policy.MARK_COUNTS_AFTER,
        "can_be_primary": may_change and not contact.signs_in,
        "can_be_marked": may_change,
    }


def _is_removable(
    contact: Contact,
    present: list[Contact],
    allowed: frozenset[Action],
    external_id: str | None,
) -> bool:
    others = [each for each in present if each != contact and each.verified_at]
    is_spare = contact_changes.can_remove(others, external_id)
    return Action.REMOVE_CONTACT in allowed and is_spare


def _removed(request: OwnerRequest, contact: Contact) -> dict[str, Any]:
    return {
        "pk": contact.pk,
        "kind": contact.kind,
        "shown": masking.shown(request, contact.value),
        "removed_at": contact.removed_at,
        "told_until": contact.removed_at
        and contact.removed_at + policy.REMOVED_CONTACT_KEEPS_RIGHTS,
    }
