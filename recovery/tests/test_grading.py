"""Answers against a history: each question, and what holds over all of them."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from recovery import weights
from recovery.enums import Grade
from recovery.evidence import Answers, FormerMatch, History
from recovery.grading import grade
from recovery.questions import BrowserKind, DeviceKind, LastSignIn, StepKind

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
MARIA = History(
    as_of=NOW,
    names=(("Maria", "Rossi"), ("Maria", "Bianchi")),
    birth_dates=(date(1980, 5, 17),),
    countries=("DE",),
    postal_codes=("10115",),
    created_at=datetime(2019, 3, 10, tzinfo=UTC),
    last_sign_in_at=NOW - timedelta(days=20),
    places={("DE", "Berlin"): 90, ("FR", "Lyon"): 4},
    devices={DeviceKind.IPHONE: 40, DeviceKind.WINDOWS: 50},
    browsers={BrowserKind.SAFARI: 40, BrowserKind.FIREFOX: 50},
    contact_keys=frozenset({"old@example.org", "+491511234567"}),
    second_steps=frozenset({StepKind.APP}),
    has_former_passwords=True,
    claimed_keys=frozenset({"maria@example.org", "new@example.net"}),
)


def one(question, history=MARIA, fits=None, **answers):
    """Give (grade, score) of one question."""
    result = grade(Answers(**answers), history, facts=fits)
    found = next(graded for graded in result.grades if graded.question == question)
    return found.grade, found.score


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        (("Maria", "Rossi"), (Grade.MATCH, weights.NAME)),
        (("maría", " ROSSI "), (Grade.MATCH, weights.NAME)),
        (("Rossi", "Maria"), (Grade.MATCH, weights.NAME)),
        (("Maria", "Bianchi"), (Grade.MATCH, weights.NAME)),
        (("Mara", "Rosi"), (Grade.NEAR, weights.NAME_NEAR)),
        (("Maria", ""), (Grade.NEAR, weights.NAME_NEAR)),
        (("Anna", "Verdi"), (Grade.NONE, weights.PUBLIC_WRONG)),
        (("", ""), (Grade.LEFT_OUT, 0)),
    ],
)
def test_names_are_compared_with_present_and_former_ones_forgiving_typing_errors(typed, expected):
    assert one("name", first_name=typed[0], last_name=typed[1]) == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ((17, 5, 1980), (Grade.MATCH, weights.BIRTH_DATE)),
        ((None, 5, 1980), (Grade.NEAR, weights.BIRTH_DATE_NEAR)),
        ((5, 17, 1980), (Grade.NEAR, weights.BIRTH_DATE_NEAR)),
        ((17, 5, 1981), (Grade.NEAR, weights.BIRTH_DATE_NEAR)),
        ((None, 6, 1980), (Grade.NONE, weights.PUBLIC_WRONG)),
        ((1, 1, 1980), (Grade.NONE, weights.PUBLIC_WRONG)),
    ],
)
def test_partial_dates_of_birth_are_near(given, expected):
    assert one("birth_date", birth=given) == expected


@pytest.mark.parametrize(
    ("country", "code", "expected"),
    [
        ("DE", "10 115", (Grade.MATCH, weights.HOME)),
        ("", "10115", (Grade.MATCH, weights.HOME)),
        ("DE", "10999", (Grade.NEAR, weights.HOME_NEAR)),
        ("DE", "", (Grade.NEAR, weights.HOME_COUNTRY)),
        ("DE", "80331", (Grade.NONE, weights.PUBLIC_WRONG)),
        ("FR", "", (Grade.NONE, weights.PUBLIC_WRONG)),
    ],
)
def test_home_is_compared_by_country_and_postal_code(country, code, expected):
    assert one("home", country=country, postal_code=code) == expected


def test_public_facts_together_stay_far_below_the_bar():
    public = Answers(
        first_name="Maria",
        last_name="Rossi",
        birth=(17, 5, 1980),
        country="DE",
        postal_code="10115",
    )

    result = grade(public, MARIA)

    assert sum(graded.score for graded in result.grades) > weights.PUBLIC_CAP
    assert result.score == weights.PUBLIC_CAP < weights.BAR / 2
    assert not result.is_above_bar


@pytest.mark.parametrize(
    ("created", "expected"),
    [
        ((4, 2019), (Grade.MATCH, weights.CREATED_MATCH)),
        ((9, 2019), (Grade.NEAR, weights.CREATED_HALF_YEAR)),
        ((None, 2019), (Grade.NEAR, weights.CREATED_HALF_YEAR)),
        ((None, 2018), (Grade.NEAR, weights.CREATED_YEAR)),
        ((3, 2020), (Grade.NEAR, weights.CREATED_YEAR)),
        ((None, 2021), (Grade.NONE, weights.CREATED_WRONG)),
        ((3, None), (Grade.LEFT_OUT, 0)),
    ],
)
def test_a_year_is_good_enough_for_when_the_account_was_made(created, expected):
    assert one("created", created=created) == expected


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (LastSignIn.MONTH, (Grade.MATCH, 20)),
        (LastSignIn.WEEK, (Grade.NEAR, weights.LAST_SIGN_IN_NEAR)),
        (LastSignIn.QUARTER, (Grade.NEAR, weights.LAST_SIGN_IN_NEAR)),
        (LastSignIn.YEAR, (Grade.NONE, weights.LAST_SIGN_IN_WRONG)),
    ],
)
def test_last_sign_in_is_fair_and_its_neighbours_are_near(said, expected):
    assert one("last_sign_in", last_sign_in=said) == expected


def test_last_sign_in_is_counted_from_when_it_was_asked_and_never_worth_more_than_two_and_a_half():
    later = grade(Answers(last_sign_in=LastSignIn.YEAR), MARIA, now=NOW + timedelta(days=150))

    assert later.score == weights.LAST_SIGN_IN[LastSignIn.YEAR]
    assert max(weights.LAST_SIGN_IN.values()) <= 25


def test_a_rare_town_weighs_more_than_the_usual_one_and_only_the_rarest_counts_in_full():
    usual = one("places", places=(("DE", "Berlin"),))
    rare = one("places", places=(("FR", "Lyon"),))
    both = one("places", places=(("DE", "Berlin"), ("FR", "Lyon")))

    assert usual == (Grade.MATCH, weights.TOWN + 1)
    assert rare == (Grade.MATCH, weights.TOWN + weights.TOWN_RAREST)
    assert both == (Grade.MATCH, rare[1] + weights.FURTHER_PLACE)


def test_the_same_town_typed_thrice_counts_once_and_a_wrong_one_costs():
    once = one("places", places=(("DE", "Berlin"),))
    thrice = one("places", places=(("DE", "Berlin"), ("", "berlin"), ("DE", "Berlim")))
    wrong = one("places", places=(("DE", "Berlin"), ("US", "Boston")))

    assert thrice == once
    assert wrong == (Grade.MATCH, once[1] + weights.PLACE_WRONG)


def test_a_country_is_near_where_towns_are_known_and_all_there_is_where_not():
    no_towns = replace(MARIA, places={("DE", ""): 90, ("FR", ""): 4})

    assert one("places", places=(("DE", "Hamburg"),))[0] == Grade.NEAR
    assert one("places", no_towns, places=(("FR", ""),))[0] == Grade.MATCH
    assert one("places", no_towns, places=(("FR", ""),))[1] == (
        weights.COUNTRY + weights.COUNTRY_RAREST
    )


@pytest.mark.parametrize(
    ("question", "worth", "field"),
    [
        ("devices", weights.DEVICES, "devices"),
        ("browsers", weights.BROWSERS, "browsers"),
        ("second_step", weights.SECOND_STEPS, "second_steps"),
    ],
)
def test_whoever_ticks_everything_gains_nothing_on_any_account(question, worth, field):
    answered = {"second_steps": "second_step"}.get(field, field)
    everything = {answered: tuple(worth)}
    for truth in [set(worth), set(list(worth)[1:]), {next(iter(worth))}]:
        known = frozenset(truth) if field == "second_steps" else dict.fromkeys(truth, 1)

        assert one(question, replace(MARIA, **{field: known}), **everything)[1] <= 0


def test_a_wrong_tick_costs_what_a_right_one_gains():
    for kind, worth in weights.DEVICES.items():
        has = replace(MARIA, devices={kind: 1})
        has_not = replace(MARIA, devices=dict.fromkeys(set(weights.DEVICES) - {kind}, 1))

        assert one("devices", has, devices=(kind,)) == (Grade.MATCH, worth)
        assert one("devices", has_not, devices=(kind,)) == (Grade.NONE, -worth)


def test_that_there_was_no_second_step_is_an_answer_too():
    without = replace(MARIA, second_steps=frozenset())

    assert one("second_step", without, second_step=(StepKind.NONE,))[0] == Grade.MATCH
    assert one("second_step", MARIA, second_step=(StepKind.NONE,))[0] == Grade.NONE


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        (("OLD@example.org",), (Grade.MATCH, weights.CONTACT_EMAIL)),
        (("+49 1511 234567",), (Grade.MATCH, weights.CONTACT_PHONE)),
        (("01511 234567",), (Grade.MATCH, weights.CONTACT_PHONE)),
        (("234567",), (Grade.NONE, weights.CONTACT_WRONG)),
        (("old@example.org", "+491511234567"), (Grade.MATCH, 90 + 35)),
        (("old@example.org", "nobody@example.org"), (Grade.NEAR, 70 + weights.CONTACT_WRONG)),
        (("not an address",), (Grade.NONE, weights.CONTACT_WRONG)),
    ],
)
def test_addresses_once_held_are_compared_in_full(typed, expected):
    assert one("contacts", contacts=typed) == expected


def test_what_was_typed_to_open_the_ticket_is_no_answer():
    known = replace(MARIA, contact_keys=MARIA.contact_keys | {"maria@example.org"})

    for history in (MARIA, known):
        graded = one("contacts", history, contacts=("Maria@example.org", "new@example.net"))
        assert graded == (Grade.NOTHING, 0)


def test_earlier_passwords_weigh_most_and_say_only_the_years():
    former = (FormerMatch(is_match=True, year=2023), FormerMatch(is_match=True, year=2021))
    result = grade(Answers(passwords=("a", "b")), MARIA, former=former)
    graded = next(one for one in result.grades if one.question == "passwords")

    assert (graded.grade, graded.score) == (Grade.MATCH, weights.PASSWORD + weights.PASSWORD // 2)
    assert graded.details == {"right": 2, "years": [2021, 2023]}
    assert not result.is_above_bar, "two passwords of a leak are not enough"


def test_the_operators_facts_are_graded_as_they_were_compared(settings):
    settings.EVIDENCE_FACTS = ["student=Student number"]
    known = replace(MARIA, fact_names=frozenset({"student"}))
    typed = {"facts": {"student": "123"}}
    code = "fact:student"

    assert one(code, known, fits={"student": True}, **typed) == (Grade.MATCH, weights.FACT)
    assert one(code, known, fits={"student": False}, **typed) == (Grade.NONE, weights.FACT_WRONG)
    assert one(code, MARIA, **typed) == (Grade.NOTHING, 0)
    assert one(code, known) == (Grade.LEFT_OUT, 0)


def test_facts_that_an_account_has_not_are_no_miss():
    everything = Answers(
        first_name="Anna",
        birth=(1, 1, 1990),
        country="FR",
        created=(1, 2020),
        last_sign_in=LastSignIn.WEEK,
        places=(("DE", "Berlin"),),
        devices=(DeviceKind.MAC,),
        browsers=(BrowserKind.EDGE,),
        contacts=("x@example.org",),
        second_step=(StepKind.APP,),
        passwords=("x",),
    )

    result = grade(everything, History(as_of=NOW), former=(FormerMatch(is_match=False),))

    assert {graded.grade for graded in result.grades} == {Grade.NOTHING}
    assert (result.score, result.is_above_bar, result.is_thin) == (0, False, False)


def test_an_empty_answer_costs_nothing():
    result = grade(Answers(), MARIA)

    assert {graded.grade for graded in result.grades} == {Grade.LEFT_OUT}
    assert result.score == 0


def test_only_questions_of_the_site_are_graded(settings):
    settings.EVIDENCE_QUESTIONS = ["name", "passwords"]

    result = grade(Answers(first_name="Maria"), MARIA)

    assert [graded.question for graded in result.grades] == ["name", "passwords"]


def test_a_good_memory_passes_the_bar_and_an_account_with_little_history_is_thin():
    good = Answers(
        first_name="Maria",
        last_name="Rossi",
        created=(None, 2019),
        places=(("FR", "Lyon"),),
        contacts=("old@example.org",),
        last_sign_in=LastSignIn.MONTH,
    )
    imported = History(as_of=NOW, names=(("Maria", "Rossi"),), created_at=NOW)

    assert grade(good, MARIA).is_above_bar
    assert not grade(good, MARIA).is_thin
    assert grade(Answers(first_name="Maria"), imported).is_thin
    assert not grade(Answers(first_name="Anna"), imported).is_thin, "it speaks against itself"


def test_answers_name_themselves_nowhere():
    assert "Maria" not in repr(Answers(first_name="Maria"))
    for graded in grade(Answers(first_name="Xaver", contacts=("a@b.example",)), MARIA).grades:
        assert "Xaver" not in str(graded)
        assert "b.example" not in str(graded)
