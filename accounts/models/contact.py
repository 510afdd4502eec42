"""The only table of addresses."""

from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import policy
from accounts.enums import ContactKind, ContactMark
from accounts.models.user import User
from accounts.normalise import Address


class ContactQuerySet(models.QuerySet["Contact"]):
    """Contacts by what they may be used for."""

    def on_file(self) -> Self:
        """Give verified contacts that are neither removed nor suspended."""
        return self.filter(
            verified_at__isnull=False, removed_at__isnull=True, suspended_at__isnull=True
        )

    def certain(self) -> Self:
        """Give those on file that no report put back: what may become a second step."""
        return self.on_file().filter(is_in_doubt=False)

    def may_object(self, now: datetime) -> Self:
        """Give the contacts that are told and may object: on file, or removed not long ago."""
        recent = now - policy.REMOVED_CONTACT_KEEPS_RIGHTS
        return self.filter(
            Q(removed_at__isnull=True) | Q(removed_at__gt=recent),
            verified_at__isnull=False,
            suspended_at__isnull=True,
        )


class Contact(models.Model):
    """An e-mail address or phone of an account; removed and suspended softly.

    ``value`` is what messages go to, byte for byte. ``signs_in`` marks the primary of its kind:
    it names one account, so it is unique while it stands.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="contacts")
    kind = models.CharField(max_length=5, choices=ContactKind)
    value = models.CharField(max_length=254)
    match_key = models.CharField(max_length=254)
    limit_key = models.CharField(max_length=254)
    signs_in = models.BooleanField(default=False)
    added_at = models.DateTimeField(default=timezone.now)
    verified_at = models.DateTimeField(null=True, blank=True)
    # From when it is a strong proof (policy.CONTACT_COUNTS_AFTER); None until verified.
    counts_from = models.DateTimeField(null=True, blank=True)
    # Put back by a report: it counts for nothing (counts_from is policy.NEVER) until its owner
    # confirms it with two strong proofs that are old.
    is_in_doubt = models.BooleanField(default=False)
    # The last time somebody typed a code that went to it: a domain may change hands meanwhile.
    proved_at = models.DateTimeField(null=True, blank=True)
    # What its owner says of it, and since when.
    mark = models.CharField(max_length=10, choices=ContactMark, blank=True)
    marked_at = models.DateTimeField(null=True, blank=True)
    # When another address took its place as the one to sign in with; for a while it still names
    # the account (queries.find_account).
    demoted_at = models.DateTimeField(null=True, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True)
    suspended_at = models.DateTimeField(null=True, blank=True)

    objects = ContactQuerySet.as_manager()

    class Meta:
        verbose_name = _("contact")
        constraints = [
            models.UniqueConstraint(
                fields=["match_key"],
                condition=Q(signs_in=True, removed_at__isnull=True),
                name="accounts_contact_one_account_per_primary",
            ),
            models.UniqueConstraint(
                fields=["user", "match_key"],
                condition=Q(removed_at__isnull=True),
                name="accounts_contact_once_per_account",
            ),
            models.UniqueConstraint(
                fields=["user", "kind"],
                condition=Q(signs_in=True, removed_at__isnull=True),
                name="accounts_contact_one_primary_per_kind",
            ),
            models.CheckConstraint(
                condition=Q(verified_at__isnull=True, counts_from__isnull=True)
                | Q(verified_at__isnull=False, counts_from__isnull=False),
                name="accounts_contact_verified_counts_from",
            ),
            models.CheckConstraint(
                condition=Q(signs_in=False) | Q(verified_at__isnull=False),
                name="accounts_contact_primary_is_verified",
            ),
            models.CheckConstraint(
                condition=Q(mark="", marked_at__isnull=True)
                | (~Q(mark="") & Q(marked_at__isnull=False)),
                name="accounts_contact_mark_has_a_time",
            ),
        ]
        indexes = [
            # For queries.find_account, match_contact and the account names of one mailbox.
            models.Index(fields=["match_key"], name="accounts_contact_match"),
            # For shared-address checks and the admin's search.
            models.Index(fields=["limit_key"], name="accounts_contact_limit"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}"

    @classmethod
    def at(cls, user: User, address: Address, **fields: Any) -> Self:
        """Give an unsaved contact of ``user`` at a checked address."""
        return cls(
            user=user,
            kind=address.kind,
            value=address.value,
            match_key=address.match_key,
            limit_key=address.limit_key,
            **fields,
        )

    def as_address(self) -> Address:
        """Give what messages are sent to, as it is on file."""
        return Address(ContactKind(self.kind), self.value, self.match_key, self.limit_key)


class ContactUndo(models.Model):
    """The link that puts a removed contact back; mailed to it, and used without signing in."""

    token_hash = models.CharField(max_length=64, unique=True)  # SHA-256
    contact = models.ForeignKey(Contact, models.CASCADE, related_name="undo_links")
    made_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        # For services.retention.
        indexes = [models.Index(fields=["expires_at"], name="accounts_undo_expiry")]

    def __str__(self) -> str:
        return f"undo link {self.pk}"
