import io
import re
from zipfile import ZipFile

import numpy as np
import pytest

from fer_core.base import extras
from fer_core.datasets.dataset import delete_dataset, open_dataset
from fer_core.errors import InputError
from fer_core.evaluation.evaluate import evaluate_run
from fer_core.export.card import build_card
from fer_core.export.run import export_run, zip_run
from fer_core.inference.logits import predict_logits
from fer_core.models.checkpoints import read_network
from fer_core.runs.config import build_config
from fer_core.runs.create import create_run
from fer_core.runs.find import delete_run
from fer_core.runs.origins.learned import read_learned
from fer_core.runs.run import Run
from tests.helpers.samples import make_dataset, make_voted_dataset
from tests.helpers.trained import finish


def train(**values):
    config = {"dataset": "tiny", "model": "compact_small", "input_px": 24, "epochs": 1, "batch_size": 4, "threads": 1}
    run = create_run(build_config({**config, **values}), f"fer train {values.get('name', 'first')}")
    return finish(run)


@pytest.fixture
def run(tmp_path):
    make_dataset(tmp_path)
    return train()


def test_what_is_exported_scores_as_the_run_did(run, tmp_path):
    export_run(run, tmp_path / "out")
    exported = Run(tmp_path / "out")
    assert evaluate_run(exported, "test").confusion == run.report["test"].confusion
    assert exported.config == run.config
    assert np.array_equal(read_learned(exported.path).faces, read_learned(run.path).faces)
    assert [line.epoch for line in exported.metrics()] == [1]
    assert (tmp_path / "out" / "CARD.md").read_text() == build_card(run)


@pytest.mark.parametrize("model", ["compact_small", pytest.param("timm:resnet10t", marks=pytest.mark.slow)])
def test_an_export_is_whole_when_the_run_started_from_another_and_had_a_second_head(tmp_path, model):
    if model.startswith("timm:"):
        pytest.importorskip("timm")
    make_voted_dataset(tmp_path)
    first = train(dataset="voted", model=model, votes_weight=1.0)
    second = train(dataset="voted", model=model, votes_weight=1.0, name="second", init=f"run:{first.run_id}")
    export_run(second, tmp_path / "out")
    exported = Run(tmp_path / "out")
    network, faces = read_network(exported.best_weights), open_dataset("voted").faces
    delete_run(first)
    assert network.name == model
    assert predict_logits(network, faces).shape == (42, 7)
    assert evaluate_run(exported, "val").confusion == second.report["val"].confusion
    card = (tmp_path / "out" / "CARD.md").read_text()
    assert f"Network: `{model}`, " in card
    assert card.index("    fer train first    # ") < card.index("    fer train second    # ")


def test_an_export_does_not_overwrite(run, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.txt").write_text("years of work")
    with pytest.raises(InputError, match="is not empty"):
        export_run(run, tmp_path / "out")


def test_the_card_tells_the_commands_of_all_that_led_to_it_in_order(run):
    taught = train(name="taught", teacher=run.run_id)
    last = train(name="last", init=f"run:{taught.run_id}", teacher=f"{run.run_id}")
    lines = build_card(last).splitlines()
    commands = [line.split("#")[0].strip() for line in lines if line.startswith("    fer train")]
    assert commands == ["fer train first", "fer train taught", "fer train last"]
    delete_run(run)
    assert "fer train first" not in build_card(last)


def test_a_card_needs_a_report(run):
    (run.path / "report.json").unlink()
    with pytest.raises(InputError, match="has no report yet"):
        build_card(run)


@pytest.mark.slow
def test_an_export_with_onnx_says_how_far_it_is_from_torch_and_how_to_use_it(run, tmp_path):
    pytest.importorskip("onnxruntime")
    said = []
    files = export_run(run, tmp_path / "out", onnx=True, say=said.append)
    assert len(said) == 1
    assert tmp_path / "out" / "model.onnx" in files
    card = (tmp_path / "out" / "CARD.md").read_text()
    assert "`faces`, uint8 (n, 48, 48)" in card
    assert said[0] in card
    assert said[0].startswith("On 14 validation faces of tiny, all probabilities are within ")


@pytest.mark.parametrize("check_on", [None, "other"])
def test_an_export_with_onnx_and_no_faces_to_check_it_on_asks_for_some_and_leaves_the_folder_empty(
    run, tmp_path, check_on
):
    delete_dataset("tiny")
    with pytest.raises(
        InputError, match=f"There is no data set '{check_on or 'tiny'}'.* Or name another data set with --check-on"
    ):
        export_run(run, tmp_path / "out", onnx=True, check_on=check_on)
    assert not list((tmp_path / "out").iterdir())


def test_the_zip_holds_what_is_exported_in_one_folder_and_leaves_nothing_behind(run, tmp_path, workspace):
    before = sorted(workspace.rglob("*"))
    with ZipFile(io.BytesIO(zip_run(run))) as archive:
        archive.extractall(tmp_path / "out")
    assert sorted(workspace.rglob("*")) == before
    exported = Run(tmp_path / "out" / run.run_id)
    assert exported.report == run.report
    assert evaluate_run(exported, "test").confusion == run.report["test"].confusion


@pytest.mark.parametrize(("extra", "missing"), [("onnx", "onnxscript"), ("tensorboard", "tensorboardX")])
def test_a_missing_package_is_one_sentence_with_the_command_before_anything_is_written(
    run, tmp_path, monkeypatch, extra, missing
):
    monkeypatch.setattr(extras, "find_spec", lambda package: None if package == missing else package)
    sentence = (
        f"--{extra} needs {missing}, which is not installed. Run pip install -e '.[{extra}]' in the project's folder"
    )
    with pytest.raises(InputError, match=re.escape(sentence)):
        export_run(run, tmp_path / "out", **{extra: True})
    assert not (tmp_path / "out").exists()
