"""The decision table against a slow reading of design.md, and what holds over all of it.

``by_the_book`` was written from the table of design.md section 2, line by line, and shares nothing
with ``policy.TABLE``. Wherever the two differ, one of them is wrong.
"""

from dataclasses import replace
from datetime import timedelta
from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.models import User
from recovery import policy
from recovery.enums import Outcome, ProofClass, Resets
from recovery.facts import AccountFacts
from recovery.models import Proof
from recovery.models.proof import LONG_UNPROVED
from recovery.policy import Facts, decide
from recovery.services import decisions

P = ProofClass
HOURS = timedelta(hours=1)
DAYS = timedelta(days=1)
REFUSED = (Outcome.DENY, 0 * HOURS, Resets.PASSWORD)

classes = st.frozensets(st.sampled_from(list(P)))
flags = st.booleans()
all_facts = st.builds(
    Facts,
    is_protected=flags,
    has_two_step=flags,
    strong=classes,
    is_known_device=flags,
    is_new_place=flags,
    is_above_bar=st.none() | flags,
    is_thin=flags,
    risk=st.sampled_from(["low", "medium", "high"]),
    may_reset_second_step=flags,
    one_person_low_risk=flags,
)
EXAMPLES = settings(max_examples=200, deadline=None, derandomize=True)


def by_the_book(facts):
    """Give (outcome, hold, resets) as design.md section 2 says it."""
    if facts.is_protected:
        return protected_by_the_book(facts)
    return two_step_by_the_book(facts) if facts.has_two_step else off_by_the_book(facts)


def protected_by_the_book(facts):
    if P.PASSKEY in facts.strong or pairs_of(facts, without=P.PASSWORD):
        return Outcome.HOLD, 24 * HOURS, Resets.PASSWORD
    if falls_short(facts):
        return REFUSED
    return Outcome.SUPERUSERS, 0 * HOURS, Resets.PASSWORD


def two_step_by_the_book(facts):
    pairs = pairs_of(facts, without=P.PASSWORD)
    if P.PASSKEY in facts.strong or any(pair != {P.MAIL, P.PHONE} for pair in pairs):
        return Outcome.APPROVE, 0 * HOURS, Resets.PASSWORD
    if pairs:
        return Outcome.HOLD, 72 * HOURS, Resets.PASSWORD
    if any(P.PASSWORD in pair for pair in pairs_of(facts)):
        return Outcome.HOLD, 72 * HOURS, Resets.SECOND_STEP
    has_one = bool(facts.strong - {P.PERSON})
    if goes_far(facts) and (has_one or facts.may_reset_second_step):
        return Outcome.REVIEW, (7 if has_one else 14) * DAYS, Resets.BOTH
    if facts.is_above_bar is not None:
        return REFUSED
    return Outcome.MORE, 0 * HOURS, Resets.PASSWORD


def off_by_the_book(facts):
    if facts.strong & {P.MAIL, P.APP, P.PRINTED, P.PASSKEY}:
        return Outcome.APPROVE, 0 * HOURS, Resets.PASSWORD
    if P.PHONE in facts.strong and facts.is_known_device:
        return Outcome.APPROVE, 0 * HOURS, Resets.PASSWORD
    if P.PHONE in facts.strong:
        return Outcome.HOLD, 24 * HOURS, Resets.PASSWORD
    if goes_far(facts):
        hold = {"low": 72 * HOURS, "medium": 7 * DAYS, "high": 14 * DAYS}[facts.risk]
        return Outcome.REVIEW, hold, Resets.PASSWORD
    if falls_short(facts):
        return REFUSED
    return Outcome.MORE, 0 * HOURS, Resets.PASSWORD


def goes_far(facts):
    """Tell of evidence above the bar, or of an account with too little history for it."""
    return facts.is_above_bar or (facts.is_above_bar is False and facts.is_thin)


def falls_short(facts):
    return facts.is_above_bar is False and not facts.is_thin


def pairs_of(facts, without=None):
    """Give every two strong proofs. "Identity checked by staff: never alone": no self-service."""
    counted = facts.strong - {P.PERSON, without}
    return [set(pair) for pair in combinations(counted, 2)]


def may_count(facts, proof_class):
    """Tell whether such a proof can be on such an account: the password only with two-step."""
    return proof_class != P.PASSWORD or facts.has_two_step


@EXAMPLES
@given(all_facts)
def test_table_says_what_the_book_says(facts):
    decision = decide(facts)

    assert (decision.outcome, decision.hold, decision.resets) == by_the_book(facts)


@EXAMPLES
@given(all_facts)
def test_first_row_that_fits_decides_and_one_always_fits(facts):
    fitting = [row.name for row in policy.TABLE if row.fits(facts)]

    assert decide(facts).row == fitting[0]


@EXAMPLES
@given(all_facts, st.sampled_from(list(P)), classes)
def test_adding_a_proof_never_worsens(facts, added, stale):
    if not may_count(facts, added):
        return
    before = replace(facts, stale=stale & facts.strong)
    # Shown anew it may be long unproved itself; what was held is at least as good.
    after = replace(
        before,
        strong=before.strong | {added},
        stale=before.stale | ({added} & stale - before.strong),
    )

    assert policy.rank(decide(after)) >= policy.rank(decide(before))


@EXAMPLES
@given(all_facts, st.sampled_from(list(P)))
def test_removing_a_proof_never_improves(facts, removed):
    less = replace(facts, strong=facts.strong - {removed})
    if not may_count(facts, removed):
        return

    assert policy.rank(decide(less)) <= policy.rank(decide(facts))


@EXAMPLES
@given(all_facts, classes)
def test_a_wait_for_what_is_long_unproved_is_never_better_than_none(facts, stale):
    waited = replace(facts, stale=stale & facts.strong)

    assert policy.rank(decide(waited)) <= policy.rank(decide(facts))


@EXAMPLES
@given(all_facts, classes)
def test_what_is_strong_only_with_a_wait_is_never_approved_at_once(facts, stale):
    stale &= facts.strong
    fresh = replace(facts, strong=facts.strong - stale)

    if decide(replace(facts, stale=stale)).outcome == Outcome.APPROVE:
        assert decide(fresh).outcome == Outcome.APPROVE


@EXAMPLES
@given(classes, flags, flags, flags, flags)
def test_where_the_account_was_another_people_decide(shown, is_protected, had, has, is_known):
    account = AccountFacts(
        user=User(is_protected=is_protected),
        had_two_step=had,
        has_two_step=has,
        is_known_device=is_known,
    )
    now, is_contested = decisions.judge(account, [_proof(one) for one in shown])

    facts = Facts(is_protected=is_protected, strong=shown, is_known_device=is_known)
    as_it_was, as_it_is = (by_the_book(replace(facts, has_two_step=on)) for on in (had, has))
    assert is_contested == (as_it_was != as_it_is)
    assert (now.outcome, now.hold, now.resets) == as_it_is


@EXAMPLES
@given(classes, flags, st.sampled_from([P.APP, P.PRINTED, P.PASSKEY]))
def test_a_weak_proof_changes_nothing(shown, has, young):
    account = AccountFacts(user=User(), had_two_step=has, has_two_step=has)
    strong = [_proof(one) for one in shown - {young}]

    without = decisions.judge(account, strong)

    assert decisions.judge(account, [*strong, _proof(young, is_strong=False)]) == without


@EXAMPLES
@given(all_facts)
def test_evidence_never_grants_and_people_decide_what_it_leads_to(facts):
    if facts.is_above_bar is None:
        return
    decision, without = decide(facts), decide(replace(facts, is_above_bar=None))

    if decision.outcome in (Outcome.APPROVE, Outcome.HOLD):
        assert decision == without
    if decision.outcome == Outcome.REVIEW:
        one_is_enough = facts.one_person_low_risk and facts.risk == "low" and facts.is_above_bar
        assert decision.people == (1 if one_is_enough and not facts.has_two_step else 2)
        assert decision.hold >= 72 * HOURS
        assert decision.is_restricted


@EXAMPLES
@given(all_facts)
def test_thin_history_always_asks_for_an_identity_check_and_two_people(facts):
    decision = decide(replace(facts, is_thin=True, is_above_bar=False))

    if decision.outcome in (Outcome.REVIEW, Outcome.SUPERUSERS):
        assert (decision.people, decision.needs_check) == (2, True)


@EXAMPLES
@given(all_facts, st.sampled_from(["low", "medium"]))
def test_more_risk_never_shortens_a_wait(facts, risk):
    lower, higher = replace(facts, risk=risk), replace(facts, risk="high")

    assert policy.rank(decide(higher)) <= policy.rank(decide(lower))


@EXAMPLES
@given(all_facts)
def test_evidence_above_the_bar_is_never_worse_than_below(facts):
    above, below = replace(facts, is_above_bar=True), replace(facts, is_above_bar=False)

    assert policy.rank(decide(above)) >= policy.rank(decide(below))


@EXAMPLES
@given(all_facts, classes)
def test_nothing_beside_a_passkey_leads_further(facts, stale):
    alone = replace(facts, strong=frozenset({P.PASSKEY}))
    among = replace(facts, strong=facts.strong | {P.PASSKEY}, stale=stale - {P.PASSKEY})

    assert decide(among) == decide(alone)


@EXAMPLES
@given(classes, flags)
def test_the_second_step_goes_only_by_the_password_and_never_the_password_with_it(shown, has):
    decision = decide(Facts(has_two_step=has, strong=shown))

    if decision.resets != Resets.PASSWORD:
        assert has
        assert P.PASSWORD in shown
        assert (decision.outcome, decision.hold) == (Outcome.HOLD, 72 * HOURS)
        assert decision.resets == Resets.SECOND_STEP


def test_mailboxes_alone_never_open_two_step_however_many():
    stale = Proof(proof_class=P.MAIL, is_strong=True, marks=[LONG_UNPROVED])
    account = AccountFacts(user=User(), had_two_step=True, has_two_step=True)

    for proofs in ([_proof(P.MAIL)], [_proof(P.MAIL), _proof(P.MAIL)], [_proof(P.MAIL), stale]):
        decision, _is_contested = decisions.judge(account, proofs)
        assert decision.outcome == Outcome.MORE


def _proof(proof_class, *, is_strong=True):
    return Proof(proof_class=proof_class, is_strong=is_strong, marks=[], epoch=User().epoch)


@EXAMPLES
@given(all_facts)
def test_no_account_with_two_step_is_decided_by_a_row_of_those_without(facts):
    assert decide(replace(facts, has_two_step=True)).row not in policy.WITHOUT_TWO_STEP
