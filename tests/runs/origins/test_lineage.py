"""What a network comes from stays known: members, parents, teachers, weights files and its own deal of the faces."""

import shutil

import numpy as np
import pandas as pd
import pytest
from safetensors.numpy import save_file

from fer_core.base.files import read_json, write_json
from fer_core.datasets.dataset import open_dataset
from fer_core.errors import InputError
from fer_core.evaluation.evaluate import evaluate_run
from fer_core.export.run import export_run
from fer_core.labels import EXPRESSIONS
from fer_core.runners import submit
from fer_core.runs.config import TrainConfig
from fer_core.runs.find import delete_run, get_ancestor
from fer_core.runs.origins.learned import read_learned
from fer_core.runs.origins.lineage import TRAINS_ON, inherit_learned, refuse_other_faces
from fer_core.runs.run import PINNED
from fer_core.studies.ensemble import make_ensemble
from tests.helpers.command import call
from tests.helpers.learned import deal, digests_of, n_new, new_run
from tests.helpers.samples import make_dataset, write_fer2013
from tests.helpers.trained import finish
from tests.helpers.training import train


@pytest.fixture
def source(tmp_path):
    return write_fer2013(tmp_path / "source", 20)


def test_an_ensembles_list_made_anew_still_has_the_faces_of_all_members(source, capsys):
    before = digests_of(deal(source, 0), "train")
    parent = finish(new_run())
    again = deal(source, 1)
    members = [finish(new_run(seed=1)), train(new_run(init=f"run:{parent.run_id}"))]
    made = make_ensemble(members)
    expected = len(before | digests_of(again, "train"))
    assert len(read_learned(made.path).faces) == expected
    _, out, _ = call(capsys, "runs", "learned", made.run_id, "--again")
    assert f"was trained on {expected} different faces" in out
    assert evaluate_run(made, "test").n_without_copies == n_new(again, before, digests_of(again, "train"))


@pytest.mark.parametrize("tie", ["init", "teacher", "file"])
def test_a_list_made_anew_keeps_the_faces_of_a_parent_that_is_gone(source, tie, capsys):
    deal(source, 0)
    parent = finish(new_run())
    deal(source, 1)
    where = {"init": f"run:{parent.run_id}", "teacher": parent.run_id, "file": f"file:{parent.best_weights}"}[tie]
    run = train(new_run(**{"teacher" if tie == "teacher" else "init": where}))
    kept = read_learned(run.path)
    assert kept.note is None
    delete_run(parent)
    assert call(capsys, "runs", "learned", run.run_id, "--again")[0] == 0
    now = read_learned(run.path)
    assert np.array_equal(now.faces, kept.faces)
    assert now.note is None


def name_run(name="plain"):
    """A run of that name that looks as if it had weights."""
    run = new_run(name=name)
    run.best_weights.parent.mkdir()
    save_file({}, run.best_weights, metadata={"preprocessing": '{"face_px": 48}'})
    return run


def test_a_run_keeps_the_whole_ids_of_the_runs_that_it_comes_from(tmp_path):
    make_dataset(tmp_path)
    plain, other = name_run(), name_run("other")
    run = new_run(init="run:plain", teacher="plain, other")
    assert run.config.init == f"run:{plain.run_id}"
    assert run.config.teachers == (plain.run_id, other.run_id)


@pytest.mark.parametrize("tie", ["init", "teacher"])
def test_a_queued_run_does_not_start_from_another_run_that_got_its_parents_title(tmp_path, tie):
    make_dataset(tmp_path)
    plain = name_run()
    run = new_run(**{tie: "run:plain" if tie == "init" else "plain"})
    again = name_run()
    assert again.run_id.startswith(plain.run_id) or again.title == plain.title
    delete_run(plain)
    train(run)
    assert run.exit.state == "failed"
    assert f"The run '{plain.run_id}' has been deleted" in run.exit.message


def test_a_title_in_the_config_of_an_earlier_version_means_a_run_made_before_it(tmp_path):
    make_dataset(tmp_path)
    runs = [name_run(), new_run(init="run:plain", name="plain"), name_run()]
    for run, minute in zip(runs, (1, 2, 3), strict=True):
        info = read_json(run.path / "run.json") | {"created": f"2026-01-01T00:0{minute}:00+0000"}
        write_json(run.path / "run.json", {key: value for key, value in info.items() if key != PINNED})
    parent, child, _ = runs
    assert get_ancestor(child, "plain") == parent
    delete_run(parent)
    with pytest.raises(InputError, match="There is no run 'plain'"):
        get_ancestor(child, "plain")


@pytest.mark.parametrize("place", ["beside the list", "in checkpoints"])
def test_a_foreign_file_in_an_exports_folder_is_of_unknown_training_and_its_own_file_is_not(source, tmp_path, place):
    deal(source, 0)
    run, other = finish(new_run()), finish(new_run(seed=1))
    folder = tmp_path / "export"
    export_run(run, folder)
    where = folder if place == "beside the list" else folder / "checkpoints"
    foreign = shutil.copy(other.best_weights, where / "foreign.safetensors")
    found = inherit_learned(TrainConfig(dataset="tiny", init=f"file:{foreign}"))
    assert (len(found.faces), found.outside) == (0, (f"file:{foreign}",))
    own = shutil.copy(folder / "checkpoints" / "best.safetensors", where / "renamed.safetensors")
    found = inherit_learned(TrainConfig(dataset="tiny", init=f"file:{own}"))
    assert np.array_equal(found.faces, read_learned(run.path).faces)
    assert found.note is None


def test_a_foreign_file_in_a_runs_own_place_is_of_unknown_training(source, tmp_path):
    deal(source, 0)
    run = train(new_run(), stop_after=1)
    for path in (run.best_weights, run.last_checkpoint):
        init = TrainConfig(dataset="tiny", init=f"file:{path}")
        assert path.is_file() == (inherit_learned(init).note is None)
        path.write_bytes(b"downloaded")
        assert inherit_learned(init).outside == (f"file:{path}",)


def test_weights_of_an_earlier_version_are_known_by_their_place_in_the_run(source):
    deal(source, 0)
    run = finish(new_run())
    gaps = read_json(run.path / "learned.json")
    write_json(run.path / "learned.json", {key: value for key, value in gaps.items() if key != "weights"})
    foreign = shutil.copy(run.best_weights, run.path / "checkpoints" / "foreign.safetensors")
    for path, n in ((run.best_weights, len(read_learned(run.path).faces)), (foreign, 0)):
        assert len(inherit_learned(TrainConfig(dataset="tiny", init=f"file:{path}")).faces) == n


def change_table(change):
    """The data set's table as another assembly under the same fingerprint would leave it."""
    path = open_dataset("tiny").path / "faces.parquet"
    change(pd.read_parquet(path)).to_parquet(path)


def vote_for(expression):
    """Changes a table so that everybody votes for one expression."""
    return lambda table: table.assign(**{f"votes_{each}": float(each == expression) for each in EXPRESSIONS})


@pytest.mark.parametrize("when", ["resumed", "queued"])
@pytest.mark.parametrize("used", [{"soft_labels": 0.5}, {"votes_weight": 1.0}])
def test_a_run_does_not_go_on_with_other_votes(tmp_path, when, used):
    make_dataset(tmp_path)
    change_table(vote_for("happy"))
    run = new_run(**used, batch_size=4)
    if when == "resumed":
        train(run, stop_after=2)
    fingerprint = run.open_dataset().info.fingerprint
    change_table(vote_for("sad"))
    assert run.open_dataset().info.fingerprint == fingerprint
    if when == "resumed":
        with pytest.raises(InputError, match="other faces, folds, labels or votes"):
            submit.resume(run)
    before = {path: path.read_bytes() for path in (run.path / "checkpoints").glob("*")}
    train(run)
    assert run.exit.state == "failed"
    assert "other faces, folds, labels or votes" in run.exit.message
    assert {path: path.read_bytes() for path in (run.path / "checkpoints").glob("*")} == before


def test_votes_that_are_not_used_and_runs_without_a_digest_do_not_stop_a_resume(tmp_path):
    make_dataset(tmp_path)
    change_table(vote_for("happy"))
    unused, older = new_run(batch_size=4), new_run(batch_size=4, soft_labels=0.5)
    info = read_json(older.path / "run.json")
    write_json(older.path / "run.json", {key: value for key, value in info.items() if key != TRAINS_ON})
    change_table(vote_for("sad"))
    for run in (unused, older):
        refuse_other_faces(run, run.open_dataset())
