"""Instants in sentences that a view puts together, as the pages themselves write them."""

from datetime import datetime

from django.template.loader import render_to_string


def in_words(at: datetime) -> str:
    """Give day, time and zone in the person's own zone.

    The filters for it belong to the site, above this app: only a template may reach them.
    """
    return render_to_string("_moment.txt", {"at": at}).strip()
