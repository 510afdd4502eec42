"""Answers of the questionnaire: they wait encrypted for the grading task, and only grades stay."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone

from recovery.enums import Grade
from recovery.models.ticket import RecoveryTicket
from vault.fields import EncryptedJSONField, EncryptedTextField


class Evidence(models.Model):
    """One submission of the questionnaire on one ticket; the newest counts. A due row until graded.

    Written for unknown accounts too. Scores are whole tenths of a bit.
    """

    ticket = models.ForeignKey(RecoveryTicket, models.CASCADE, related_name="evidence")
    # As typed, by field; emptied by the task that grades them.
    answers = EncryptedJSONField(label="recovery.answers", null=True, blank=True)
    # For the deciders alone; emptied policy.NOTE_LIVES after the decision.
    note = EncryptedTextField(label="recovery.note", null=True, blank=True)
    # How much was answered, by part of the page: a function of the claimant's own input.
    completeness: Any = models.JSONField(default=dict)  # {"about": "full" | "little" | "nothing"}
    submitted_at = models.DateTimeField(default=timezone.now)
    claimed_until = models.DateTimeField(null=True, blank=True)
    graded_at = models.DateTimeField(null=True, blank=True)

    as_of = models.DateTimeField(null=True, blank=True)  # the account's last trusted moment
    score = models.IntegerField(default=0)
    bar = models.IntegerField(default=0)
    is_above_bar = models.BooleanField(default=False)
    is_thin = models.BooleanField(default=False)
    # What is known of where it came from: {"device": "known", "network_seen": 31, ...}.
    context: Any = models.JSONField(default=dict)
    version = models.CharField(max_length=20, blank=True)

    class Meta:
        verbose_name = "evidence"
        constraints = [
            models.CheckConstraint(
                condition=Q(graded_at__isnull=True) | Q(answers__isnull=True),
                name="recovery_evidence_graded_keeps_no_answers",
            ),
        ]
        indexes = [
            # For services.evaluation.evaluate_due.
            models.Index(
                fields=["submitted_at"],
                name="recovery_evidence_due",
                condition=Q(graded_at__isnull=True),
            ),
            # For the newest of a ticket.
            models.Index(fields=["ticket", "-submitted_at"], name="recovery_evidence_newest"),
        ]

    def __str__(self) -> str:
        return f"evidence {self.pk}"


class EvidenceGrade(models.Model):
    """How one question was answered; never what was answered."""

    evidence = models.ForeignKey(Evidence, models.CASCADE, related_name="grades")
    question = models.CharField(max_length=20)  # a code of recovery.questions
    grade = models.CharField(max_length=8, choices=Grade)
    score = models.IntegerField(default=0)  # tenths of a bit; may be negative
    # Coded words for staff: {"rare": 1, "common": 1}, {"years": [2021, 2023]}, {"right": 2}.
    details: Any = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["evidence", "question"], name="recovery_grade_once_per_question"
            )
        ]

    def __str__(self) -> str:
        return f"{self.question} {self.grade}"
