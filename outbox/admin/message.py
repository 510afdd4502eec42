"""Messages: read-only, without what they carry."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from outbox import errors
from outbox.admin.base import ReadOnlyAdmin
from outbox.models import Message
from outbox.services import retry


@admin.register(Message)
class MessageAdmin(ReadOnlyAdmin):
    """Shows where a message stands and why; addresses are masked, secrets and contents absent.

    To find the messages of one person, type the whole address: staff who were given it may see
    what became of the mail, and nobody can leaf through addresses.
    """

    list_display = (
        "id",
        "kind",
        "channel",
        "masked_address",
        "state",
        "reason",
        "attempts",
        "created_at",
        "due_at",
        "settled_at",
    )
    list_filter = ("state", "channel", "queue", "kind", "reason")
    search_fields = ("address__exact",)
    search_help_text = _("The whole address, to the letter.")
    ordering = ("-created_at",)
    fields = (
        "kind",
        "channel",
        "queue",
        "masked_address",
        "language",
        "time_zone",
        "state",
        "reason",
        "reply",
        "attempts",
        "carries_secrets",
        "created_at",
        "due_at",
        "expires_at",
        "claimed_until",
        "settled_at",
    )
    actions = ("try_again",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Message]:
        """Leave out what no page shows; a row whose key is gone can then still be listed."""
        return super().get_queryset(request).defer("secrets", "context")

    def has_retry_permission(self, request: HttpRequest) -> bool:
        """Allow the action below to roles that may change messages."""
        return request.user.has_perm("outbox.change_message")

    @admin.display(description=_("address"))
    def masked_address(self, message: Message) -> str:
        return message.masked_address

    @admin.action(description=_("Try again what was given up"), permissions=["retry"])
    def try_again(self, request: HttpRequest, queryset: QuerySet[Message]) -> None:
        """Open the chosen messages again, and say how many could not be."""
        opened = refused = 0
        for message_id in queryset.values_list("pk", flat=True):
            try:
                retry.try_again(message_id, actor=request.user)
            except errors.RetryNotPossible:
                refused += 1
            else:
                opened += 1
        if opened:
            words = ngettext(
                "%(count)d message will be tried again.",
                "%(count)d messages will be tried again.",
                opened,
            )
            self.message_user(request, words % {"count": opened}, messages.SUCCESS)
        if refused:
            words = gettext(
                "%(count)d not: only messages that were given up and carried no code or link."
            )
            self.message_user(request, words % {"count": refused}, messages.WARNING)
