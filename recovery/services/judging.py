"""What the decision table says of an account, its proofs and its evidence."""

from dataclasses import replace

from django.conf import settings

from recovery import policy
from recovery.enums import ProofClass, RiskLevel
from recovery.facts import AccountFacts
from recovery.models import Evidence, Proof, RecoveryTicket
from recovery.models.proof import LONG_UNPROVED


def judge(
    account: AccountFacts,
    proofs: list[Proof],
    *,
    evidence: Evidence | None = None,
    risk: str = RiskLevel.LOW,
) -> tuple[policy.Decision, bool]:
    """Give the decision for the account as it is, and whether it was another one before.

    evidence: graded, or None where nothing was answered. Whoever changed the second step a few days
    ago gains nothing by it: where the account as it was would have been decided otherwise, people
    decide.
    """
    if account.user is None:
        # Nothing fits an account that does not exist, as nothing fits for whoever guesses.
        return policy.decide(policy.Facts(is_above_bar=False if evidence else None)), False
    facts = facts_of(account, proofs, evidence, risk)
    before = policy.decide(replace(facts, has_two_step=account.had_two_step))
    now = policy.decide(facts)
    return now, _effect(before) != _effect(now)


def facts_of(
    account: AccountFacts, proofs: list[Proof], evidence: Evidence | None, risk: str
) -> policy.Facts:
    """Give what the table looks at."""
    if account.user is None:
        return policy.Facts()
    strong = [proof for proof in proofs if proof.is_strong and proof.epoch == account.user.epoch]
    return policy.Facts(
        is_protected=account.user.is_specially_protected,
        has_two_step=account.has_two_step,
        strong=frozenset(ProofClass(proof.proof_class) for proof in strong),
        stale=frozenset(
            ProofClass(proof.proof_class) for proof in strong if LONG_UNPROVED in proof.marks
        ),
        is_above_bar=evidence.is_above_bar if evidence else None,
        is_thin=bool(evidence and evidence.is_thin),
        risk=risk,
        is_known_device=account.is_known_device,
        is_new_place=account.is_new_place,
        may_reset_second_step=evidence is None or may_reset_second_step(account),
        one_person_low_risk=settings.ONE_PERSON_FOR_LOW_RISK,
    )


def evidence_of(ticket: RecoveryTicket) -> Evidence | None:
    """Give the newest evidence of a ticket, where it is graded; while it waits there is none."""
    newest = ticket.evidence.defer("answers", "note").order_by("-submitted_at", "-pk").first()
    return newest if newest and newest.graded_at else None


def may_reset_second_step(account: AccountFacts) -> bool:
    """Tell whether evidence alone may: not in the groups that the operator names."""
    refused = settings.NO_RESET_GROUPS
    if not refused or account.user is None:
        return True
    return not account.user.groups.filter(name__in=refused).exists()


def _effect(decision: policy.Decision) -> tuple[object, ...]:
    return decision.outcome, decision.hold, decision.resets
