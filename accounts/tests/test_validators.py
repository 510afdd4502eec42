import pytest

from accounts import validators

GOOD = "Copper-lantern-7-river"


@pytest.mark.parametrize(
    ("password", "broken"),
    [
        (GOOD, []),
        ("Copper-7-riv", []),
        ("Copper-7-ri", ["length-12"]),
        ("Aé1!" * 32, []),
        ("Aé1!" * 32 + "x", ["longest"]),
        ("copper-lantern-7-river", ["upper"]),
        ("COPPER-LANTERN-7-RIVER", ["lower"]),
        ("Copper-lantern-x-river", ["digit"]),
        ("Copperlantern7river", ["special"]),
        ("Copper lantern 7 river", ["special"]),
        ("Password1234!", ["common"]),
        ("Äpfel-und-Birnen-7", []),
        ("", ["length-12", "upper", "lower", "digit", "special"]),
    ],
)
def test_mixed_policy(password, broken):
    assert validators.broken_rules(password) == broken


@pytest.mark.parametrize(
    ("password", "broken"),
    [
        ("copper lantern river", []),
        ("copper lantern", ["length-15"]),
        ("x" * 129, ["longest"]),
        ("1234567890 password", ["common"]),
        ("qwertyuiop12345", ["common"]),
    ],
)
def test_length_policy_asks_for_no_kinds_of_signs(settings, password, broken):
    settings.PASSWORD_POLICY = "length"

    assert validators.broken_rules(password) == broken


def test_length_counts_composed_letters():
    eleven = "e\u0301" * 11

    assert "length-12" in validators.broken_rules(eleven)
    assert "length-12" not in validators.broken_rules(eleven + "e")


@pytest.mark.parametrize(
    "words",
    [["Lantern"], ["maria.lantern@example.org"], ["River-Smith"], ["x@copper.example"]],
)
def test_words_of_the_person_are_refused_in_any_case(words):
    assert validators.broken_rules(GOOD, words) == ["words"]


def test_name_of_the_site_is_refused(settings):
    settings.SITE_NAME = "Lantern Club"

    assert validators.broken_rules(GOOD) == ["words"]


def test_short_words_are_not_held_against_a_password():
    assert validators.broken_rules(GOOD, ["Lan", "Ri", ""]) == []


def test_checklist_has_a_sentence_for_every_code_in_order():
    assert validators.checklist() == [
        ("length-12", "12 characters or more"),
        ("upper", "a capital letter"),
        ("lower", "a small letter"),
        ("digit", "a digit"),
        ("special", "another sign, such as ! or -"),
        ("common", "not a common password"),
        ("words", "without your name, your address or the name of this site"),
        ("former", "not one of your last 5"),
    ]


@pytest.mark.parametrize(
    ("code", "sentence"),
    [("longest", "128 characters at most"), ("former", "not one of your last 5")],
)
def test_every_code_has_a_sentence(code, sentence):
    assert validators.sentence(code) == sentence
