"""What a file may change on accounts that are here: their profile and facts, and nothing else.

Never addresses, passwords or whether an account is switched on; protection only upwards. Whoever
can put a row into the file must not be able to take an account over with it.
"""

import uuid

from django.db import transaction

from accounts.models import User
from accounts.services import profiles
from accounts.services.import_rows import AccountRow

PROFILE = (*profiles.REMEMBERED, "language", "time_zone")


def update(owner: uuid.UUID, row: AccountRow, *, is_dry_run: bool) -> bool:
    """Bring an account up to its row; tells whether anything changes. Safe to run twice."""
    user = User.objects.get(pk=owner)
    values = {name: row.values[name] for name in PROFILE if name in row.values}
    if row.values.get("is_protected"):
        values["is_protected"] = True
    if is_dry_run:
        facts = row.facts.items()
        is_new = any(not profiles.compare_fact(user, name, value) for name, value in facts)
        return is_new or bool(profiles.changes_of(user, values))
    with transaction.atomic():
        changed = [*profiles.change(user, **values), *profiles.set_facts(user, row.facts)]
    return bool(changed)
