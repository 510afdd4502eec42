"""What the demo's people remember of their accounts: enough to answer the questionnaire."""

import random
from datetime import date, timedelta

from django.contrib.auth.hashers import make_password

from accounts.models import FormerPassword
from acsr_site.demo import cast
from acsr_site.demo.cast import Figure
from acsr_site.demo.scene import Scene

# Known to all, as the present ones are; the youngest last.
EARLIER_PASSWORDS = ("Autumn-harbour-3-bell", "Silver-meadow-5-clock")
OLDEST_BIRTH = date(1948, 1, 1)
BIRTHS_OVER = 52 * 365  # days
# Parts of the account's age after which each was replaced.
REPLACED_AFTER = (0.2, 0.55)


def born(figure: Figure) -> date:
    """Give somebody's date of birth, the same in every demo."""
    chance = random.Random(figure.key)  # noqa: S311 - nothing here is a secret
    return OLDEST_BIRTH + timedelta(days=chance.randrange(BIRTHS_OVER))


def postal_code(figure: Figure) -> str:
    """Give somebody's postal code, the same in every demo."""
    chance = random.Random(f"{figure.key} lives")  # noqa: S311 - as above
    return f"{chance.randrange(10_000, 99_999)}"


def has_history(figure: Figure) -> bool:
    """Tell whether somebody has used the account long enough to have earlier passwords."""
    return figure.has_account and figure.sign_ins > 0


def make(scene: Scene) -> None:
    """Write everybody's earlier passwords."""
    hashed = [make_password(raw) for raw in EARLIER_PASSWORDS]
    FormerPassword.objects.bulk_create(
        FormerPassword(
            user=scene.users[figure.key],
            encoded=encoded,
            set_at=scene.ago(days=figure.age_days * (1 - start)),
            replaced_at=scene.ago(days=figure.age_days * (1 - end)),
        )
        for figure in cast.LISTED
        if has_history(figure)
        for encoded, start, end in zip(hashed, (0, *REPLACED_AFTER), REPLACED_AFTER, strict=False)
    )
