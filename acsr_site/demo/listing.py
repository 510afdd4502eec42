"""The people of the demo as its page shows them."""

from typing import TypedDict

from django.db.models import Count
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import FormerPassword, RecoveryCode, TotpDevice, User
from accounts.services import recovery_codes, totp
from acsr_site.demo import cast, memories, second_steps
from acsr_site.demo.cast import Figure


class Person(TypedDict):
    """One line of the demo's list of people.

    email: what names the account, for some a phone or a user name. password: "" once it was
    changed. app_code, role: may be "". printed: an unused printed code of those left. remembers:
    what can be answered in the questionnaire, "" for staff.
    """

    name: str
    email: str
    password: str
    what: str
    app_code: str
    printed: str
    role: str
    remembers: str


def people() -> list[Person]:
    """Give the people of the demo with what is needed to be one of them, staff last."""
    ids = [figure.id for figure in cast.LISTED]
    if not User.objects.filter(pk__in=ids).exists():
        return []
    devices = TotpDevice.objects.filter(user__in=ids, confirmed=True)
    codes = {device.user_id: totp.current_code(device) for device in devices}
    printed = _printed_codes()
    # Whoever has more earlier passwords than were loaded has chosen another one since.
    kept = FormerPassword.objects.filter(user__in=ids).values("user_id").annotate(n=Count("pk"))
    former = {row["user_id"]: row["n"] for row in kept}
    return [
        Person(
            name=figure.name,
            email=figure.identifier,
            password="" if former.get(figure.id, 0) > _loaded(figure) else figure.password,
            what=str(figure.what),
            app_code=codes.get(figure.id, ""),
            printed=printed.get(figure.key, ""),
            role=figure.role,
            remembers="" if figure.role else _remembers(figure),
        )
        for figure in cast.LISTED
    ]


def _loaded(figure: Figure) -> int:
    return len(memories.EARLIER_PASSWORDS) if memories.has_history(figure) else 0


def _remembers(figure: Figure) -> str:
    """Say what somebody can answer besides name, devices and places."""
    if not figure.has_account:
        return ""
    known = [
        _("born %(day)s") % {"day": date_format(memories.born(figure), "j F Y")},
        _("postal code %(code)s") % {"code": memories.postal_code(figure)},
    ]
    if memories.has_history(figure):
        passwords = _(" and ").join(memories.EARLIER_PASSWORDS)
        known.append(_("earlier passwords %(passwords)s") % {"passwords": passwords})
    return ", ".join(known)


def _printed_codes() -> dict[str, str]:
    """Give the first unused code of everybody's sheet, in groups; of those made since, none."""
    figures = {figure.id: figure for figure in cast.LISTED if figure.printed_left is not None}
    rows = RecoveryCode.objects.filter(
        code_set__user__in=figures, code_set__confirmed=True, used_at=None
    )
    found: dict[str, str] = {}
    for row in rows.select_related("code_set").order_by("number"):
        figure = figures[row.code_set.user_id]
        code = second_steps.printed_code(figure, row.number)
        if figure.key not in found and second_steps.is_ours(row, code):
            found[figure.key] = recovery_codes.grouped(code)
    return found
