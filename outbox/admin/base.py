"""What every admin page of the portal shares: staff look, services act."""

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.urls import URLPattern


class ReadOnlyAdmin(admin.ModelAdmin):
    """Lists and details without add, change and delete; only columns that are named are shown.

    A subclass names ``list_display`` and ``fields`` (or ``fieldsets``); what it forgets stays
    hidden. Actions call services and bring a permission of their own (``has_..._permission``).
    """

    list_per_page = 50
    # Counting all rows of a large table costs more than the page.
    show_full_result_count = False
    # Counts beside filters are of rows that the list does not show, so that nobody would be noted
    # to have seen whose they are.
    show_facets = admin.ShowFacets.NEVER

    def site_urls(self) -> list[URLPattern]:
        """Give pages that stand outside this table, by their path under /admin/."""
        return []

    def site_pages(self, request: HttpRequest) -> list[dict[str, str]]:
        """Give those of them that this person's bar leads to: {"name", "admin_url"}."""
        return []

    def front_context(self, request: HttpRequest) -> dict[str, Any]:
        """Give what the front page of staff shows of this table."""
        return {}

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        """Give the named fields; without names, what the list shows, never every column."""
        return self.fields or self.list_display

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        """Give all shown fields, so that computed and non-editable ones render too."""
        if self.fieldsets:
            return [name for _title, options in self.fieldsets for name in options["fields"]]
        return self.get_fields(request, obj)

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Allow the named filters only.

        Django lets a query string filter by any column of the row (``?password__startswith=a``),
        which reads a hidden value out letter by letter.
        """
        named = {item if isinstance(item, str) else item[0] for item in self._filter_names()}
        is_named = any(lookup == name or lookup.startswith(f"{name}__") for name in named)
        return is_named and super().lookup_allowed(lookup, value, request)

    def _filter_names(self) -> list[Any]:
        filters = [item for item in self.list_filter if isinstance(item, str | tuple | list)]
        return [*filters, self.date_hierarchy] if self.date_hierarchy else filters
