"""What holds over all answers."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from recovery.evidence import Answers, FormerMatch
from recovery.grading import grade, most
from recovery.questions import BrowserKind, DeviceKind, LastSignIn, StepKind
from recovery.tests.test_grading import MARIA, NOW

EXAMPLES = settings(max_examples=200, deadline=None, derandomize=True)
words = st.text(max_size=12)
guesses = st.builds(
    Answers,
    first_name=st.sampled_from(["Maria", "Anna", ""]) | words,
    last_name=st.sampled_from(["Rossi", "Bianchi", ""]) | words,
    birth=st.tuples(
        st.none() | st.integers(1, 31),
        st.none() | st.integers(1, 12),
        st.none() | st.integers(1900, 2026),
    ),
    country=st.sampled_from(["", "DE", "FR"]),
    postal_code=st.sampled_from(["", "10115", "10999"]) | words,
    created=st.tuples(st.none() | st.integers(1, 12), st.none() | st.integers(2000, 2026)),
    last_sign_in=st.sampled_from(["", *LastSignIn.values]),
    places=st.lists(
        st.tuples(
            st.sampled_from(["", "DE", "FR", "US"]), st.sampled_from(["", "Berlin", "Lyon", "Oslo"])
        ),
        max_size=3,
    ).map(tuple),
    devices=st.lists(st.sampled_from(DeviceKind.values), unique=True).map(tuple),
    browsers=st.lists(st.sampled_from(BrowserKind.values), unique=True).map(tuple),
    contacts=st.lists(
        st.sampled_from(["old@example.org", "maria@example.org", "01511234567"]) | words, max_size=3
    ).map(tuple),
    second_step=st.lists(st.sampled_from(StepKind.values), unique=True).map(tuple),
)


@EXAMPLES
@given(guesses, st.lists(st.booleans(), max_size=1))
def test_nobody_gets_more_than_the_most_that_an_account_can_give(answers, matches):
    former = tuple(FormerMatch(is_match=one) for one in matches)

    assert grade(answers, MARIA, former=former).score <= most(MARIA, NOW)


@EXAMPLES
@given(guesses)
def test_leaving_out_what_was_wrong_never_lowers_the_score(answers):
    graded = {one.question: one for one in grade(answers, MARIA).grades}
    left_out = {"name": {"first_name": "", "last_name": ""}} | {
        code: {code: type(getattr(answers, code))()}
        for code in ("places", "devices", "browsers", "contacts", "second_step")
    }
    for code, empty in left_out.items():
        if graded[code].score < 0:
            better = grade(replace(answers, **empty), MARIA)
            assert better.score >= grade(answers, MARIA).score


@EXAMPLES
@given(guesses)
def test_answers_survive_their_wait_as_json(answers):
    assert Answers.from_json(answers.as_json()) == answers
