"""Graded answers as staff read them: words and bars, never what was answered."""

from django.utils.translation import gettext as _

from recovery import policy, staff_wording
from recovery.cases.parts import Answers, GradeLine
from recovery.enums import Grade
from recovery.models import Evidence, EvidenceGrade

TENTHS = 10
NO_BAR = (Grade.NOTHING, Grade.LEFT_OUT)


def answers(evidence: Evidence | None, grades: list[EvidenceGrade]) -> Answers | None:
    """Give the graded questionnaire; None where there is none."""
    if evidence is None:
        return None
    if evidence.graded_at is None:
        return Answers(is_waiting=True, score=0, bar=0, standing="", words="")
    most = max([grade.score for grade in grades] + [1])
    standing = _standing(evidence)
    return Answers(
        is_waiting=False,
        score=evidence.score // TENTHS,
        bar=-(-evidence.bar // TENTHS),
        standing=standing,
        words=str(staff_wording.STANDINGS[standing]),
        lines=tuple(_line(grade, most) for grade in grades if grade.grade != Grade.LEFT_OUT),
        left_out=tuple(
            staff_wording.question(grade.question)
            for grade in grades
            if grade.grade == Grade.LEFT_OUT
        ),
    )


def _standing(evidence: Evidence) -> str:
    if not evidence.is_above_bar:
        return "thin" if evidence.is_thin else "below"
    return "at" if evidence.score - evidence.bar < policy.AT_THE_BAR else "above"


def _line(grade: EvidenceGrade, most: int) -> GradeLine:
    style, shape = staff_wording.GRADES[grade.grade]
    has_bar = grade.grade not in NO_BAR
    return GradeLine(
        label=staff_wording.question(grade.question),
        grade=grade.grade,
        grade_label=str(Grade(grade.grade).label),
        style=style,
        shape=shape,
        bits=_("%(bits)s bits") % {"bits": round(grade.score / TENTHS)} if has_bar else "",
        width=max(0, min(100, 100 * grade.score // most)),
        words=staff_wording.grade_details(grade.details),
    )
