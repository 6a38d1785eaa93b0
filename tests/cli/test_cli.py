import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from fer_core.cli import app
from fer_core.runners import local
from fer_core.runs.config import build_config
from fer_core.runs.create import create_run
from fer_core.runs.find import get_run
from fer_core.runs.presets import preset_values
from fer_core.studies.greedy import Pick
from tests.helpers.command import call
from tests.helpers.photo import draw_photo
from tests.helpers.samples import make_dataset, write_ckplus
from tests.helpers.trained import finish
from tests.helpers.training import TINY


@pytest.fixture
def run(tmp_path, capsys):
    make_dataset(tmp_path)
    run = create_run(build_config({**TINY, "epochs": 1, "name": "first"}), "test")
    finish(run)
    capsys.readouterr()
    return run


def test_reading_commands_print_one_json_document_and_nothing_else(run, capsys, tmp_path):
    photo = tmp_path / "photo.png"
    draw_photo(seed=1).save(photo)
    commands = {
        "data list": [["name", "n", "splits"], lambda d: d[0]],
        f"data inspect {write_ckplus(tmp_path)}": [["layout", "counts", "left_out", "problems"], lambda d: d],
        "presets": [["name", "about"], lambda d: d[0]],
        "presets compact": [["name", "about", "source", "values"], lambda d: d],
        "runs list": [
            ["run_id", "state", "accuracy", "accuracy_without_copies", "macro_f1", "ece", "n"],
            lambda d: d[0],
        ],
        "runs show first": [["config", "epochs", "report", "state"], lambda d: d],
        "evaluate first --split val": [["accuracy", "balanced_accuracy", "nll", "n", "confusion"], lambda d: d],
        f"predict {photo} --run first": [["expression", "probabilities", "box"], lambda d: d["photos"][0]["faces"][0]],
    }
    for command, (keys, pick) in commands.items():
        code, out, _ = call(capsys, *command.split(), "--json")
        assert code == 0, command
        assert set(keys) <= set(pick(json.loads(out))), command
    assert call(capsys, "jobs", "--json")[1].strip() == "[]"


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("train --dataset tiny --set learning_rate=-1", "learning_rate: should be greater than 0, got -1"),
        ("train --dataset none", "There is no data set 'none'"),
        ("submit --dataset tiny --preset slow", "Unknown preset 'slow'"),
        ("submit --dataset tiny --gpus 1", "gpus: available on Slurm only. Add --on slurm"),
        ("submit --dataset tiny --seeds 1,x", "seed: should be a valid integer"),
        ("evaluate none", "There is no run 'none'"),
        ("evaluate first --split rest", "Unknown split 'rest'"),
        ("predict none.jpg --run first", "The file none.jpg does not exist"),
        ("data inspect /nowhere", "There is nothing at /nowhere"),
        ("data assemble a/b --source x", "'a/b' is not a valid name for a data set"),
        ("data assemble x --source y --split half", "Choose one of official, 80:10:10, or leave-out:SOURCE"),
        ("data fetch none", "'none' cannot be downloaded: choose one of fer2013"),
        ("data export none out", "There is no data set 'none'"),
        ("ensemble first", "needs at least two runs"),
        ("kfold --dataset tiny --folds 1", "folds: must be 0, or 2 or more, got 1"),
        ("kfold show none", "does not match exactly one cross-validation (available: none yet)"),
        ("presets slow", "Unknown preset 'slow': choose one of quick, fast"),
        ("stop first", "cannot be stopped"),
        ("resume first", "cannot be resumed"),
    ],
)
def test_wrong_input_is_one_sentence_on_stderr_and_exit_code_2(run, capsys, command, message):
    code, out, err = call(capsys, *command.split())
    assert (code, out) == (2, "")
    assert message in err
    assert "Traceback" not in err


def test_a_failure_that_is_not_the_persons_input_exits_with_1(run, capsys, monkeypatch):
    def fail(*args, **options):
        raise PermissionError(13, "Permission denied", "/x")

    monkeypatch.setattr("fer_core.evaluation.evaluate.evaluate_run", fail)
    code, _, err = call(capsys, "evaluate", "first")
    assert code == 1
    assert "Check the path and its permissions" in err


def test_predict_explains_into_a_picture(run, capsys, tmp_path):
    draw_photo(seed=1).save(tmp_path / "photo.png")
    code, out, _ = call(capsys, "predict", tmp_path / "photo.png", "--run", "first", "--explain", tmp_path / "why.png")
    assert code == 0
    assert "photo.png: 1 face\n" in out
    assert (tmp_path / "why.png").read_bytes().startswith(b"\x89PNG")


def test_a_photo_that_cannot_be_read_keeps_none_of_the_others_back(run, capsys, tmp_path):
    draw_photo(seed=1).save(tmp_path / "good.png")
    (tmp_path / "bad.png").write_text("no picture")
    photos = [tmp_path / name for name in ("bad.png", "good.png", "none.png")]
    code, out, err = call(capsys, "predict", *photos, "--run", "first", "--json")
    assert code == 2
    assert [document["photo"] for document in json.loads(out)["photos"]] == [str(tmp_path / "good.png")]
    assert all(name in err for name in ("bad.png", "none.png"))
    assert "good.png" not in err


def test_an_ensemble_is_made_shown_and_used_for_a_photo(run, capsys, tmp_path, monkeypatch):
    other = create_run(build_config({**TINY, "epochs": 1, "name": "second", "seed": 1}), "test")
    finish(other)
    capsys.readouterr()
    picks = [Pick(0, 0.5, 1.0), Pick(1, 0.625, 0.9)]
    monkeypatch.setattr("fer_core.studies.ensemble.select_greedily", lambda probs, y_true: picks)
    code, out, _ = call(capsys, "ensemble", "first", "second", "--greedy", "--name", "both")
    assert code == 0
    assert f"2      {other.run_id}  62.5 %" in out
    assert "mean of first, second: test accuracy" in out
    assert f"{other.run_id}  compact_small  1" in call(capsys, "runs", "show", "both")[1]
    photo, why = tmp_path / "photo.png", tmp_path / "why.png"
    draw_photo(seed=1).save(photo)
    code, out, _ = call(capsys, "predict", photo, "--run", "both", "--explain", why, "--json")
    assert code == 0
    assert sum(json.loads(out)["photos"][0]["faces"][0]["probabilities"].values()) == pytest.approx(1, abs=1e-5)
    assert why.read_bytes().startswith(b"\x89PNG")


def test_a_cross_validation_is_started_shown_listed_and_deleted(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("fer_core.runners.local.start_supervisor", lambda *args: None)
    make_dataset(tmp_path)
    settings = [f"--set={key}={value}" for key, value in {**TINY, "epochs": 1}.items() if key != "dataset"]
    code, out, _ = call(capsys, "kfold", "--dataset", "tiny", "--folds", 2, "--name", "twice", *settings, "--json")
    assert code == 0
    for run_id in json.loads(out)["run_ids"]:
        finish(get_run(run_id))
    capsys.readouterr()
    document = json.loads(call(capsys, "kfold", "show", "twice", "--json")[1])
    assert document["n_finished"] == 2
    assert Path(document["out_of_fold"]).is_file()
    out = call(capsys, "kfold", "show", "twice")[1]
    assert f"out-of-fold probabilities: {document['out_of_fold']}" in out
    assert "twice on tiny: 2 of 2 folds done" in out
    assert document["group"] in call(capsys, "kfold", "list")[1]
    assert call(capsys, "kfold", "stop", "twice")[1] == "0 runs removed from the queue or stopping.\n"
    assert call(capsys, "kfold", "delete", "twice", "--yes")[0] == 0
    assert json.loads(call(capsys, "runs", "list", "--json")[1]) == []


def test_the_command_of_version_0_1_that_lists_the_presets_answers_and_is_hidden(capsys):
    assert call(capsys, "recipes", "--json") == call(capsys, "presets", "--json")
    assert "recipes" not in call(capsys, "--help")[1]


def test_a_recipe_tells_its_source_and_every_value_beside_its_default(capsys):
    code, out, _ = call(capsys, "presets", "scratch-44")
    assert code == 0
    assert "Source: The protocol behind" in out
    rows = [line.split() for line in out.splitlines()]
    assert ["crop_px", "44", "0"] in rows
    assert ["epochs", "250", "24"] in rows
    assert {row[0] for row in rows} >= set(preset_values("scratch-44"))


def test_delete_asks_first(run):
    refused = CliRunner().invoke(app, ["runs", "delete", "first"], input="n\n")
    assert refused.exit_code == 1
    assert run.path.is_dir()
    assert CliRunner().invoke(app, ["runs", "delete", "first", "--yes"]).exit_code == 0
    assert not run.path.exists()


def test_seeds_queue_a_run_each_in_their_order(tmp_path, capsys, monkeypatch):
    make_dataset(tmp_path)
    monkeypatch.setattr(local, "start_supervisor", lambda *args: None)
    code, out, _ = call(capsys, "submit", "--dataset", "tiny", "--name", "x", "--seeds", "2,0", "--set", "device=cpu")
    assert code == 0
    runs = local.list_queue()
    assert [(run.config.seed, run.title) for run in runs] == [(2, "x seed 2"), (0, "x seed 0")]
    assert all(f"{run.run_id} is queued on cpu." in out for run in runs)


@pytest.mark.slow
def test_training_in_the_foreground_shows_its_log_and_tells_its_end(tmp_path):
    make_dataset(tmp_path)
    settings = [f"--set={key}={value}" for key, value in TINY.items() if key not in ("dataset", "epochs")]
    command = [sys.executable, "-m", "fer_core", "train", "--dataset", "tiny", *settings, "--epochs", "1"]
    answer = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    assert "epoch 1/1:" in answer.stdout
    assert "finished: best epoch 1" in answer.stdout


def test_commands_without_a_network_never_import_torch():
    code = (
        "import sys\nfrom fer_core.cli import main\n"
        "for command in ('--help', 'data --help', 'data list', 'presets vgg19'):\n"
        "    sys.argv = ['fer', *command.split()]\n"
        "    try:\n        main()\n    except SystemExit as end:\n        assert not end.code, command\n"
        "    bad = {'torch', 'streamlit', 'torchvision', 'rich.markdown'} & set(sys.modules)\n"
        "    assert not bad, (command, bad)\n"
        "print('all looked at')"
    )
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, timeout=60, text=True)
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "all looked at"), done.stderr
