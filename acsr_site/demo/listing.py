"""The people of the demo as its page shows them."""

from typing import TypedDict

from accounts.models import FormerPassword, TotpDevice, User
from accounts.services import totp
from acsr_site.demo import cast


class Person(TypedDict):
    """One line of the demo's list of people.

    email: what names the account, for some a phone or a user name. password: "" once it was
    changed. app_code, role: may be "".
    """

    name: str
    email: str
    password: str
    what: str
    app_code: str
    role: str


def people() -> list[Person]:
    """Give the people of the demo with what is needed to be one of them, staff last."""
    ids = [figure.id for figure in cast.LISTED]
    if not User.objects.filter(pk__in=ids).exists():
        return []
    devices = TotpDevice.objects.filter(user__in=ids, confirmed=True)
    codes = {device.user_id: totp.current_code(device) for device in devices}
    # Loading keeps no former password: whoever has one has chosen another since.
    changed = set(FormerPassword.objects.filter(user__in=ids).values_list("user_id", flat=True))
    return [
        Person(
            name=figure.name,
            email=figure.identifier,
            password="" if figure.id in changed else figure.password,
            what=str(figure.what),
            app_code=codes.get(figure.id, ""),
            role=figure.role,
        )
        for figure in cast.LISTED
    ]
