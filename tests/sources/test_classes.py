import pytest

from fer_core.datasets.assembling.assemble import assemble
from fer_core.datasets.assembling.command import command_of
from fer_core.datasets.assembling.recipe import DatasetRecipe
from fer_core.errors import InputError
from fer_core.labels import EXPRESSIONS
from fer_core.sources.classes import LEAVE_OUT, ORDERS, Classes, check_meanings, classes_of, parse_meaning
from fer_core.sources.readers import read_source
from tests.helpers.samples import write_image


def write_folders(root, *classes):
    for i, name in enumerate(classes):
        write_image(root / name / f"{i}.png", i)
    return root


def test_what_a_person_says_of_a_class_wins_over_its_name():
    classes = Classes((("Furious", "angry"), ("sad", "fear"), ("bored", LEAVE_OUT)))
    assert [classes.parse(name) for name in ("furious", "SAD ", "happy", "bored")] == ["angry", "fear", "happy", None]
    assert classes.is_known("bored")
    assert not classes.is_known("sleepy")


def test_a_meaning_that_names_a_source_is_for_that_source_alone():
    meanings = (("3", "happy"), ("folder:3", "sad"), ("rafdb:numbers", "rafdb"))
    assert classes_of("folder", meanings).numbers == {3: "sad"}
    assert classes_of("csv", meanings).numbers == {3: "happy"}
    assert classes_of("rafdb", meanings).numbers == {**ORDERS["rafdb"], 3: "happy"}


def test_what_a_person_says_of_one_number_leaves_the_others_as_they_are_known():
    known = {1: "sad", 2: "happy"}
    assert Classes((("2", LEAVE_OUT),)).merge_numbers(known) == {1: "sad", 2: LEAVE_OUT}
    assert Classes((("2", "fear"),), "rafdb").merge_numbers(known) == {**ORDERS["rafdb"], 2: "fear"}
    assert Classes().merge_numbers(known) == known


@pytest.mark.parametrize("meanings", [("furious", "cross"), ("numbers", "angry"), ("folder:numbers", "alphabet")])
def test_a_meaning_that_there_is_not_is_refused_with_those_that_there_are(meanings):
    with pytest.raises(InputError, match="choose one of"):
        check_meanings([meanings])


@pytest.mark.parametrize("text", ["furious", "=angry", "furious="])
def test_a_meaning_of_another_form_is_refused(text):
    with pytest.raises(InputError, match="expected CLASS=EXPRESSION"):
        parse_meaning(text)


def test_a_class_may_hold_an_equals_sign():
    assert parse_meaning("a=b=Happy") == ("a=b", "happy")


def test_every_order_names_the_seven_expressions():
    for order in ORDERS.values():
        assert set(EXPRESSIONS) <= set(order.values())


def test_folders_of_unknown_names_are_named_and_read_once_a_person_says_what_they_mean(tmp_path):
    root = write_folders(tmp_path, "happy", "furious", "bored")
    assert read_source("folder", root).unknown == {"furious": 1, "bored": 1}
    reading = read_source("folder", root, Classes((("furious", "angry"), ("bored", LEAVE_OUT))))
    assert sorted(reading.table["expression"]) == ["angry", "happy"]
    assert (reading.unknown, dict(reading.left_out), reading.problems) == ({}, {"bored": 1}, [])


def test_a_data_set_keeps_the_meanings_in_its_recipe_and_its_command(tmp_path, workspace):
    root = write_folders(tmp_path / "own", "happy", "furious")
    recipe = DatasetRecipe(
        "own", sources=(("folder", str(root)),), split="80:10:10", meanings=(("folder:furious", "angry"),)
    )
    dataset = assemble(recipe)
    assert sorted(dataset.table["expression"]) == ["angry", "happy"]
    assert "--meaning folder:furious=angry" in command_of(recipe)
