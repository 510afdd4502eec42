"""What the tests of the case file share: browsers of staff, claims, forms."""

from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from accounts.models import TotpDevice
from accounts.services import totp
from accounts.services.step_up import STEP_UP
from activity.models import AuditEntry
from recovery.models import Deal, RecoveryTicket
from tests.factories import make_browser, sign_in

QUEUE = "/admin/recovery/cases/"
OWNER = "jonas.weber@example.org"
BOOKKEEPING = ("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT")


def deal(ticket, staff):
    until = timezone.now() + timedelta(minutes=10)
    RecoveryTicket.objects.filter(pk=ticket.pk).update(claimed_by=staff, claimed_until=until)
    Deal.objects.create(ticket=ticket, reviewer=staff)


def enter(staff):
    """Give a browser of a member of staff: signed in with password and app."""
    browser = make_browser()
    sign_in(browser, staff.contacts.get().value)
    browser.post(
        "/sign-in/verify/", {"token": totp.current_code(TotpDevice.objects.get(user=staff))}
    )
    return browser


def confirm(browser):
    session = browser.session
    session[STEP_UP] = {
        "at": timezone.now().isoformat(),
        "user": session["_auth_user_id"],
        "way": "second_step",
        "is_strong": False,
    }
    session.save()


def url(ticket, page=""):
    name = f"recovery_case_{page}" if page else "recovery_case"
    return reverse(f"admin:{name}", args=[ticket.pk])


def actions_of(ticket):
    return list(AuditEntry.objects.filter(subject=ticket.subject).values_list("action", flat=True))


def approve(**fields):
    return {"verdict": "approve", "approve_reasons": ["rare_facts"], "hold": "72", **fields}
