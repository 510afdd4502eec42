"""The made-up owners and attackers: what they are, and what is printed about them."""

import json
from datetime import timedelta
from io import StringIO
from random import Random

import pytest
from django.core.management import CommandError, call_command

from activity import policy, risk, useragents, weights
from activity.simulation import attackers, figures, trial
from activity.simulation.world import Person, World

ATTACKERS = ["naive", "vpn", "targeted", "very_targeted"]


def simulate(*arguments):
    out = StringIO()
    call_command("simulate_signins", *arguments, stdout=out)
    return out.getvalue()


@pytest.fixture(scope="module")
def table():
    return json.loads(simulate("--json", "--owners", "250", "--seed", "7"))


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setattr(trial, "PEOPLE", 50)


def people(many=60):
    world = World(Random("people"))
    return [Person(world, number) for number in range(many)]


def history(person, many=12):
    return [sign_in for _, sign_in in zip(range(many), person.sign_ins(), strict=False)]


def test_json_has_every_attacker_and_history(table):
    assert list(table) == ATTACKERS
    for cells in table.values():
        assert list(cells) == ["4", "12", "39"]
        for cell in cells.values():
            assert {"tpr", "reauth"} < set(cell)
            assert 0.99 <= cell["tpr"] <= 1
            assert 0 <= cell["reauth"] <= 1


def test_targeted_attackers_are_caught_at_the_published_cost_or_less(table):
    """Issue 5: at detection 0.99, 0.33 re-authentication at 12 sign-ins and 0.07 at 39."""
    assert table["targeted"]["12"]["reauth"] <= 0.33
    assert table["targeted"]["39"]["reauth"] == pytest.approx(0.07, abs=0.01)
    # 0.055 to 0.10 with 1000 owners and eight seeds; these are fewer.
    assert table["targeted"]["39"]["reauth_next"] <= 0.12


def test_who_knows_less_is_caught_at_less_cost(table):
    costs = [table[name]["39"]["reauth"] for name in ATTACKERS]

    assert costs == sorted(costs)


def test_the_shipped_bars_leave_owners_alone_and_ask_who_comes_from_anywhere(table):
    naive = table["naive"]["39"]

    assert naive["owners_asked"] <= 0.01
    assert naive["owners_told"] <= 0.05
    assert naive["told"] >= 0.95
    assert naive["asked"] >= 0.5


def test_one_seed_gives_one_table(small):
    arguments = ("--owners", "5", "--seed", "3")

    assert simulate(*arguments) == simulate(*arguments)
    assert simulate(*arguments) != simulate("--owners", "5", "--seed", "4")


def test_more_owners_change_nothing_about_the_first(small):
    few = trial.run(seed=1, owners=3, detection=0.99).tallies[4].full
    more = trial.run(seed=1, owners=6, detection=0.99).tallies[4].full

    assert more[:3] == few


def test_the_portals_own_judgement_decides(small, monkeypatch):
    calls = []
    real = risk.judge
    monkeypatch.setattr(risk, "judge", lambda *facts: calls.append(facts) or real(*facts))

    trial.run(seed=1, owners=1, detection=0.99)

    # Each of 40 sign-ins with all learned, and as the portal learns; the same for each try.
    tries = 3 * len(ATTACKERS) * trial.TRIES
    assert len(calls) == (40 + tries) * 2


def test_other_weights_give_another_table(small, monkeypatch):
    before = simulate("--owners", "5", "--json")

    monkeypatch.setattr(weights, "SCORES", ((-12, 90), (12, 100)))

    assert simulate("--owners", "5", "--json") != before


def test_table_has_the_published_figures_beside_ours(small):
    lines = simulate("--owners", "5").splitlines()

    cells = [line.split() for line in lines if line.startswith("targeted")]
    assert [(cell[1], cell[4]) for cell in cells] == [("4", "-"), ("12", "0.33"), ("39", "0.07")]
    assert [line.split()[:2] for line in lines[-3:]] == [
        ["owners", "4"],
        ["owners", "12"],
        ["owners", "39"],
    ]


def test_published_figures_stand_only_beside_their_own_detection(small):
    assert "0.33" not in simulate("--owners", "5", "--detection", "0.9").split("history")[1]


@pytest.mark.parametrize(
    "arguments",
    [
        ("--owners", "0"),
        ("--owners", "1000000"),
        ("--detection", "0"),
        ("--detection", "1.5"),
    ],
)
def test_odd_arguments_are_refused(arguments):
    with pytest.raises(CommandError):
        simulate(*arguments)


def test_no_account_is_read(django_assert_num_queries, small, db):
    with django_assert_num_queries(0):
        simulate("--owners", "1")


@pytest.mark.parametrize("name", sorted(figures.HEADERS))
def test_every_header_is_one_that_the_portal_can_read(name):
    first, later = (
        useragents.read(figures.HEADERS[name].format(v=version)) for version in (120, 150)
    )

    assert useragents.UNKNOWN not in (first.browser, first.system)
    assert first == later  # an update changes nothing


def test_browsers_are_updated_in_the_course_of_a_history():
    versions = {sign_in.version for person in people(10) for sign_in in history(person, 20)}

    assert len(versions) > 5


def test_sign_ins_of_one_person_are_in_order_and_end():
    for person in people(20):
        times = [sign_in.at for sign_in in person.sign_ins()]

        assert times == sorted(times)
        assert times[-1] - times[0] < timedelta(days=figures.LONGEST_DAYS) * 2


def tries(name):
    for person in people():
        past = history(person)
        yield past, attackers.attack(name, person.world, past, past[-1].at)


def usual(past, what):
    words = [what(sign_in) for sign_in in past]
    return max(words, key=words.count)


def test_naive_attackers_come_from_anywhere():
    countries = {tried.network.country for _past, tried in tries("naive")}

    assert len(countries) > 10


def test_vpn_attackers_know_the_country():
    for past, tried in tries("vpn"):
        assert tried.network.country in {each.network.country for each in past}
        assert tried.network.provider.startswith("hoster")


def test_targeted_attackers_know_country_and_browser():
    for past, tried in tries("targeted"):
        assert tried.network.country in {each.network.country for each in past}
        machine = usual(past, lambda each: each.machine)
        assert tried.machine.split("-")[1] == machine.split("-")[1]


def test_very_targeted_attackers_share_range_and_machine():
    for past, tried in tries("very_targeted"):
        assert tried.features.range in {each.features.range for each in past}
        assert tried.machine == usual(past, lambda each: each.machine)


def test_attackers_are_marked():
    assert all(tried.is_takeover for _past, tried in tries("naive"))


def test_unusual_sign_ins_that_nobody_answered_are_not_learned():
    ledger, common = trial.Ledger(), trial.Ledger()
    first, second = history(people(1)[0], 2)
    found = risk.Judgement(policy.UNUSUAL_FROM, risk.Level.MEDIUM, [])
    ledger.learn(first)

    trial._learn(ledger, second, found, is_answered=False)
    assert ledger.total == 1

    trial._learn(ledger, second, found, is_answered=True)
    assert ledger.total == 2
    assert ledger.judge(second, common).score < policy.UNUSUAL_FROM
