"""What a case file reads: one statement a kind of thing, however many there are of it."""

from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import (
    BigIntegerField,
    BooleanField,
    CharField,
    Count,
    DateTimeField,
    Exists,
    F,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import Cast, Coalesce, Concat

from accounts.models import CodeDevice, Contact, Device, Passkey, RecoveryCodeSet, TotpDevice, User
from activity.enums import EventKind
from activity.models import SecurityEvent
from outbox.models import Message
from recovery.models import (
    CaseView,
    Evidence,
    EvidenceGrade,
    IdentityCheck,
    Notice,
    Objection,
    Proof,
    RecoveryTicket,
    ReviewDraft,
    Vote,
)

EVENTS = 200
MESSAGES = 100
RELATED = 60
RELATED_FOR = timedelta(days=30)  # by network, which many people share


class Entry(NamedTuple):
    """A small row of a ticket: proof, check, objection, view or notice.

    at, until: when it was made and since when or until when it counts. person: who of the staff.
    """

    source: str
    code: str
    at: datetime
    until: datetime | None
    flag: bool
    words: str
    person: str
    number: int


class Holding(NamedTuple):
    """Something that lets a person in: a contact or an authenticator, removed ones too.

    value: of a contact, or of the one that codes go to. flag: it signs in, or it is in use.
    """

    source: str
    key: int
    kind: str
    value: str
    made_at: datetime | None
    removed_at: datetime | None
    suspended_at: datetime | None
    flag: bool
    limit_key: str


def ticket(ticket_id: UUID, viewer: User) -> RecoveryTicket | None:
    """Give the ticket with its people, its account, what is counted about them and a draft.

    draft: what ``viewer`` has filled in and not decided; None without.
    """
    drafts = ReviewDraft.objects.filter(ticket=OuterRef("pk"), reviewer=viewer)
    own = SecurityEvent.objects.filter(user=OuterRef("user"), at__lt=OuterRef("opened_at"))
    sign_ins = own.filter(kind=EventKind.SIGNED_IN)
    device = Device.objects.filter(
        user=OuterRef("user"), token_hash=OuterRef("device_hash"), forgotten_at__isnull=True
    )
    elsewhere = Contact.objects.on_file().filter(
        ~Q(user=OuterRef("user")), limit_key=OuterRef("contact_limit_key")
    )
    return (
        RecoveryTicket.objects.select_related(
            "user", "claimed_by", "opened_by", "appeal_of", "folded_into"
        )
        .annotate(
            sign_ins=_count(sign_ins),
            last_sign_in_at=Subquery(sign_ins.order_by("-at").values("at")[:1]),
            network_seen=_count(sign_ins.filter(network=OuterRef("network")).exclude(network="")),
            is_known_device=Exists(device),
            contact_elsewhere=_count(elsewhere),
            folded_number=Count("folded", distinct=True),
            draft=Subquery(drafts.values("form")[:1]),
        )
        .filter(pk=ticket_id)
        .first()
    )


def evidence(ticket: RecoveryTicket) -> tuple[Evidence | None, list[EvidenceGrade]]:
    """Give the newest answers and their grades; the answers themselves are not read.

    One statement where there are grades, and a second one where there are none yet.
    """
    newest = ticket.evidence.order_by("-submitted_at")
    grades = EvidenceGrade.objects.filter(evidence=Subquery(newest.values("pk")[:1]))
    graded = grades.select_related("evidence").defer("evidence__answers")
    found = list(graded.order_by("-score", "pk"))
    return (found[0].evidence if found else newest.defer("answers").first()), found


def votes(ticket: RecoveryTicket) -> list[Vote]:
    """Give all votes, voided ones too, the oldest first."""
    return list(ticket.votes.select_related("decider").order_by("made_at"))


def entries(ticket: RecoveryTicket) -> list[Entry]:
    """Give what hangs on a ticket in small rows of five tables, the oldest first."""
    of_ticket = Q(ticket=ticket.pk)
    parts = [
        _entry(
            Proof.objects.filter(of_ticket),
            source="proof",
            code=F("proof_class"),
            at=F("proved_at"),
            until=F("since"),
            flag=F("is_strong"),
        ),
        _entry(
            IdentityCheck.objects.filter(of_ticket),
            source="check",
            code=F("way"),
            at=F("checked_at"),
            until=F("recorded_at"),
            words=F("place"),
            person=_name("checked_by"),
        ),
        _entry(
            Objection.objects.filter(of_ticket, taken_back_at__isnull=True),
            source="objection",
            at=F("made_at"),
            until=F("contact__verified_at"),
            flag=F("is_senior"),
        ),
        _entry(
            CaseView.objects.filter(of_ticket),
            source="view",
            at=F("first_at"),
            until=F("last_at"),
            person=_name("viewer"),
            number=F("audit_number"),
        ),
        _entry(
            Notice.objects.filter(of_ticket),
            source="notice",
            code=F("kind"),
            at=F("due_at"),
            until=F("settled_at"),
        ),
    ]
    rows = parts[0].union(*parts[1:], all=True).order_by("at_")
    return [Entry(*row) for row in rows]


def holdings(user_id: UUID | None) -> list[Holding]:
    """Give contacts and authenticators of an account, those removed among them."""
    if user_id is None:
        return []
    own = Q(user=user_id)
    contacts = _holding(
        Contact.objects.filter(own, verified_at__isnull=False),
        source="contact",
        kind=F("kind"),
        value=F("value"),
        made_at=F("verified_at"),
        flag=F("signs_in"),
        limit_key=F("limit_key"),
    )
    sent = _holding(
        CodeDevice.objects.filter(own), source="code", kind=F("contact__kind"),
        value=F("contact__value"), flag=F("confirmed"),
    )  # fmt: skip
    others = [
        _holding(model.objects.filter(own), source=source, kind=Value(source), flag=F("confirmed"))
        for model, source in (
            (Passkey, "passkey"),
            (TotpDevice, "totp"),
            (RecoveryCodeSet, "recovery_codes"),
        )
    ]
    return [Holding(*row) for row in contacts.union(sent, *others, all=True).order_by("made_at_")]


def events(user_id: UUID | None) -> list[SecurityEvent]:
    """Give the newest events of an account."""
    if user_id is None:
        return []
    return list(SecurityEvent.objects.filter(user=user_id).order_by("-at", "-id")[:EVENTS])


def messages(ticket: RecoveryTicket, addresses: list[str]) -> list[Message]:
    """Give what was sent about a ticket, to its claimant and to contacts of the account."""
    rows = Message.objects.filter(
        address__in=[address for address in (*addresses, ticket.contact) if address],
        created_at__gte=ticket.opened_at,
        kind__startswith="recovery.",
    )
    newest = rows.defer("secrets").order_by("-created_at")[:MESSAGES]
    return [row for row in newest if row.context.get("reference") == ticket.reference]


def related(ticket: RecoveryTicket) -> list[RecoveryTicket]:
    """Give the other tickets of the account, contact, device or network, newest first.

    ``since``: of the oldest strong proof that they have shown. ``is_above_bar``: by their answers.
    """
    shared = Q(contact_limit_key=ticket.contact_limit_key)
    if ticket.user_id:
        shared |= Q(user=ticket.user_id)
    if ticket.device_hash:
        shared |= Q(device_hash=ticket.device_hash)
    if ticket.network:
        since = ticket.opened_at - RELATED_FOR
        shared |= Q(network=ticket.network, opened_at__gte=since)
    strong = Proof.objects.filter(ticket=OuterRef("pk"), is_strong=True).values("ticket")
    above = Evidence.objects.filter(ticket=OuterRef("pk"), is_above_bar=True)
    rows = RecoveryTicket.objects.filter(shared).exclude(pk=ticket.pk)
    rows = rows.annotate(
        since=Subquery(strong.annotate(oldest=Min("since")).values("oldest")),
        has_strong=Exists(Proof.objects.filter(ticket=OuterRef("pk"), is_strong=True)),
        is_above_bar=Exists(above),
    )
    return list(rows.order_by("-opened_at")[:RELATED])


def _entry(rows: QuerySet[Any], **values: Any) -> QuerySet[Any, Any]:
    """Give rows of any table in the columns of Entry; what is not given is empty."""
    text, when = CharField(), DateTimeField()
    columns = {
        "source_": (values.get("source"), text),
        "code_": (values.get("code", ""), text),
        "at_": (values["at"], when),
        "until_": (values.get("until"), when),
        "flag_": (values.get("flag", False), BooleanField()),
        "words_": (values.get("words", ""), text),
        "person_": (values.get("person", ""), text),
        "number_": (values.get("number", 0), BigIntegerField()),
    }
    return _columns(rows, columns)


def _holding(rows: QuerySet[Any], **values: Any) -> QuerySet[Any, Any]:
    """Give rows of any table in the columns of Holding; what is not given is empty."""
    text, when = CharField(), DateTimeField()
    columns = {
        "source_": (values["source"], text),
        "key_": (F("pk"), BigIntegerField()),
        "kind_": (values.get("kind", ""), text),
        "value_": (values.get("value", ""), text),
        "made_at_": (values.get("made_at", F("made_at")), when),
        "removed_at_": (F("removed_at"), when),
        "suspended_at_": (F("suspended_at"), when),
        "flag_": (values.get("flag", False), BooleanField()),
        "limit_key_": (values.get("limit_key", ""), text),
    }
    return _columns(rows, columns)


def _columns(rows: QuerySet[Any], columns: dict[str, Any]) -> QuerySet[Any, Any]:
    """Cast every column: PostgreSQL joins only what has one type, and a bare NULL has none."""
    cast = {
        name: Cast(value if hasattr(value, "resolve_expression") else Value(value), field)
        for name, (value, field) in columns.items()
    }
    columned: QuerySet[Any, Any] = rows.order_by().annotate(**cast).values_list(*columns)
    return columned


def _name(person: str) -> Any:
    names = (F(f"{person}__first_name"), Value(" "), F(f"{person}__last_name"))
    return Coalesce(Concat(*names), Value(""))


def _count(rows: QuerySet[Any]) -> Any:
    own = rows.order_by().annotate(one=Value(1)).values("one")
    return Coalesce(Subquery(own.annotate(number=Count("pk")).values("number")), 0)
