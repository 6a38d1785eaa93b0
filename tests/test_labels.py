import pytest

from fer_core.labels import EXPRESSIONS, INDEX, is_class_name, parse_expression


def test_the_order_is_that_of_fer2013():
    assert EXPRESSIONS == ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")


def test_names_and_indices_round_trip():
    assert [EXPRESSIONS[INDEX[expression]] for expression in EXPRESSIONS] == list(EXPRESSIONS)


@pytest.mark.parametrize(
    ("text", "expression"),
    [("Anger", "angry"), (" happiness ", "happy"), ("FEARFUL", "fear"), ("surprised", "surprise"), ("sad", "sad")],
)
def test_spellings_of_other_data_sets_are_understood(text, expression):
    assert parse_expression(text) == expression


@pytest.mark.parametrize("text", ["contempt", "", "7", "happyy"])
def test_what_is_none_of_the_seven_is_none(text):
    assert parse_expression(text) is None


def test_contempt_is_a_class_that_is_left_out_and_nonsense_is_none():
    assert is_class_name("Contempt")
    assert not is_class_name("holiday")
