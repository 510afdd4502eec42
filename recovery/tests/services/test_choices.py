"""What one person may choose, and what must come with it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Contact
from accounts.tests.factories import make_contact, make_totp, make_user
from recovery.enums import RiskLevel, Verdict
from recovery.errors import VerdictRefused
from recovery.models import IdentityCheck, Vote
from recovery.services.verdicts import Choice
from recovery.tests.deciding import NOTE, R, approval, decide, denial, read
from recovery.tests.staff import (
    make_evidence,
    make_reviewed,
)

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("choice", "field"),
    [
        (approval(reasons=()), "reasons"),
        (approval(reasons=(R.TOO_LITTLE,)), "reasons"),
        (denial(reasons=(R.RARE_FACTS,)), "reasons"),
        (Choice(Verdict.PASS_ON, (R.OTHER,), note=NOTE), "reasons"),
        (approval(reasons=(R.OTHER,), note="too short"), "note"),
        (approval(reasons=(R.OTHER,), note=" " * 40), "note"),
        (denial(note=""), "note"),  # against the suggestion
        (approval(hold=timedelta(days=2)), "hold"),
        (approval(hold=timedelta(0)), "hold"),
        (approval(hold=timedelta(days=31)), "hold"),
    ],
)
def test_choice_that_does_not_fit_is_refused(case, lena, choice, field):
    with pytest.raises(VerdictRefused) as refusal:
        decide(case, lena, choice)

    assert refusal.value.field == field
    assert not Vote.objects.exists()
    assert read(case).claimed_by == lena


def test_nobody_is_approved_without_an_account(lena):
    case = make_reviewed(None)

    with pytest.raises(VerdictRefused) as refusal:
        decide(case, lena)

    assert refusal.value.field == "verdict"
    decide(case, lena, denial())
    assert Vote.objects.get().epoch is None


def test_approval_waits_for_the_check_of_who_the_person_is(maria, lena, omar):
    case = make_reviewed(maria, needs_check=True)
    make_evidence(case)

    with pytest.raises(VerdictRefused):
        decide(case, lena)
    IdentityCheck.objects.create(
        ticket=case, checked_by=lena, way="desk", place="Hall", checked_at=timezone.now()
    )
    decide(case, lena)
    assert read(case).verdict == ""
    decide(case, omar)

    assert read(case).verdict == "approve"


def test_one_person_is_enough_only_where_the_operator_says_so(maria, lena, omar, settings):
    case = make_reviewed(maria, people=1)
    make_evidence(case)
    decide(case, lena)
    assert read(case).verdict == ""
    settings.ONE_PERSON_FOR_LOW_RISK = True
    other = make_reviewed(maria, people=1)
    make_evidence(other)

    decide(other, lena)

    assert read(other).verdict == "approve"


@pytest.mark.parametrize(
    "fields",
    [
        {"contested_at": timezone.now(), "contested_reason": "objection"},
        {"is_frozen": True},
        {"risk": RiskLevel.MEDIUM},
        {"people": 0},
    ],
)
def test_one_person_is_never_enough_where_more_is_at_stake(maria, lena, settings, fields):
    settings.ONE_PERSON_FOR_LOW_RISK = True
    case = make_reviewed(maria, **({"people": 1} | fields))
    make_evidence(case)

    decide(case, lena)

    assert read(case).verdict == ""


def test_whoever_checked_the_person_never_approves_alone(maria, lena, omar, settings):
    settings.ONE_PERSON_FOR_LOW_RISK = True
    case = make_reviewed(maria, people=1)
    make_evidence(case)
    IdentityCheck.objects.create(
        ticket=case, checked_by=lena, way="desk", place="Hall", checked_at=timezone.now()
    )

    decide(case, lena)
    assert read(case).verdict == ""
    decide(case, omar)

    assert read(case).verdict == "approve"


def test_young_contacts_and_authenticators_may_be_suspended(case, maria, lena):
    now = timezone.now()
    young = make_contact(maria, verified_at=now - timedelta(days=2))
    app = make_totp(maria, made_at=now - timedelta(days=2))

    vote = decide(
        case,
        lena,
        approval(suspend_contacts=(young.pk,), suspend_authenticators=(f"totp:{app.pk}",)),
    )

    assert vote.suspended_contacts == [young.pk]
    assert vote.suspended_authenticators == [f"totp:{app.pk}"]


def test_old_and_foreign_things_cannot_be_suspended(case, maria, lena):
    old = Contact.objects.get(user=maria)
    old_app = make_totp(maria)
    foreign = make_contact(make_user(), verified_at=timezone.now())
    for choice in (
        approval(suspend_contacts=(old.pk,)),
        approval(suspend_contacts=(foreign.pk,)),
        approval(suspend_contacts=(999_999,)),
        approval(suspend_authenticators=(f"totp:{old_app.pk}",)),
        approval(suspend_authenticators=("totp:999999",)),
        approval(suspend_authenticators=("nothing",)),
    ):
        with pytest.raises(VerdictRefused) as refusal:
            decide(case, lena, choice)

        assert refusal.value.field == "suspend"
    assert not Vote.objects.exists()


def test_what_came_with_a_young_account_cannot_be_suspended(lena):
    fresh = make_user(created_at=timezone.now() - timedelta(days=3))
    case = make_reviewed(fresh)

    with pytest.raises(VerdictRefused):
        decide(case, lena, approval(suspend_contacts=(Contact.objects.get(user=fresh).pk,)))


def test_more_is_asked_by_one_person(case, lena):
    decide(case, lena, Choice(Verdict.MORE, (R.NEED_CHECK, R.NEED_WORDS), note=NOTE))

    case = read(case)
    assert (case.verdict, case.told_reasons) == ("more", ["need_check", "need_words"])
    assert case.effect_at == case.answer_at
