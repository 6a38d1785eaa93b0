import subprocess
from dataclasses import asdict, fields

import pytest

from fer_core.cli import app
from fer_core.datasets.assembling import again
from fer_core.datasets.assembling.command import build_command, command_of
from fer_core.datasets.assembling.demo import demo_recipe
from fer_core.datasets.assembling.recipe import DatasetRecipe
from fer_core.datasets.info import upgrade
from fer_core.errors import InputError
from tests.helpers.samples import make_info

SOURCES = (
    ("fer2013", "/data/fer2013.csv"),
    ("auto", "/data/my faces/CK+48"),
    ("auto", "/data/it's CK+48; rm -rf $HOME/a=b"),
    ("folder", '/data/a "quoted" \\ name'),
)
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
    "meanings": (("csv:numbers", "rafdb"), ("it's cross", "angry")),
    "turned": False,
}


def split(command):
    """The words that a shell hands to `fer`."""
    script = f"fer() {{ printf '%s\\0' \"$@\"; }}\n{command}"
    return subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True).stdout.split("\0")[:-1]


def parse(command, monkeypatch):
    """The recipe that the command line makes of a command that was pasted into a shell."""
    recipes = []

    def take(recipe, progress):
        recipes.append(recipe)
        raise InputError("enough")

    monkeypatch.setattr(again, "assemble_over", take)
    with pytest.raises(InputError, match="enough"):
        app(split(command), standalone_mode=False)
    return recipes[0]


def test_every_field_of_a_recipe_has_a_choice_here():
    assert {"name", "sources", *CHOICES} == {field.name for field in fields(DatasetRecipe)}


@pytest.mark.parametrize("field", CHOICES)
def test_the_command_of_a_recipe_makes_the_same_recipe(field, monkeypatch):
    recipe = DatasetRecipe("joined", sources=SOURCES, **{field: CHOICES[field]})
    assert parse(command_of(recipe), monkeypatch) == recipe


def test_the_command_of_all_choices_at_once_makes_the_same_recipe(monkeypatch):
    recipe = DatasetRecipe("joined", sources=SOURCES, **CHOICES)
    assert parse(command_of(recipe), monkeypatch) == recipe


def test_what_is_the_default_is_not_named():
    assert command_of(DatasetRecipe("x", sources=(("ckplus", "/ck"),))) == "fer data assemble x --source ckplus=/ck"


def test_a_source_that_is_recognised_is_named_by_its_path_alone_unless_that_has_an_equals_sign():
    command = command_of(DatasetRecipe("x", sources=(("auto", "/data/CK+48"), ("auto", "/data/a=b"))))
    assert command == "fer data assemble x --source /data/CK+48 --source auto=/data/a=b"


def test_a_long_command_has_an_option_a_line():
    recipe = DatasetRecipe(
        "joined", sources=(("ckplus", "/data/" + 60 * "x"), ("auto", "/my faces")), split="80:10:10", near=False
    )
    lines = ["fer data assemble joined", f"    --source {recipe.sources[0][0]}={recipe.sources[0][1]}"]
    lines += ["    --source '/my faces'", "    --split 80:10:10", "    --no-near"]
    assert command_of(recipe) == " \\\n".join(lines)


def test_drawn_faces_are_drawn_again_also_those_of_a_version_that_did_not_keep_how_many_they_are():
    recipe, sources = asdict(demo_recipe("drawn", 420, 3)), [["demo", "seed 3"]]
    kept = {"name": "drawn", "n": 400, "labels": {"n_dropped": 20}, "recipe": {**recipe, "sources": sources}}
    info = make_info(**upgrade(kept))
    options = ("--source 'demo=420 faces, seed 3'", "--split 80:10:10", "--size 64", "--seed 3", "--no-near")
    assert build_command(info).replace(" \\\n    ", " ") == " ".join(["fer data assemble drawn", *options])
