"""What every admin page about somebody's account shares: it is written down who saw whose."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Model
from django.http import HttpRequest, HttpResponse

from accounts import signals
from accounts.models import User
from outbox.admin.base import ReadOnlyAdmin


class AccountAdmin(ReadOnlyAdmin):
    """Rows that belong to accounts.

    Who looked at an account must not decide its recovery soon after, so both the page of a row and
    each row of a list count as seen, before the page goes out.
    """

    def owner_of(self, row: Any) -> UUID | None:
        """Give the id of the account that a row tells of; None for one of nobody's."""
        return row.pk if isinstance(row, User) else row.user_id

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        response = super().changelist_view(request, extra_context)
        shown = _context(response).get("cl")
        self._tell(request, self._looked_at(request, shown) if shown else (), is_list=True)
        return response

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        response = super().change_view(request, object_id, form_url, extra_context)
        self._tell(request, _row(response, "original"), is_list=False)
        return response

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        response = super().history_view(request, object_id, extra_context)
        self._tell(request, _row(response, "object"), is_list=False)
        return response

    def _looked_at(self, request: HttpRequest, shown: Any) -> list[Any]:
        """Give the rows of a list; of an empty one what the search finds without the filters.

        "No sign-in from this country" tells of the account that was searched for, too.
        """
        rows = list(shown.result_list)
        if rows or not shown.query:
            return rows
        found, _has_doubles = self.get_search_results(
            request, self.get_queryset(request), shown.query
        )
        return list(found[: self.list_per_page])

    def _tell(self, request: HttpRequest, rows: Iterable[Any], *, is_list: bool) -> None:
        owners = {owner for row in rows if (owner := self.owner_of(row))}
        if not owners:
            return
        with transaction.atomic():
            signals.staff_saw_accounts.send(
                sender=self.model,
                actor=request.user,
                users=sorted(owners),
                page=self.opts.model_name,
                is_list=is_list,
            )


def _row(response: HttpResponse, name: str) -> list[Model]:
    row = _context(response).get(name)
    return [row] if row is not None else []


def _context(response: HttpResponse) -> dict[str, Any]:
    """Give what the page is made of; {} where the answer leads elsewhere."""
    return getattr(response, "context_data", None) or {}
