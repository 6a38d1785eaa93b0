"""What comes home of runs that are made by hand: no network, no training."""

import io
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pandas as pd
import pytest

from fer_core.base.files import write_json
from fer_core.base.workspace import runs_dir
from fer_core.errors import InputError
from fer_core.export.run import export_run
from fer_core.models.checkpoints import read_network
from fer_core.models.heads import LOGITS
from fer_core.runs.config import build_config
from fer_core.runs.find import get_run, list_runs
from fer_core.runs.run_weights import explain_no_weights, require_weights
from fer_core.studies.gpu.bring import RESULTS, Limits, bring, round_predictions
from fer_core.studies.gpu.came_home import read_home, refuse_others
from fer_core.studies.gpu.home import lay_home
from fer_core.studies.results.records import Record, write_record
from tests.helpers.tables import row, write_file

ALL = Limits(file_bytes=400_000, n_files=4, all_bytes=1_600_000)


def make_run(
    run_id: str, accuracy: float = 0.5, n_bytes: int = 1000, state: str = "finished", **config: object
) -> Path:
    """A run's folder as a training leaves it, with weights that are `n_bytes` of noise."""
    path = runs_dir() / run_id
    (path / "checkpoints").mkdir(parents=True)
    write_json(path / "config.json", build_config({"dataset": "d", "name": run_id, **config}).model_dump())
    write_json(path / "run.json", {"run_id": run_id, "dataset": "d", "dataset_fingerprint": "f", "device": "cuda:0"})
    write_json(path / "exit.json", {"state": state, "message": "", "seconds": 1.0})
    write_json(path / "report.json", {"val": {"n": 14, "accuracy": accuracy, "learned_note": None}})
    logits = np.random.default_rng(len(run_id)).normal(size=(50, 7)).astype(np.float32)
    table = pd.DataFrame(
        {"face_id": [f"face {i}" for i in range(50)], **dict(zip(LOGITS["labels"], logits.T, strict=True))}
    )
    table.to_parquet(path / "predictions.parquet", index=False)
    np.save(path / "learned.npy", np.arange(1000))
    weights = np.random.default_rng(n_bytes).integers(0, 256, n_bytes, np.uint8)
    (path / "checkpoints" / "best.safetensors").write_bytes(weights.tobytes())
    (path / "checkpoints" / "last.pt").write_bytes(b"only for a resume")
    return path


@pytest.fixture
def bring_all(tmp_path):
    """Brings home into tmp_path/out, as a folder with rows says."""
    (tmp_path / "pack").mkdir()
    (tmp_path / "rows").mkdir()
    write_json(tmp_path / "pack" / "pack.json", {"id": "p"})

    def bring_all(limits=ALL):
        return bring(tmp_path / "out", tmp_path / "pack", tmp_path / "rows", limits)

    return bring_all


@pytest.fixture
def go_home(tmp_path, monkeypatch):
    """Lays what came home into another workspace, and returns what was done."""

    def go_home():
        monkeypatch.setenv("FER_HOME", str(tmp_path / "home"))
        table = write_file(tmp_path, row("a"))
        return lay_home(read_home(tmp_path / "out"), table, tmp_path / "pack" / "results")

    return go_home


def test_finished_runs_come_home_with_weights_and_scores_and_without_what_a_resume_needs(bring_all, go_home):
    made = make_run("20261128-100000-a", n_bytes=900_000)
    make_run("20261128-100000-b", state="stopped")
    weights = (made / "checkpoints" / "best.safetensors").read_bytes()
    bring_all()
    laid = go_home()
    assert laid.runs == ("20261128-100000-a",)
    (run,) = list_runs()
    assert (run.state, run.report["val"].accuracy) == ("finished", 0.5)
    assert run.best_weights.read_bytes() == weights
    assert not run.last_checkpoint.exists()
    assert np.load(run.path / "learned.npy").shape == (1000,)


def test_probabilities_lose_no_more_than_half_precision(tmp_path):
    before = pd.read_parquet(make_run("20261128-100000-a") / "predictions.parquet")
    buffer = io.BytesIO()
    before.to_parquet(buffer, index=False)
    after = pd.read_parquet(io.BytesIO(round_predictions(buffer.getvalue())))
    assert after["face_id"].equals(before["face_id"])
    columns = LOGITS["labels"]
    assert (after[columns].dtypes == np.float32).all()
    assert 0 < np.abs(after[columns] - before[columns]).to_numpy().max() < 2e-3


def test_no_file_is_larger_than_it_may_be_and_the_best_weights_go_first(bring_all, tmp_path, go_home):
    for name, accuracy in (("a", 0.6), ("b", 0.7), ("c", 0.65)):
        make_run(f"20261128-100000-{name}", accuracy, 500_000 + ord(name))
    taught = make_run("20261128-100000-taught", 0.1, 300_000, teacher="bundled").name
    contents = bring_all()
    assert list(contents["weights"]) == [taught, "20261128-100000-b"]
    assert [sentence.split(":")[0] for sentence in contents["left_out"]] == [f"20261128-100000-{x}" for x in "ca"]
    sizes = [path.stat().st_size for path in (tmp_path / "out").iterdir()]
    assert max(sizes) <= ALL.file_bytes and len(sizes) <= ALL.n_files and sum(sizes) <= ALL.all_bytes
    laid = go_home()
    assert (len(laid.runs), len(laid.without_weights), len(laid.left_out)) == (4, 2, 2)


def test_probabilities_for_which_there_is_no_room_are_named(bring_all):
    for i in range(5):
        make_run(f"20261128-100000-{i}{'x' * i}", n_bytes=10)
    contents = bring_all(Limits(file_bytes=76_000, n_files=2, all_bytes=200_000))
    assert any("its probabilities did not fit" in sentence for sentence in contents["left_out"])


def test_what_was_brought_twice_is_as_the_last_time(bring_all, tmp_path, go_home):
    make_run("20261128-100000-a", 0.5, 700_000)
    bring_all()
    assert len(list((tmp_path / "out").glob("weights-*.bin"))) == 2
    (runs_dir() / "20261128-100000-a" / "checkpoints" / "best.safetensors").write_bytes(b"short")
    bring_all()
    assert len(list((tmp_path / "out").glob("weights-*.bin"))) == 1
    go_home()
    assert get_run("20261128-100000-a").best_weights.read_bytes() == b"short"


def test_a_run_that_is_at_home_stays_and_gets_the_weights_that_it_lacks(bring_all, tmp_path, go_home):
    make_run("20261128-100000-a")
    bring_all()
    parts = list((tmp_path / "out").glob("weights-*.bin"))
    whole = parts[0].read_bytes()
    parts[0].write_bytes(b"x" * len(whole))
    laid = go_home()
    assert (len(laid.runs), laid.damaged_weights) == (1, ("20261128-100000-a",))
    assert "Copy the folder again" in laid.tell_weights()[0]
    parts[0].write_bytes(whole)
    laid = go_home()
    assert (laid.runs, laid.damaged_weights, laid.tell_weights()) == ((), (), [])


def test_a_run_says_from_which_pack_it_was_trained_also_after_a_call_that_went_on_with_another_pack(bring_all, go_home):
    made = make_run("20261128-100000-a")
    write_json(
        make_run("20261128-100000-b") / "run.json", {**get_run(made.name).info.to_document(), "gpu_pack": "earlier"}
    )
    bring_all()
    go_home()
    assert [get_run(f"20261128-100000-{x}").info.gpu_pack for x in "ab"] == ["p", "earlier"]


def test_an_ensemble_that_came_home_is_told_with_the_command_that_makes_it_anew(bring_all, go_home):
    path = make_run("20261128-100000-m")
    info = {
        "run_id": path.name,
        "dataset": "d",
        "dataset_fingerprint": "f",
        "device": "cpu",
        "command": "fer ensemble x y",
    }
    write_json(path / "run.json", {**info, "members": [{"run_id": name, "weight": 1} for name in "xy"]})
    bring_all()
    laid = go_home()
    assert (laid.ensembles, laid.without_weights) == ((path.name,), ())
    assert "Make it again with fer ensemble x y." in laid.tell_weights()[0]


@pytest.mark.parametrize(("data", "message"), [(None, "has no results.zip"), (b"x", "is damaged")])
def test_a_folder_that_did_not_come_home_whole_is_refused(tmp_path, go_home, data, message):
    (tmp_path / "out").mkdir()
    if data:
        (tmp_path / "out" / RESULTS).write_bytes(data)
    with pytest.raises(InputError, match=message):
        go_home()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("contents.json", "{}"),
        ("pack/pack.json", "[]"),
        ("rows/a.json", '{"results": [1]}'),
        ("rows/a.json", "{"),
        ("runs/20261128-100000-a/run.json", "{"),
        ("contents.json", '{"same": {"runs/b/run.json": "no such"}, "weights": {}, "left_out": []}'),
        ("contents.json", '{"same": {}, "weights": {"a": {}}, "left_out": []}'),
    ],
)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_damaged_part_is_named_before_anything_is_laid(bring_all, tmp_path, go_home, name, text):
    make_run("20261128-100000-a")
    bring_all()
    with ZipFile(tmp_path / "out" / RESULTS, "a") as file:
        file.writestr(name, text)
    with pytest.raises(InputError, match=rf"is damaged: .*{name}.*Copy it again|is damaged: {name}"):
        go_home()
    assert not runs_dir().exists() or not list(runs_dir().iterdir())


def test_what_came_home_from_another_pack_or_of_rows_that_the_table_lacks_is_refused(bring_all, tmp_path):
    write_record(tmp_path / "rows", Record(row="z", kind="train"))
    bring_all()
    came, table = read_home(tmp_path / "out"), tmp_path / "results.toml"
    with pytest.raises(InputError, match=r"from the pack p .*is the pack q \(rows a\)\. Give .* with --pack"):
        refuse_others(came, {"id": "q", "rows": ["a"]}, tmp_path, {"z"}, table)
    with pytest.raises(InputError, match=r"has figures for z, but .* has no such row"):
        refuse_others(came, {"id": "p", "rows": ["z"]}, tmp_path, {"a"}, table)
    refuse_others(came, {"id": "p", "rows": ["z"]}, tmp_path, {"a", "z"}, table)


def test_a_finished_run_without_weights_says_what_there_is_to_do(bring_all, go_home, tmp_path):
    path = make_run("20261128-100000-a")
    assert "There is no weights file at" in explain_no_weights(tmp_path / "checkpoints" / "best.safetensors")
    bring_all(Limits(file_bytes=400_000, n_files=1))
    assert "its weights were not brought back" in go_home().tell_weights()[0]
    run = get_run(path.name)
    sentence = explain_no_weights(run.best_weights)
    assert "has finished, but its weights file is missing" in sentence and "fer gpu unpack" in sentence
    with pytest.raises(InputError, match=r"missing .*Unpack its folder again"):
        read_network(require_weights(run))
    changes = {"members": [{"run_id": "x"}], "command": "fer ensemble x"}
    write_json(run.path / "run.json", {**run.info.to_document(), **changes})
    assert "Make it again from its members: fer ensemble x" in explain_no_weights(run.best_weights)
    write_json(run.path / "exit.json", {"state": "stopped"})
    assert "has no weights yet. Wait for its first epoch" in explain_no_weights(run.best_weights)


def test_a_run_without_weights_is_not_exported_and_leaves_no_folder(tmp_path, monkeypatch):
    run = get_run(make_run("20261128-100000-a").name)
    run.best_weights.unlink()
    monkeypatch.setattr("fer_core.export.run.build_card", lambda run: "card")
    with pytest.raises(InputError, match=r"its weights file is missing"):
        export_run(run, tmp_path / "export")
    assert not (tmp_path / "export").exists()
