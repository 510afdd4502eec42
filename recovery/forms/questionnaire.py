"""How the questionnaire stands on its page: parts, questions, and why each part is asked."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.forms import BoundField
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from recovery.forms.questions import CONTACT_FIELDS, PASSWORD_FIELDS, PLACES, QuestionsForm

Words = str | Promise


@dataclass(frozen=True)
class Question:
    """One question of the page.

    kind: how it is drawn: "field" (one field with its own label), "radios", "checks", "row"
    (several short fields side by side), "places", "lines" (one under the other), "passwords".
    fields: those of the form; rows: the same in rows.
    """

    key: str
    kind: str
    legend: Words
    hint: Words
    rows: list[list[BoundField]]

    @property
    def fields(self) -> list[BoundField]:
        return [field for row in self.rows for field in row]

    @property
    def errors(self) -> list[str]:
        return [str(error) for field in self.fields for error in field.errors]

    @property
    def first(self) -> BoundField:
        return self.fields[0]


@dataclass(frozen=True)
class Part:
    """Questions of one kind, and why they are asked."""

    title: Words
    why: Words
    questions: list[Question]


# key, kind, legend, hint, names of fields by row; a single field says its own label and hint.
Spec = tuple[str, str, Words, Words, tuple[tuple[str, ...], ...]]
PAGE: tuple[tuple[Words, Words, tuple[Spec, ...]], ...] = (
    (
        _("About you and the account"),
        _(
            "Others may know some of this, so it counts little. When the account was made is known "
            "to few."
        ),
        (
            ("what_happened", "radios", "", "", (("what_happened",),)),
            (
                "name",
                "row",
                _("Name on the account"),
                _("As you gave it, maybe an earlier name."),
                (("first_name", "last_name"),),
            ),
            (
                "birth",
                "row",
                _("Date of birth on the account"),
                _("If you gave another one, give that. A part of it is good, too."),
                (("birth_day", "birth_month", "birth_year"),),
            ),
            (
                "home",
                "row",
                _("Country and postal code you gave"),
                _("As it was when you made the account or last changed it."),
                (("country", "postal_code"),),
            ),
            (
                "created",
                "row",
                _("When was the account made?"),
                _("A year is good enough."),
                (("created_month", "created_year"),),
            ),
        ),
    ),
    (
        _("When and where you used it"),
        _(
            "Who uses an account knows where they did. A small town that few others would guess "
            "counts more than a capital."
        ),
        (
            ("last_sign_in", "radios", "", "", (("last_sign_in",),)),
            (
                "places",
                "places",
                _("Where were you when you signed in, in the last 12 months?"),
                _("Town or region. Home, work, a journey."),
                tuple(
                    (f"place_{number}_country", f"place_{number}_town")
                    for number in range(1, PLACES + 1)
                ),
            ),
        ),
    ),
    (
        _("What you used"),
        _(
            "Each wrong tick costs as much as a right one gains, so ticking everything is worth "
            "nothing."
        ),
        (
            ("devices", "checks", "", "", (("devices",),)),
            ("browsers", "checks", "", "", (("browsers",),)),
            ("second_step", "checks", "", "", (("second_step",),)),
        ),
    ),
    (
        _("What hardly anybody else knows"),
        _(
            "These count most. Earlier passwords are compared, in a form that nobody can read, "
            "with those that were replaced, and then forgotten."
        ),
        (
            (
                "contacts",
                "lines",
                _("Addresses or phone numbers that were on the account"),
                _("Also old ones you no longer have. In full."),
                tuple((name,) for name in CONTACT_FIELDS),
            ),
            (
                "passwords",
                "passwords",
                _("Passwords you used before for this account, not the present one"),
                _(
                    "Old ones too; nearly right does not count. We compare and forget them. Don't "
                    "give passwords you use elsewhere now."
                ),
                tuple((name,) for name in PASSWORD_FIELDS),
            ),
        ),
    ),
)


def parts(form: QuestionsForm) -> list[Part]:
    """Give the parts of the page with the questions that this site asks."""
    made = [Part(title, why, list(_questions(form, specs))) for title, why, specs in PAGE]
    own = sorted(name for name in form.fields if name.startswith("fact_"))
    made[-1].questions.extend(_single(form, name) for name in [*own, "note"])
    return [part for part in made if part.questions]


def _questions(form: QuestionsForm, specs: tuple[Spec, ...]) -> Iterator[Question]:
    for key, kind, legend, hint, rows in specs:
        if any(name not in form.fields for row in rows for name in row):
            continue
        fields = [[form[name] for name in row] for row in rows]
        label, help_text = fields[0][0].label, fields[0][0].help_text
        yield Question(key, kind, legend or label, hint or help_text, fields)


def _single(form: QuestionsForm, name: str) -> Question:
    field = form[name]
    return Question(name, "field", field.label, field.help_text, [[field]])
