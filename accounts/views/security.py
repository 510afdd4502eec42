"""The home of everything about the account."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts import hooks, queries
from accounts.decorators import signed_in_required
from accounts.middleware import OwnerRequest
from accounts.models import Contact, UserSession
from accounts.services import sessions


@never_cache
@require_safe
@signed_in_required
def security(request: OwnerRequest) -> HttpResponse:
    """Show how the person signs in, how we reach them and where they are signed in."""
    user = request.user
    now = timezone.now()
    own = request.session.row
    is_young = own is None or sessions.is_young(own, user, now)
    contacts = list(user.contacts.filter(removed_at=None, suspended_at=None).order_by("added_at"))
    context = {
        "account_name": queries.account_name_of(user, contacts),
        "contacts": [_contact(contact, is_young=is_young) for contact in contacts],
        "password_changed_at": user.password_changed_at,
        "sessions": list_sessions(request),
        "banners": hooks.banners(user),
    }
    return render(request, "accounts/security.html", context)


def list_sessions(request: OwnerRequest) -> list[dict[str, Any]]:
    """Give the person's signed-in browsers as the templates show them."""
    rows = sessions.list_of(request.user)
    return [_session(row, own_hash=request.session.key_hash) for row in rows]


def _contact(contact: Contact, *, is_young: bool) -> dict[str, Any]:
    counts_from = contact.counts_from
    return {
        "kind": contact.kind,
        "shown": queries.mask(contact.value) if is_young else contact.value,
        "verified_at": contact.verified_at,
        "counts_from": counts_from if counts_from and counts_from > timezone.now() else None,
        "is_primary": contact.signs_in,
    }


def _session(row: UserSession, *, own_hash: str) -> dict[str, Any]:
    label, place = hooks.describe(row.agent, row.address or "")
    return {
        "id": row.pk,
        "label": label,
        "place": place,
        "last_seen_at": row.last_seen_at,
        "is_current": row.pk == own_hash,
    }
