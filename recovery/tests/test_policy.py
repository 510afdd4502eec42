"""The decision table, row by row, and what must hold over all of it."""

from dataclasses import replace
from datetime import timedelta
from itertools import combinations

import pytest

from recovery import policy
from recovery.enums import Outcome, ProofClass, Resets
from recovery.policy import Facts, decide

P = ProofClass
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("facts", "outcome", "hold", "resets"),
    [
        (Facts(strong=frozenset({P.MAIL})), Outcome.APPROVE, 0, Resets.PASSWORD),
        (Facts(strong=frozenset({P.APP})), Outcome.APPROVE, 0, Resets.PASSWORD),
        (Facts(strong=frozenset({P.PRINTED})), Outcome.APPROVE, 0, Resets.PASSWORD),
        (Facts(strong=frozenset({P.PASSKEY})), Outcome.APPROVE, 0, Resets.PASSWORD),
        (Facts(strong=frozenset({P.PHONE})), Outcome.HOLD, 24, Resets.PASSWORD),
        (
            Facts(strong=frozenset({P.PHONE}), is_known_device=True),
            Outcome.APPROVE,
            0,
            Resets.PASSWORD,
        ),
        (Facts(), Outcome.MORE, 0, Resets.PASSWORD),
        (Facts(strong=frozenset({P.PERSON})), Outcome.MORE, 0, Resets.PASSWORD),
        (Facts(is_above_bar=False), Outcome.DENY, 0, Resets.PASSWORD),
        (Facts(is_above_bar=True, risk="low"), Outcome.REVIEW, 72, Resets.PASSWORD),
        (Facts(is_above_bar=True, risk="medium"), Outcome.REVIEW, 168, Resets.PASSWORD),
        (Facts(is_above_bar=True, risk="high"), Outcome.REVIEW, 336, Resets.PASSWORD),
        (
            Facts(has_two_step=True, strong=frozenset({P.MAIL})),
            Outcome.MORE,
            0,
            Resets.PASSWORD,
        ),
        (
            Facts(has_two_step=True, strong=frozenset({P.MAIL, P.APP})),
            Outcome.APPROVE,
            0,
            Resets.PASSWORD,
        ),
        (
            Facts(has_two_step=True, strong=frozenset({P.MAIL, P.PHONE})),
            Outcome.HOLD,
            72,
            Resets.PASSWORD,
        ),
        (
            Facts(has_two_step=True, strong=frozenset({P.PASSWORD, P.MAIL})),
            Outcome.HOLD,
            72,
            Resets.SECOND_STEP,
        ),
        (
            Facts(has_two_step=True, strong=frozenset({P.PASSWORD})),
            Outcome.MORE,
            0,
            Resets.PASSWORD,
        ),
        (
            Facts(has_two_step=True, strong=frozenset({P.PASSKEY})),
            Outcome.APPROVE,
            0,
            Resets.PASSWORD,
        ),
        (
            Facts(has_two_step=True, strong=frozenset({P.MAIL}), is_above_bar=True),
            Outcome.REVIEW,
            168,
            Resets.BOTH,
        ),
        (Facts(has_two_step=True, is_above_bar=True), Outcome.REVIEW, 336, Resets.BOTH),
        (
            Facts(is_protected=True, strong=frozenset({P.MAIL, P.APP})),
            Outcome.HOLD,
            24,
            Resets.PASSWORD,
        ),
        (
            Facts(is_protected=True, strong=frozenset({P.MAIL})),
            Outcome.SUPERUSERS,
            0,
            Resets.PASSWORD,
        ),
        (Facts(is_protected=True, is_above_bar=False), Outcome.DENY, 0, Resets.PASSWORD),
        (Facts(is_protected=True, is_above_bar=True), Outcome.SUPERUSERS, 0, Resets.PASSWORD),
        (
            Facts(is_protected=True, is_above_bar=False, is_thin=True),
            Outcome.SUPERUSERS,
            0,
            Resets.PASSWORD,
        ),
        (Facts(is_above_bar=False, is_thin=True), Outcome.REVIEW, 72, Resets.PASSWORD),
        (
            Facts(has_two_step=True, is_above_bar=False, is_thin=True),
            Outcome.REVIEW,
            336,
            Resets.BOTH,
        ),
        (
            Facts(has_two_step=True, is_above_bar=False, is_thin=True, strong=frozenset({P.APP})),
            Outcome.REVIEW,
            168,
            Resets.BOTH,
        ),
        (
            Facts(has_two_step=True, is_above_bar=True, may_reset_second_step=False),
            Outcome.DENY,
            0,
            Resets.PASSWORD,
        ),
        (
            Facts(
                has_two_step=True,
                is_above_bar=True,
                may_reset_second_step=False,
                strong=frozenset({P.MAIL}),
            ),
            Outcome.REVIEW,
            168,
            Resets.BOTH,
        ),
        (
            Facts(strong=frozenset({P.MAIL}), stale=frozenset({P.MAIL})),
            Outcome.HOLD,
            72,
            Resets.PASSWORD,
        ),
    ],
)
def test_each_row_decides_as_the_table_says(facts, outcome, hold, resets):
    decision = decide(facts)

    assert (decision.outcome, decision.hold, decision.resets) == (outcome, hold * HOUR, resets)


def test_a_new_device_in_a_new_country_starts_restricted():
    assert decide(Facts(strong=frozenset({P.MAIL}), is_new_place=True)).is_restricted
    assert not decide(Facts(strong=frozenset({P.MAIL}))).is_restricted


def test_evidence_alone_never_beats_a_strong_proof_and_always_needs_two_people():
    for facts in _all_facts():
        decision = decide(facts)

        if decision.outcome == Outcome.REVIEW:
            assert decision.people == 2
        if not facts.strong:
            assert decision.outcome not in (Outcome.APPROVE, Outcome.HOLD)


def test_one_person_is_enough_only_for_low_risk_without_two_step_where_the_operator_says_so():
    relaxed = Facts(is_above_bar=True, one_person_low_risk=True)

    assert decide(relaxed).people == 1
    assert decide(replace(relaxed, risk="medium")).people == 2
    assert decide(replace(relaxed, has_two_step=True)).people == 2
    assert decide(replace(relaxed, is_above_bar=False, is_thin=True)).people == 2
    assert decide(replace(relaxed, one_person_low_risk=False)).people == 2


def test_only_thin_history_needs_an_identity_check():
    assert decide(Facts(is_above_bar=False, is_thin=True)).needs_check
    assert not decide(Facts(is_above_bar=True, is_thin=True)).needs_check


def test_adding_a_proof_never_worsens_the_outcome():
    for facts in _all_facts():
        for added in set(P) - facts.strong:
            if added == P.PASSWORD and not facts.has_two_step:
                continue  # accepted on accounts with two-step only
            more = Facts(**{**facts.__dict__, "strong": facts.strong | {added}})

            assert policy.rank(decide(more)) >= policy.rank(decide(facts)), (facts, added)


def test_a_stale_proof_beside_a_fresh_one_adds_no_wait():
    fresh = Facts(strong=frozenset({P.APP}))
    both = Facts(strong=frozenset({P.APP, P.MAIL}), stale=frozenset({P.MAIL}))

    assert decide(both) == decide(fresh)


def test_a_mailbox_alone_never_opens_an_account_with_two_step():
    for facts in _all_facts():
        if facts.has_two_step and facts.strong <= {P.MAIL, P.PERSON}:
            assert decide(facts).outcome not in (Outcome.APPROVE, Outcome.HOLD)


def _all_facts():
    classes = list(P)
    for size in range(len(classes) + 1):
        for strong in combinations(classes, size):
            for protected in (False, True):
                for two_step in (False, True):
                    for bar in (None, False, True):
                        for known in (False, True):
                            yield Facts(
                                is_protected=protected,
                                has_two_step=two_step,
                                strong=frozenset(strong),
                                is_above_bar=bar,
                                is_known_device=known,
                            )
