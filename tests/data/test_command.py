import shlex
from dataclasses import fields

import pytest

from fer_core.cli import app
from fer_core.data import again
from fer_core.data.command import build_command, command_of
from fer_core.data.demo import make_demo
from fer_core.data.recipe import Recipe
from fer_core.errors import InputError

SOURCES = (("fer2013", "/data/fer2013.csv"), ("auto", "/data/it's CK+48; rm -rf $HOME/a=b"))
# A value other than the default for every field.
CHOICES = {
    "split": "leave-out:ckplus",
    "size": 64,
    "seed": 7,
    "skip_bad": True,
    "copies": "drop_surplus",
    "near": False,
    "labels": "votes",
    "drop": ("unknown", "not-a-face"),
    "relabel": "all",
    "corrections": "other",
    "leave_out": ("dark", "not-a-face"),
    "caps": (("fer2013", 3000), ("auto", 5)),
    "balance": ("ckplus", "jaffe"),
    "align": True,
}


def parse(command, monkeypatch):
    """The recipe that the command line makes of a command."""
    recipes = []

    def take(recipe, progress):
        recipes.append(recipe)
        raise InputError("enough")

    monkeypatch.setattr(again, "assemble_over", take)
    words = shlex.split(command)
    assert words[0] == "fer"
    with pytest.raises(InputError, match="enough"):
        app(words[1:], standalone_mode=False)
    return recipes[0]


def test_every_field_of_a_recipe_has_a_choice_here():
    assert {"name", "sources", *CHOICES} == {field.name for field in fields(Recipe)}


@pytest.mark.parametrize("field", CHOICES)
def test_the_command_of_a_recipe_makes_the_same_recipe(field, monkeypatch):
    recipe = Recipe("joined", SOURCES, **{field: CHOICES[field]})
    assert parse(command_of(recipe), monkeypatch) == recipe


def test_the_command_of_all_choices_at_once_makes_the_same_recipe(monkeypatch):
    recipe = Recipe("joined", SOURCES, **CHOICES)
    assert parse(command_of(recipe), monkeypatch) == recipe


def test_what_is_the_default_is_not_named():
    assert command_of(Recipe("x", (("ckplus", "/ck"),))) == "fer data assemble x --source ckplus=/ck"


def test_drawn_faces_are_drawn_again():
    assert build_command(make_demo("drawn", 420, 3).info) == "fer data demo --name drawn --n 420 --seed 3"
