"""Fixtures of the services of activity."""

from collections.abc import Callable

import pytest
from django.db import connection

from outbox.models import Message


@pytest.fixture
def connection_cells(db) -> Callable[[], str]:
    """Give the function that reads every cell of the messages and links, as they are stored."""

    def read() -> str:
        cells = []
        with connection.cursor() as cursor:
            for table in (Message._meta.db_table, "activity_reportlink", "activity_notice"):
                cursor.execute(f"SELECT * FROM {table}")
                cells += [str(value) for row in cursor.fetchall() for value in row]
        return "\n".join(cells)

    return read
