"""Made-up people against the shipped weights, bar and table; what the issue asks of them."""

import json
import re
from dataclasses import replace
from io import StringIO
from random import Random
from xml.etree import ElementTree

import pytest
from django.core.management import CommandError, call_command

from recovery import policy, weights
from recovery.enums import Outcome, RiskLevel
from recovery.evidence import Result
from recovery.simulation import chart, figures
from recovery.simulation.people import Answerer
from recovery.simulation.trial import OWNERS, Tally, run
from recovery.simulation.world import NOW, World

ATTACKERS = {"stranger", "acquaintance", "ex_partner", "thief_inside"}
SHARES = {"reached_review", "granted_alone"}


@pytest.fixture(scope="module", params=[False, True], ids=["countries", "towns"])
def trial(request):
    return run(seed=7, people=800, has_towns=request.param)


def printed(**options):
    out = StringIO()
    call_command("simulate_policy", stdout=out, **options)
    return out.getvalue()


def test_three_of_five_owners_reach_staff(trial):
    assert trial.as_json()["owners"]["reached_review"] >= 0.6


def test_of_a_hundred_strangers_one_reaches_staff_at_most(trial):
    assert trial.as_json()["attackers"]["stranger"]["reached_review"] <= 0.01


def test_nobody_is_granted_by_answers_without_two_people(trial):
    assert {name: tally.granted_alone for name, tally in trial.groups.items()} == dict.fromkeys(
        {OWNERS, *ATTACKERS}, 0
    )


def test_public_facts_take_fewer_to_staff_than_owning_the_account(trial):
    shares = {name: tally.share(tally.reached) for name, tally in trial.groups.items()}

    assert shares["stranger"] < shares["acquaintance"] < shares[OWNERS]


def test_one_seed_gives_one_result_and_another_seed_another():
    first, again, other = (run(seed=seed, people=40).groups[OWNERS].bits for seed in (1, 1, 2))

    assert first == again
    assert first != other


def test_a_higher_bar_lets_fewer_through_and_says_so():
    low, high = (run(seed=3, people=200, bar=bar) for bar in (5, 45))

    assert (low.bar, high.bar) == (5, 45)
    assert low.groups[OWNERS].at_least(5) > high.groups[OWNERS].at_least(45)
    assert low.groups[OWNERS].needs_check < high.groups[OWNERS].needs_check  # thin: out of reach


def test_shipped_bar_is_that_of_the_weights():
    assert run(seed=1, people=1).bar == weights.BAR / 10


def test_approval_by_one_person_or_none_counts_as_granted_alone():
    result = Result((), score=300, bar=200, is_above_bar=True, is_thin=False, version="test")
    by_two = policy.Decision(Outcome.REVIEW, row="", people=2)
    tally = Tally()

    for decision in (
        by_two,
        replace(by_two, people=1),
        policy.Decision(Outcome.HOLD, row=""),
        policy.Decision(Outcome.APPROVE, row=""),
        policy.Decision(Outcome.DENY, row=""),
    ):
        tally.add(result, RiskLevel.LOW, decision)

    assert (tally.claims, tally.reached, tally.granted_alone) == (5, 2, 3)


def test_site_that_lets_one_person_approve_sees_it_in_the_figures(settings):
    settings.ONE_PERSON_FOR_LOW_RISK = True

    attackers = run(seed=1, people=300).as_json()["attackers"]

    assert attackers["thief_inside"]["granted_alone"] > 0


def test_who_knows_everything_answers_everything_right():
    everything = figures.Knowledge(**dict.fromkeys(vars(figures.STRANGER), 1.0) | {"slips": 0.0})
    world = World(Random(1), has_towns=True)
    person = world.person()

    answers = Answerer(world, person, everything).answers(passwords=0)

    made = person.history.created_at
    assert (answers.first_name, answers.last_name) == person.history.names[0]
    assert answers.birth == (person.birth.day, person.birth.month, person.birth.year)
    assert answers.created[1] == made.year
    assert set(answers.devices) == set(person.history.devices)
    assert set(answers.contacts) == person.history.contact_keys
    assert set(answers.places) <= set(person.history.places)


def test_who_knows_nothing_and_never_guesses_ticks_only_what_is_common():
    nothing = figures.Knowledge(**dict.fromkeys(vars(figures.STRANGER), 0.0))
    world = World(Random(2), has_towns=False)
    answerer = Answerer(world, world.person(), nothing)

    answers = answerer.answers(passwords=0)

    assert answerer.former() == ()
    assert (answers.first_name, answers.birth, answers.places, answers.contacts) == (
        "",
        (None, None, None),
        (),
        (),
    )


@pytest.mark.parametrize(
    ("months", "left"), [(0, 1), (1, 1), (2, 0.858), (3, 0.716), (12, 0.635), (60, 0.635)]
)
def test_recall_fades_over_months_as_measured(months, left):
    assert figures.remembered(1, months) == pytest.approx(left, abs=0.001)


def test_countries_alone_are_all_that_the_shipped_database_knows():
    person = World(Random(3), has_towns=False).person()

    assert {town for _country, town in person.history.places} == {""}
    assert person.history.as_of == NOW


def test_json_has_the_shape_that_other_programs_read():
    found = json.loads(printed(json=True, people=20))

    assert 0 <= found["owners"]["reached_review"] <= 1
    assert found["attackers"].keys() == ATTACKERS
    assert {name: set(each) for name, each in found["attackers"].items()} == dict.fromkeys(
        ATTACKERS, SHARES
    )
    assert (found["people"], found["seed"]) == (20, 1)


def test_table_names_every_group_once():
    table = printed(people=20, seed=4, bar=12.5)

    assert "seed 4, bar 12.5 bits" in table
    for name in ("owners", "stranger", "acquaintance", "ex partner", "thief inside"):
        assert len(re.findall(rf"^{name} ", table, re.MULTILINE)) == 1


def test_plot_is_a_picture_without_styles_that_says_itself_in_words(tmp_path):
    path = tmp_path / "plot.svg"

    printed(people=20, plot=path, json=True)

    picture = ElementTree.fromstring(path.read_text("utf-8"))
    names = [each.tag.rpartition("}")[2] for each in picture.iter()]
    assert names.count("polyline") == 5
    assert names[:3] == ["svg", "title", "desc"]
    assert not {"style", "script"} & set(names)
    assert not any("style" in each.attrib for each in picture.iter())
    assert "thief inside" in "".join(picture.itertext())


def test_every_line_of_the_plot_differs_by_more_than_its_colour():
    assert len({dashes for _colour, dashes in chart.LINES.values()}) == len(chart.LINES)


@pytest.mark.parametrize("people", [0, 100_001])
def test_too_few_and_too_many_people_are_refused(people):
    with pytest.raises(CommandError, match="--people"):
        printed(people=people)


def test_a_plot_that_cannot_be_written_is_refused(tmp_path):
    with pytest.raises(CommandError, match="--plot"):
        printed(people=1, plot=tmp_path / "missing" / "plot.svg")
