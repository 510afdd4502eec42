"""What an insider, or a thief in a staff session, cannot bring about (attacks.md 31 and 32)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.errors import LimitReached
from accounts.models import Contact, User
from accounts.normalise import email
from accounts.tests.factories import make_client, make_device, make_user
from activity.models import AuditEntry
from activity.services import audit
from recovery import policy, suggestions
from recovery.cases import case_file
from recovery.enums import CheckWay, Outcome, StaffReason, TicketState, Verdict
from recovery.errors import ClaimLost, MayNotDecide, StaleTicket
from recovery.models import RecoveryTicket, Vote
from recovery.services import (
    campaigns,
    effects,
    help_desk,
    identity_checks,
    previews,
    reveals,
    reviews,
    verdicts,
)
from recovery.tests.deciding import NOTE, STAFF_BROWSER, approval, deal, decide, denial, read
from recovery.tests.factories import make_proof, make_ticket
from recovery.tests.staff import make_evidence, make_reviewed, make_staff

pytestmark = pytest.mark.django_db
R = StaffReason


def without_audit(monkeypatch):
    """Let the chain refuse, as it does for a text that does not fit."""

    def refuse(**fields):
        raise RuntimeError("the chain is closed")

    monkeypatch.setattr(audit, "append", refuse)


def open_for(staff, identifier, contact):
    return help_desk.open_for_caller(identifier, email(contact), staff, client=STAFF_BROWSER)


def due(ticket):
    RecoveryTicket.objects.filter(pk=ticket.pk).update(effect_at=timezone.now())


# Opening


def test_help_desk_opens_nothing_with_an_address_of_its_own(maria, lena):
    own = Contact.objects.get(user=lena).value
    name, _at, domain = own.partition("@")

    for contact in (own, f"{name}+caller@{domain}"):
        with pytest.raises(MayNotDecide) as refusal:
            open_for(lena, "maria@example.org", contact)
        assert refusal.value.bars == ["shared_address"]

    assert not RecoveryTicket.objects.exists()


@pytest.mark.parametrize("name", ["lena@example.org", "LENA@example.org", "member-7"])
def test_help_desk_opens_nothing_for_its_own_account(name):
    lena = make_staff(email="lena@example.org", external_id="member-7")

    with pytest.raises(MayNotDecide) as refusal:
        open_for(lena, name, "friend@example.net")

    assert refusal.value.bars == ["own_account"]
    assert not RecoveryTicket.objects.exists()


def test_help_desk_opens_nothing_that_the_chain_does_not_tell(maria, lena, monkeypatch):
    without_audit(monkeypatch)

    with pytest.raises(RuntimeError):
        open_for(lena, "maria@example.org", "caller@example.net")

    assert not RecoveryTicket.objects.exists()


# Deciding


def test_who_opened_the_refused_request_does_not_decide_its_appeal(maria, lena):
    refused = make_ticket(maria, state=TicketState.DENIED, opened_by=lena)
    appeal = make_reviewed(maria, appeal_of=refused)

    with pytest.raises(MayNotDecide) as refusal:
        decide(appeal, lena)

    assert refusal.value.bars == ["opened"]


def test_who_asked_from_an_own_browser_does_not_decide_the_appeal(maria, lena):
    device = make_device(lena, "lenas-browser")
    refused = make_ticket(maria, state=TicketState.DENIED, device_hash=device.token_hash)
    appeal = make_reviewed(maria, appeal_of=refused)

    with pytest.raises(MayNotDecide) as refusal:
        decide(appeal, lena)

    assert refusal.value.bars == ["own_device"]


def test_two_superusers_decide_in_a_browser_of_their_own(maria):
    case = make_reviewed(maria, outcome=Outcome.SUPERUSERS, hold_length=None)
    make_evidence(case)
    first, second = (make_staff(is_superuser=True) for _ in range(2))
    for root in (first, second):
        make_device(root, "one-browser")
    client = make_client(browser="of staff", device="one-browser")
    deal(case, first)
    verdicts.decide(case, first, approval(), client=client)
    deal(case, second)

    with pytest.raises(MayNotDecide) as refusal:
        verdicts.decide(case, second, approval(), client=client)

    assert refusal.value.bars == ["same_browser"]
    assert read(case).verdict == ""
    verdicts.decide(case, second, approval(), client=STAFF_BROWSER)
    assert read(case).verdict == "approve"


@pytest.mark.parametrize("loss", [{"is_staff": False}, {"frozen_at": 1, "frozen_cause": "x"}])
def test_approval_of_somebody_who_is_no_staff_any_more_has_no_effect(case, lena, omar, loss):
    decide(case, lena)
    decide(case, omar)
    due(case)
    if "frozen_at" in loss:
        loss = loss | {"frozen_at": timezone.now()}
    User.objects.filter(pk=omar.pk).update(**loss)

    assert effects.carry_out_due() == 0

    assert (read(case).state, read(case).verdict) == (TicketState.IN_REVIEW, "")
    assert Vote.objects.get(decider=omar).void_reason == "not_counted"
    assert Vote.objects.get(decider=lena).voided_at is None
    decide(case, make_staff())
    assert read(case).verdict == "approve"


def test_approval_by_reviewers_has_no_effect_on_an_account_protected_since(maria, case, lena, omar):
    decide(case, lena)
    decide(case, omar)
    due(case)
    User.objects.filter(pk=maria.pk).update(is_protected=True)

    assert effects.carry_out_due() == 0

    assert (read(case).state, read(case).verdict) == (TicketState.IN_REVIEW, "")


def test_vote_that_the_chain_does_not_tell_is_not_cast(case, lena, monkeypatch):
    deal(case, lena)
    without_audit(monkeypatch)

    with pytest.raises(RuntimeError):
        verdicts.decide(case, lena, approval(), client=STAFF_BROWSER)

    assert not Vote.objects.exists()
    assert read(case).claimed_by == lena


def test_what_others_chose_stays_closed_while_more_is_asked(case, lena, omar):
    root = make_staff(is_superuser=True)
    decide(case, lena, denial())
    decide(case, omar, approval(verdict=Verdict.MORE, reasons=(R.NEED_WORDS,)))

    asked = case_file(case.pk, root)
    due(case)
    effects.carry_out_due()
    open_again = case_file(case.pk, root)

    assert (read(case).state, read(case).verdict) == (TicketState.AWAITING_PROOF, "more")
    assert {ballot.verdict for ballot in (*asked.ballots, *open_again.voided)} == {None}
    chain = AuditEntry.objects.filter(action="recovery:ticket:decided")
    assert "deny" not in str(list(chain.values_list("reason", "details")))


# Campaigns


def test_refused_campaign_that_the_chain_does_not_tell_is_not_refused(
    case, lena, omar, monkeypatch
):
    deal(case, lena)
    campaigns.refuse(case, lena, client=STAFF_BROWSER, note=NOTE)
    told = audit.append

    def refuse_campaigns(**fields):
        if fields["action"] == "recovery:campaign:refused":
            raise RuntimeError("the chain is closed")
        return told(**fields)

    monkeypatch.setattr(audit, "append", refuse_campaigns)
    with pytest.raises(RuntimeError):
        campaigns.refuse(case, omar, client=STAFF_BROWSER, note=NOTE)

    assert read(case).verdict == ""
    assert Vote.objects.count() == 1


@pytest.mark.parametrize("more", ["proof", "appeal", "check"])
def test_what_has_more_to_show_is_not_folded_away(case, lena, more):
    victim = make_reviewed(make_user())
    if more == "proof":
        make_proof(victim)
    elif more == "check":
        victim.checks.create(way=CheckWay.DESK, place="Desk", checked_at=timezone.now())
    else:
        refused = make_ticket(victim.user, state=TicketState.DENIED)
        RecoveryTicket.objects.filter(pk=victim.pk).update(appeal_of=refused)

    with pytest.raises(StaleTicket):
        campaigns.fold(case, [victim], lena)

    assert read(victim).folded_into is None


@pytest.mark.parametrize("reasons", [(R.STRONGER_CLAIM,), (R.CAMPAIGN, R.TOO_LITTLE)])
def test_stranger_is_refused_with_a_case_only_as_a_campaign(case, lena, omar, reasons):
    victim = make_reviewed(make_user(), folded_into=case)
    proved = make_reviewed(make_user(), folded_into=case)
    make_proof(proved)

    decide(case, lena, denial(reasons=(R.CAMPAIGN,)))
    decide(case, omar, denial(reasons=reasons))

    assert read(case).verdict == "deny"
    is_campaign = R.CAMPAIGN in reasons
    assert read(victim).verdict == ("deny" if is_campaign else "")
    assert read(victim).folded_into == (case if is_campaign else None)
    assert (read(proved).verdict, read(proved).folded_into) == ("", None)


# Looking


def test_address_is_not_revealed_to_who_may_not_decide_any_more(case, lena):
    deal(case, lena)
    RecoveryTicket.objects.filter(pk=case.pk).update(is_passed_on=True)

    with pytest.raises(MayNotDecide):
        reveals.reveal_address(case, lena)

    assert not AuditEntry.objects.filter(action="recovery:address:revealed").exists()


def test_preview_shows_no_address_in_full(maria, lena):
    case = make_reviewed(maria, identifier="maria@example.org", contact="me@posteo.example")
    make_evidence(case)

    for verdict, reason in (("approve", R.RARE_FACTS), ("deny", R.TOO_LITTLE)):
        mail = previews.preview(case, Verdict(verdict), [reason], timedelta(days=3), timezone.now())
        shown = f"{mail.subject} {mail.text} {mail.html}"
        assert "maria@example.org" not in shown
        assert "me@posteo.example" not in shown


# Counting


def test_case_that_somebody_else_has_costs_no_review(case, lena, omar):
    deal(case, omar)

    for _ in range(policy.REVIEWS_PER_PERSON.limit + 1):
        with pytest.raises(ClaimLost):
            reviews.take(case, lena)

    assert read(case).claimed_by == omar


def test_twenty_cases_an_hour_are_dealt_and_not_one_more(maria, lena):
    for _ in range(policy.REVIEWS_PER_PERSON.limit):
        ticket = make_reviewed(make_user())
        assert reviews.next_for(lena) == ticket
        assert reviews.next_for(lena) == ticket
        reviews.recuse(ticket, lena)
    waits = make_reviewed(make_user())

    with pytest.raises(LimitReached):
        reviews.next_for(lena)

    assert read(waits).claimed_by is None


# Checks


def test_second_check_is_another_row_and_one_proof(case, lena, omar):
    for staff in (lena, omar):
        identity_checks.record(
            case, staff, CheckWay.DESK, "Desk", timezone.now(), client=STAFF_BROWSER
        )

    assert case.checks.count() == 2
    assert case.proofs.count() == 1


def test_check_by_staff_is_no_proof_that_the_person_holds(case, lena):
    identity_checks.record(case, lena, CheckWay.DESK, "Desk", timezone.now(), client=STAFF_BROWSER)

    suggestion = suggestions.suggest(read(case))
    file = case_file(case.pk, make_staff(is_superuser=True))

    for suggested in (suggestion, file.suggestion):
        assert R.HELD_AND_EVIDENCE not in suggested.reasons
        assert R.CHECKED_IN_PERSON in suggested.reasons
        assert suggestions.ANY_HELD_PROOF in suggested.missing
