"""Builder of browsers in which staff are signed in."""

from datetime import datetime

from django.test import Client as Browser
from django.utils import timezone

from accounts.models import User


def browser_of(
    staff: User, *, second_step_at: datetime | None = None, confirmed: bool = False
) -> Browser:
    """Give a browser in which ``staff`` is signed in with a second step of that time (now).

    confirmed: they have just shown again that it is them (step-up).
    """
    browser = Browser()
    browser.force_login(staff)
    session = browser.session
    session["otp_device_id"] = staff.totpdevice_set.get().persistent_id
    session["second_step_at"] = (second_step_at or timezone.now()).isoformat()
    if confirmed:
        session["step_up"] = {
            "at": timezone.now().isoformat(),
            "user": str(staff.pk),
            "way": "second_step",
            "is_strong": False,
        }
    session.save()
    return browser
