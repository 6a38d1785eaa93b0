"""Expressions without faces: said wherever a network's scores are, and never scored 0."""

import json
import shutil
from contextlib import redirect_stdout

import numpy as np
import pytest

from dashboard.figures.class_scores import compute_class_scores, plot_class_scores
from dashboard.figures.confusion import compute_confusion, plot_confusion
from fer_core.base.files import read_json, write_json
from fer_core.datasets.assembling.assemble import assemble
from fer_core.datasets.assembling.recipe import DatasetRecipe
from fer_core.evaluation.metrics import score
from fer_core.export.card import build_card
from fer_core.runs.absent import describe_absent, explain_absent, find_absent, find_trained_without, read_absent
from fer_core.runs.config import build_config
from fer_core.runs.create import create_run
from fer_core.runs.diagnosis import diagnose
from fer_core.runs.find import get_run
from fer_core.training.process import train_run
from tests.helpers.command import call
from tests.helpers.pages import open_page
from tests.helpers.samples import write_fer2013
from tests.helpers.trained import Stop
from tests.helpers.training import TINY


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """The workspace of `run`, and its id."""
    folder = tmp_path_factory.mktemp("absent")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FER_HOME", str(folder / "workspace"))
        return folder / "workspace", train_without(folder).run_id


@pytest.fixture
def run(trained, workspace):
    """Trained without a face of fear, and tested without one of disgust."""
    shutil.copytree(trained[0], workspace)
    return get_run(trained[1])


def train_without(folder):
    path = write_fer2013(folder)
    lines = path.read_text().splitlines()
    gone = [("2,", "Training"), ("1,", "PrivateTest")]
    kept = [line for line in lines if not any(line.startswith(a) and line.endswith(b) for a, b in gone)]
    path.write_text("\n".join(kept) + "\n")
    assemble(DatasetRecipe("tiny", sources=(("auto", str(path)),)))
    run = create_run(build_config({**TINY, "epochs": 1}), "test")
    with (run.path / "log.txt").open("w") as log, redirect_stdout(log):
        train_run(run, Stop())
    return run


def test_a_network_trained_without_an_expression_is_said_to_be_everywhere(run, capsys):
    log = run.log_tail()
    said = "No training face is labelled fear, so the network cannot learn to recognise this expression"
    assert said in log
    assert log.index(said) < log.index("epoch 1/1")
    assert read_absent(run) == ["fear"]
    assert run.exit.message.endswith("; trained without faces of fear")
    assert said in build_card(run)
    assert said in call(capsys, "runs", "show", run.run_id)[1]
    assert said in call(capsys, "evaluate", run.run_id)[1]
    document = json.loads(call(capsys, "evaluate", run.run_id, "--json")[1])
    assert document["absent_in_training"] == ["fear"]
    app = open_page("errors")
    assert any(said in warning.value for warning in app.warning)
    assert app.metric[2].label in ("Macro F1, 6 classes", "Macro F1, 7 classes")


def test_a_class_without_test_faces_has_dashes_in_tables_and_null_in_documents(run, capsys):
    disgust = run.report["test"].classes[1]
    assert disgust.to_document() == {"expression": "disgust", "n": 0, "precision": None, "recall": None, "f1": None}
    assert "| disgust | 0 | - | - | - |" in build_card(run)
    out = call(capsys, "evaluate", run.run_id)[1]
    assert "disgust     0  -" in out
    assert "(mean of " in out
    assert "(6 classes)" in out


def test_a_report_names_the_expressions_without_faces_in_training_and_in_each_split(run, capsys):
    told = {split: ([*scores.absent_in_training], [*scores.absent_in_split]) for split, scores in run.report.items()}
    assert told == {"val": (["fear"], []), "test": (["fear"], ["disgust"])}
    document = json.loads(call(capsys, "evaluate", run.run_id, "--json")[1])
    assert document["absent_in_split"] == ["disgust"]
    assert json.loads(call(capsys, "runs", "show", run.run_id, "--json")[1])["report"] == read_json(
        run.path / "report.json"
    )


def test_a_report_of_before_opens_without_absent_expressions(run, capsys):
    report = read_json(run.path / "report.json")
    for scores in report.values():
        del scores["absent_in_training"], scores["absent_in_split"]
    write_json(run.path / "report.json", report)
    assert call(capsys, "runs", "show", run.run_id)[0] == 0
    assert not open_page("errors").exception


def test_a_run_of_before_says_nothing_of_absent_expressions(run):
    info = read_json(run.path / "run.json")
    del info["absent_in_training"]
    write_json(run.path / "run.json", info)
    assert read_absent(run) == []
    without = find_trained_without([run])
    assert describe_absent(without, np.arange(6)) == {"absent_in_training": None, "absent_in_split": ("neutral",)}


def test_several_absent_expressions_are_listed_in_a_sentence():
    assert find_absent(np.array([0, 1, 3, 4, 5])) == ["fear", "neutral"]
    assert explain_absent(["fear", "neutral"]).startswith(
        "No training face is labelled fear or neutral, so the network cannot"
    )
    assert explain_absent([]) == ""
    assert find_absent(np.arange(7)) == []


def test_the_diagnosis_ends_with_the_note():
    assert diagnose([], build_config({"dataset": "x"}), "Note.").sentence.endswith(" Note.")


def test_figures_draw_a_dash_where_a_class_has_no_faces():
    y_true = np.array([0, 0, 3, 3])
    scores = score(np.eye(7)[np.array([0, 3, 3, 1])], y_true)
    f1 = plot_class_scores(compute_class_scores(scores.classes)).data[2]
    assert f1.text[1] == "-"
    assert f1.text[0] == "66.7 %"
    assert "no face is labelled disgust" in f1.hovertext[1]
    texts = plot_confusion(compute_confusion(scores.confusion)).data[1].text
    assert texts[0].startswith("50 %")
    assert texts[7].startswith("-<br>")  # the first cell of disgust's row
