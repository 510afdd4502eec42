"""What answers, and people who look at them, leave in a portal in the middle of everything."""

from accounts.services import profiles
from accounts.tests.factories import make_contact, make_user
from outbox.models import Message
from recovery.enums import NoticeKind, TicketState, Verdict
from recovery.services import evaluation, notices, reviews
from recovery.tests.factories import make_ticket
from recovery.tests.staff import make_evidence, make_reviewed, make_staff, make_vote
from tests.factories import start, type_code

QUESTIONS = "/acsr/proof/questions/"
FACTS = ["badge=Badge number"]  # settings.EVIDENCE_FACTS of a site that asks for one
FACT = "KW-Zirbelnuss-4711"
FORMER_NAME = "Wackernagel-Quint"
ANSWERS = {
    "first_name": "Hildegundis",
    "last_name": "Zuckschwerdt",
    "postal_code": "QX9-7ZK4",
    "place_1_town": "Oberwurzelbach",
    "contact_1": "hildegundis.before@example.net",
    "password_1": "Brass-penguin-5-attic",
    "password_2": "Plum-cathedral-8-sand",
    "fact_1": "KW-Falsch-0815-nuss",
    "note": "Ask-my-sister-Walburga",
}


def furnish(house) -> None:
    """Let answers be typed, wait, be graded and be looked at; one request is approved."""
    for name, typed in ANSWERS.items():
        house.secrets[f"answer:{name}"] = typed
    _are_known(house)
    _grade(house)
    _wait(house)
    _are_being_typed(house)
    _look(house)
    invite(house, "sent")


def _are_known(house) -> None:
    """An account of which the organisation knows a fact, and knew another name."""
    ida = house.users["ida"] = make_user(email="ida@example.org", last_name=FORMER_NAME)
    profiles.change(ida, last_name="Berg")
    profiles.set_facts(ida, {"badge": FACT})
    house.secrets |= {"fact:badge": FACT, "former name:ida": FORMER_NAME}


def _hand_in(house, name: str) -> None:
    page = _reach(house, name)
    handed_in = page.post(QUESTIONS, ANSWERS)
    assert handed_in.status_code == 302


def _reach(house, name: str):
    page = house.browser(f"ida, {name}")
    contact = f"ida.{name}@example.com"
    start(page, "ida@example.org", contact)
    type_code(page, contact)
    return page


def _grade(house) -> None:
    _hand_in(house, "graded")
    evaluation.evaluate_due()


def _wait(house) -> None:
    """Nobody has graded these yet: they lie there, encrypted."""
    _hand_in(house, "waits")


def _are_being_typed(house) -> None:
    """The page was refused for a day that does not exist; the passwords are held."""
    page = _reach(house, "types")
    typed = ANSWERS | {"password_1": "Copper-lantern-2-fjord", "birth_day": "32"}
    refused = page.post(QUESTIONS, typed)
    assert refused.status_code == 200
    house.secrets["answer:held password"] = typed["password_1"]


def _look(house) -> None:
    """One has decided, with a note; another has begun to fill in the form."""
    ticket = make_reviewed(house.users["ida"], contact="ida.looked@example.com")
    make_evidence(ticket, note="Kunigunde-at-the-desk-knows")
    make_vote(ticket, make_staff(), Verdict.APPROVE, note="Adelheid-was-on-the-phone")
    reviews.save_draft(ticket, make_staff(), {"note": "Theobald-must-have-seen-her"})
    house.secrets |= {
        "note:of the person": "Kunigunde-at-the-desk-knows",
        "note:of the first": "Adelheid-was-on-the-phone",
        "note:of a draft": "Theobald-must-have-seen-her",
    }


def invite(house, name: str) -> None:
    """Mail the link of a request that people approved."""
    user = house.users[f"invited, {name}"] = make_user(email=f"{name}@example.org")
    make_contact(user, f"{name}.other@example.net")
    ticket = make_ticket(
        user,
        state=TicketState.APPROVED,
        contact=f"invited.{name}@example.com",
        people=2,
        verdict=Verdict.APPROVE,
    )
    notices.plan(ticket, NoticeKind.RELEASED, due_at=ticket.moved_at)
    notices.send_due()
    message = Message.objects.get(address=ticket.contact, kind="recovery.invitation")
    house.secrets[f"invitation:{name}"] = message.secrets["link"].rstrip("/").rpartition("/")[2]
