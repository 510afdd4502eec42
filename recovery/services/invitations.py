"""Mailed links to a decided ticket; each use asks for a fresh code all the same."""

from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from recovery import policy
from recovery.enums import TicketState
from recovery.errors import DeadLink
from recovery.models import Invitation, RecoveryTicket
from vault import digests


def make_link(ticket: RecoveryTicket, now: datetime) -> str:
    """Make a link that works for policy.INVITATION_LINK_LIVES; only its hash is kept."""
    token = digests.new_token()
    Invitation.objects.create(
        ticket=ticket,
        token_hash=digests.token_hash(token),
        made_at=now,
        expires_at=now + policy.INVITATION_LINK_LIVES,
    )
    return f"{settings.SITE_URL}{reverse('recovery:go_on', args=[token])}"


def find(token: str) -> Invitation:
    """Give the invitation of a token; raises DeadLink.

    Guessed, late, and of a request that is not ready any more are one answer.
    """
    invitation = (
        Invitation.objects.select_related("ticket")
        .filter(
            token_hash=digests.token_hash(token),
            expires_at__gt=timezone.now(),
            ticket__state=TicketState.APPROVED,
            ticket__contested_at__isnull=True,
        )
        .first()
    )
    if invitation is None:
        raise DeadLink
    return invitation
