"""Every command that has --json prints one document on stdout and nothing else: found from the app itself."""

import json
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest
import typer

from fer_core.bench import predict as bench_predict
from fer_core.bench import train as bench_train
from fer_core.cli import app
from fer_core.cli.output import print_json
from fer_core.datasets.assembling.assemble import assemble
from fer_core.datasets.assembling.recipe import DatasetRecipe
from fer_core.datasets.corrections.log import open_log
from fer_core.datasets.dataset import open_dataset
from fer_core.review.correct import correct_face
from fer_core.runners import local
from fer_core.runs.config import build_config
from fer_core.runs.create import create_run
from fer_core.studies.kfold import start_folds
from fer_core.studies.search import start
from fer_core.studies.source_leak import net as source_leak
from tests.helpers.command import call
from tests.helpers.photo import draw_photo
from tests.helpers.samples import make_dataset, make_voted_dataset, write_ckplus, write_fer2013
from tests.helpers.tables import row
from tests.helpers.tables import write_file as write_results
from tests.helpers.trained import finish
from tests.helpers.training import TINY

SETTINGS = " ".join(f"--set {key}={value}" for key, value in {**TINY, "epochs": 1}.items() if key != "dataset")
SLOW = pytest.mark.slow

# Command -> the arguments of an example in the workspace of `built`; {folder} is where its files lie.
EXAMPLES: dict[str, tuple[str, ...]] = {
    "presets": ("", "compact"),
    "recipes": ("", "compact"),
    "submit": (f"--dataset tiny {SETTINGS}", f"--dataset tiny {SETTINGS} --seeds 0,1"),
    "jobs": ("",),
    "extend": ("first --epochs 1",),
    "evaluate": ("first", "first --dataset voted"),
    "predict": ("{folder}/photo.png --run first",),
    "ensemble": ("first second",),
    "lr-range": (f"--dataset tiny {SETTINGS} --steps 10",),
    "runs list": ("",),
    "runs show": ("first",),
    "runs learned": ("first",),
    "runs add-people-head": ("voting",),
    "kfold": (f"--dataset tiny --folds 2 {SETTINGS}",),
    "kfold list": ("",),
    "kfold show": ("{group}",),
    "search list": ("",),
    "search show": ("looking",),
    "data list": ("",),
    "data inspect": ("{folder}/CK+48",),
    "data assemble": ("fresh --source {folder}/fer2013.csv",),
    "data again": ("tiny",),
    "data copies": ("--source {folder}/fer2013.csv",),
    "data correct": ("tiny 'fer2013:row 3' sad", "tiny --pseudo {folder}/pseudo.csv"),
    "data undo": ("tiny {act}",),
    "data corrections": ("tiny", "tiny --csv {folder}/corrections.csv"),
    "data suspects": ("tiny --kfold {group}",),
    "data agreement": ("voted",),
    "data quality": ("tiny", "tiny --flag blurred"),
    "data left-out": ("tiny",),
    "data balance": ("tiny",),
    "data source-leak": ("mixed --n 200",),
    "results run": ("--file {folder}/results.toml",),
    "bench assemble": ("{folder}/fer2013.csv",),
    "bench train": (f"--dataset tiny --rounds 1 {SETTINGS}",),
    "bench predict": ("first",),
    "bench copies": ("400",),
    "bench recall": ("tiny",),
    "bench learned": ("tiny",),
    "bench large": ("100",),
    "bench quality": ("100",),
    "bench browse": ("500",),
}
# Their documents are read where a pack is made and comes home: tests/studies/gpu/test_whole.py.
ELSEWHERE = ("gpu pack", "gpu unpack")
# Those that take seconds, or start a process that imports torch.
_SLOW = ("lr-range", "data source-leak", "bench train", "bench predict", "bench copies", "bench large")


def walk(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """(name, command) of every command of the app, groups that are commands themselves included."""
    if path:
        yield " ".join(path), command
    for name, child in sorted(getattr(command, "commands", {}).items()):
        yield from walk(child, (*path, name))


def commands_with_json() -> list[str]:
    root = typer.main.get_command(app)
    return [name for name, command in walk(root) if any("--json" in option.opts for option in command.params)]


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A workspace with all that the examples need, and what stands for their braces."""
    folder = tmp_path_factory.mktemp("json")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FER_HOME", str(folder / "workspace"))
        patch.setattr(local, "start_supervisor", lambda *args: None)
        patch.setattr(start, "launch", lambda search: None)
        make_dataset(folder)
        make_voted_dataset(folder)
        for name, seed in (("first", 0), ("second", 1)):
            finish(create_run(build_config({**TINY, "epochs": 1, "name": name, "seed": seed}), "test"))
        voting = build_config({**TINY, "epochs": 1, "name": "voting", "dataset": "voted"})
        finish(create_run(voting, "test"))
        group = start_folds(build_config({**TINY, "epochs": 1, "folds": 2}), "test")
        for run in group.runs:
            finish(run)
        start.start_search("looking", {"dataset": "tiny"}, ["epochs=1..3"], 2, 0, "test")
        draw_photo(seed=1).save(folder / "photo.png")
        (folder / "pseudo.csv").write_text("path,label\nrow 2,fear\nrow 99,sad\n")
        act = correct_face(open_dataset("tiny"), open_log("tiny"), "fer2013:row 1", "happy", "test").act
        write_results(folder, row("by-hand", "recorded", "[[row.recorded]]\non = 2026-11-24\nn = 7\ntest = 60.0\n"))
        write_ckplus(folder)
        write_fer2013(folder)
        sources = [("fer2013", str(write_fer2013(folder / f"source-{seed}", seed=seed))) for seed in (5, 6)]
        assemble(DatasetRecipe("mixed", sources=tuple(sources)))
    return {"folder": folder, "group": group.group_id, "act": act}


@pytest.fixture
def soon(monkeypatch):
    """What is measured and learned for a minute takes a few steps: the form of the document is the same."""
    monkeypatch.setattr(source_leak, "tell_source", partial(source_leak.tell_source, n_steps=2))
    monkeypatch.setattr(bench_train, "_STEPS", 2)
    monkeypatch.setattr(bench_train, "_WARM_UP", 1)
    monkeypatch.setattr(bench_predict, "_BATCH", 8)
    monkeypatch.setattr(bench_predict, "bench_predict", partial(bench_predict.bench_predict, repeats=2))


def test_every_command_with_json_has_an_example_and_no_other():
    assert sorted([*EXAMPLES, *ELSEWHERE]) == sorted(commands_with_json())


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(f"{name} {arguments}".strip(), id=f"{name}-{i}", marks=[SLOW] if name in _SLOW else [])
        for name, each in EXAMPLES.items()
        for i, arguments in enumerate(each)
    ],
)
def test_stdout_has_one_json_document_and_nothing_else(built, soon, capsys, monkeypatch, command):
    monkeypatch.setenv("FER_HOME", str(built["folder"] / "workspace"))
    monkeypatch.setattr(local, "start_supervisor", lambda *args: None)
    code, out, err = call(capsys, *shlex.split(command.format(**built)), "--json")
    assert code == 0, err
    json.loads(out, parse_constant=lambda word: pytest.fail(f"{word} is not valid JSON"))
    assert out.endswith("\n")


def test_a_wrong_input_leaves_stdout_empty(capsys):
    code, out, err = call(capsys, "runs", "show", "nowhere", "--json")
    assert (code, out) == (2, "")
    assert err.startswith("fer: There is no run 'nowhere'")


@dataclass(frozen=True)
class Row:
    run_id: str = "x"
    share: float = float("nan")
    more: tuple[float, float] = (float("inf"), 1.5)


def test_whatever_a_command_prints_beside_its_document_goes_to_stderr(capsys, monkeypatch):
    def summarise():
        print("a line of the log")
        return [Row()]

    monkeypatch.setattr("fer_core.runs.summary.summarise_runs", summarise)
    _, out, err = call(capsys, "runs", "list", "--json")
    assert json.loads(out) == [{"run_id": "x", "share": None, "more": [None, 1.5]}]
    assert err == "a line of the log\n"
    print("after it")
    assert capsys.readouterr().out == "after it\n"


def test_json_before_the_command_of_a_group_says_where_it_belongs(capsys):
    code, out, err = call(capsys, "kfold", "--json", "list")
    assert (code, out) == (2, "")
    assert "fer kfold list ... --json" in err


def test_a_document_outside_a_command_goes_to_stdout(capsys):
    print_json({"a": 1})
    assert json.loads(capsys.readouterr().out) == {"a": 1}
