"""The home of everything about the account."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts import hooks, queries
from accounts.decorators import signed_in_required
from accounts.enums import Action, AuthenticatorKind
from accounts.holdings import Holdings, holdings_of
from accounts.middleware import OwnerRequest
from accounts.models import Contact, User
from accounts.services import sessions
from accounts.views import browsers, showing, standing


@never_cache
@require_safe
@signed_in_required
def security(request: OwnerRequest) -> HttpResponse:
    """Show how safe and how recoverable the account is, who can get in and whom we reach."""
    user = request.user
    held = holdings_of(user)
    # With its device, so that whether this browser is young costs no query (views.masking).
    rows = list(sessions.list_of(user))
    own = next((row for row in rows if row.pk == request.session.key_hash), None)
    is_young = own is None or sessions.is_young(own, user, timezone.now())
    found = standing.look_at(request)
    # What was begun and not confirmed stands here too: its owner sees that a code is waited for.
    contacts = [each for each in user.contacts.all() if not (each.removed_at or each.suspended_at)]
    context = {
        "account_name": _name(queries.account_name_of(user, contacts), user, is_young=is_young),
        "standing": found,
        "title": standing.title_of(found, user),
        "banners": [*hooks.banners(user), *standing.banners_of(user)],
        "password_changed_at": user.password_changed_at,
        "steps": [showing.show(step, request) for step in held.second_steps],
        "printed": _printed(held, user),
        "can_add": Action.ADD_AUTHENTICATOR in found.allowed,
        "offers_passkey": _offers_passkey(held, found.allowed),
        "contacts": [
            _contact(each, is_young=is_young)
            for each in sorted(contacts, key=lambda each: each.added_at)
        ],
        "is_masked": is_young,
        "sessions": browsers.show_sessions(rows, request),
    }
    return render(request, "accounts/security.html", context)


def _name(name: str, user: User, *, is_young: bool) -> str:
    """Give the account's name; an address, in a browser that is new to the account, masked.

    Whoever signed in with a user name has not typed it.
    """
    return queries.mask(name) if is_young and name not in (user.external_id, str(user)) else name


def _printed(held: Holdings, user: User) -> showing.Shown | None:
    if held.codes is None:
        return None
    return showing.show_printed(held.codes, held.codes_left, user)


def _offers_passkey(held: Holdings, allowed: frozenset[Action]) -> bool:
    kinds = {step.kind for step in held.second_steps}
    may_add = Action.ADD_AUTHENTICATOR in allowed
    return may_add and bool(kinds) and AuthenticatorKind.PASSKEY not in kinds


def _contact(contact: Contact, *, is_young: bool) -> dict[str, Any]:
    counts_from = contact.counts_from
    return {
        "kind": contact.kind,
        "shown": queries.mask(contact.value) if is_young else contact.value,
        "verified_at": contact.verified_at,
        "counts_from": counts_from if counts_from and counts_from > timezone.now() else None,
        "is_primary": contact.signs_in,
        "is_in_doubt": contact.is_in_doubt,
        "mark": contact.mark,
    }
