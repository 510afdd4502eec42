"""The risk of a claim: its table, and what holds over all of it."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recovery.enums import RiskLevel
from recovery.risk import RiskFacts, assess

OWNER = RiskFacts(is_known_device=True, network_seen=31, is_usual_country=True)
flags = st.booleans()
counts = st.integers(min_value=0, max_value=40)
all_facts = st.builds(
    RiskFacts,
    is_contested=flags,
    competing_claims=counts,
    has_young_contacts=flags,
    has_young_authenticators=flags,
    is_known_device=flags,
    network_seen=counts,
    is_usual_country=flags,
    tickets_of_network=counts,
    tickets_of_contact=counts,
    has_strong_proof=flags,
    resets_second_step=flags,
)
EXAMPLES = settings(max_examples=200, deadline=None, derandomize=True)


@pytest.mark.parametrize(
    ("facts", "level"),
    [
        (OWNER, RiskLevel.LOW),
        (replace(OWNER, resets_second_step=True), RiskLevel.LOW),
        (RiskFacts(is_usual_country=True), RiskLevel.LOW),
        (RiskFacts(), RiskLevel.MEDIUM),
        (RiskFacts(has_strong_proof=True), RiskLevel.LOW),
        (replace(OWNER, is_contested=True, has_young_contacts=True), RiskLevel.HIGH),
        (RiskFacts(is_contested=True), RiskLevel.HIGH),
        (RiskFacts(has_young_contacts=True), RiskLevel.HIGH),
        (RiskFacts(has_young_authenticators=True), RiskLevel.HIGH),
        (RiskFacts(competing_claims=1), RiskLevel.HIGH),
        (RiskFacts(is_usual_country=True, tickets_of_network=5), RiskLevel.MEDIUM),
        (RiskFacts(tickets_of_contact=2), RiskLevel.HIGH),
    ],
)
def test_each_kind_of_claim_has_its_level(facts, level):
    assert assess(facts).level == level


def test_reasons_are_named_heaviest_first_and_what_lowers_it_last():
    risk = assess(replace(OWNER, has_young_contacts=True))

    assert risk.reasons == (
        ("young_contacts", 30),
        ("no_proof", 5),
        ("usual_country", -5),
        ("known_network", -10),
        ("known_device", -15),
    )
    assert risk.score == 5


def test_one_visit_makes_no_network_known():
    codes = dict(assess(RiskFacts(network_seen=1)).reasons)

    assert "known_network" not in codes
    assert "new_network" not in codes


@EXAMPLES
@given(all_facts, st.sampled_from(["is_contested", "has_young_contacts", "resets_second_step"]))
def test_what_speaks_against_a_claim_never_lowers_its_risk(facts, name):
    with_it, without = replace(facts, **{name: True}), replace(facts, **{name: False})

    assert assess(with_it).score >= assess(without).score


@EXAMPLES
@given(all_facts, st.sampled_from(["is_known_device", "is_usual_country", "has_strong_proof"]))
def test_what_speaks_for_a_claim_never_raises_its_risk(facts, name):
    with_it, without = replace(facts, **{name: True}), replace(facts, **{name: False})

    assert assess(with_it).score <= assess(without).score


@EXAMPLES
@given(all_facts, counts)
def test_more_claims_tickets_and_strange_networks_never_lower_it(facts, more):
    worse = replace(
        facts,
        competing_claims=facts.competing_claims + more,
        tickets_of_network=facts.tickets_of_network + more,
        tickets_of_contact=facts.tickets_of_contact + more,
        network_seen=max(0, facts.network_seen - more),
    )

    assert assess(worse).score >= assess(facts).score


@EXAMPLES
@given(all_facts)
def test_the_score_stays_within_0_and_100_and_a_contested_claim_is_never_low(facts):
    risk = assess(facts)

    assert 0 <= risk.score <= 100
    if facts.is_contested:
        assert risk.level != RiskLevel.LOW
