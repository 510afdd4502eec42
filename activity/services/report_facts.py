"""What a report did, as Incident.done lists it."""

from typing import TypedDict

from accounts.models import Contact, User
from accounts.services.roll_back import RolledBack
from activity.enums import Done


class Fact(TypedDict, total=False):
    """One thing that a report did.

    count: of sessions, browsers, claims. stopped: of the claims, those that were cancelled.
    contact: its key. kind: of the contact or the authenticator.
    """

    what: Done
    count: int
    stopped: int
    contact: int
    kind: str


def facts_of(user: User, done: RolledBack) -> list[Fact]:
    """Put what a roll-back did into facts, in the order of Done."""
    in_doubt = [*done.restored_contacts, *done.doubted_contacts]
    keys = [*done.suspended_contacts, *in_doubt]
    kinds = dict(Contact.objects.filter(user=user, pk__in=keys).values_list("pk", "kind"))
    counted = ((Done.SIGNED_OUT, done.sessions), (Done.FORGOT_BROWSERS, done.browsers))
    contacts = (
        (Done.SUSPENDED_CONTACT, done.suspended_contacts),
        (Done.RESTORED_CONTACT, in_doubt),
    )
    facts = [Fact(what=what, count=count) for what, count in counted if count]
    for what, changed in contacts:
        facts += [Fact(what=what, contact=key, kind=kinds.get(key, "")) for key in changed]
    facts += [
        Fact(what=Done.SUSPENDED_AUTHENTICATOR, kind=name.partition(":")[0])
        for name in done.suspended_authenticators
    ]
    if done.has_spent_password:
        facts.append(Fact(what=Done.SPENT_PASSWORD))
    return facts
