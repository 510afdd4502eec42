"""What the field partial needs and Django's template language cannot say."""

from django import template
from django.forms import BoundField
from django.utils.safestring import SafeString

register = template.Library()


@register.filter
def described_by(field: BoundField, ids: str) -> SafeString:
    """Draw the widget, tied to its hint, its error and the elements named by ``ids``.

    ids: element ids, parted by spaces. A widget with an ``aria-describedby`` of its own keeps it.
    """
    if field.field.widget.attrs.get("aria-describedby"):
        return field.as_widget()
    told = " ".join(part for part in (field.aria_describedby, ids) if part)
    return field.as_widget(attrs={"aria-describedby": told})
