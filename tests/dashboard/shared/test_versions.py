"""Pages show a run's faces by their names and pixels once its data set has been assembled again."""

import base64
import io
import json

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from dashboard.errors import gallery
from dashboard.shared import face_detail, face_grid
from fer_core.base.files import read_json
from fer_core.datasets.assembling.again import assemble_again
from fer_core.datasets.assembling.assemble import assemble
from fer_core.datasets.assembling.recipe import DatasetRecipe
from fer_core.datasets.corrections.log import DROP, open_log
from fer_core.datasets.dataset import delete_dataset, open_dataset
from fer_core.evaluation.evaluate import evaluate_run
from fer_core.labels import EXPRESSIONS
from fer_core.review.correct import correct_face
from fer_core.review.queues import list_mistakes
from fer_core.runs.run import Run
from tests.helpers.pages import open_page, read_labeller
from tests.helpers.samples import make_dataset
from tests.helpers.trained import finish
from tests.helpers.training import new_run

AGAIN = "was assembled again after this run. The scores are for the earlier version"


@pytest.fixture
def run(tmp_path) -> Run:
    make_dataset(tmp_path)
    return finish(new_run(epochs=2))


@pytest.fixture
def sheets(monkeypatch):
    """The faces of each gallery that a page draws."""
    seen = []

    def draw(faces, *args):
        seen.append(np.array(faces))
        return contact_sheet(faces, *args)

    contact_sheet = face_grid.contact_sheet
    monkeypatch.setattr(face_grid, "contact_sheet", draw)
    return seen


@pytest.fixture
def large(monkeypatch):
    """Each face that a page draws large."""
    seen = []
    enlarge = face_detail.enlarge
    monkeypatch.setattr(face_detail, "enlarge", lambda face, *a: seen.append(np.array(face)) or enlarge(face, *a))
    return seen


def predictions_of(run):
    table = pd.read_parquet(run.path / "predictions.parquet").query("split == 'test'")
    logits = table[[f"logit_{expression}" for expression in EXPRESSIONS]].to_numpy()
    return table.assign(predicted=np.array(EXPRESSIONS)[logits.argmax(1)], sure=logits.max(1))


def fullest_cell(run):
    table = predictions_of(run)
    return table.groupby(["expression", "predicted"]).size().idxmax()


def faces_of(run, cell):
    """face_id -> pixels of the cell's faces, from the data set as it is now."""
    table = predictions_of(run)
    ids = table.loc[(table["expression"] == cell[0]) & (table["predicted"] == cell[1]), "face_id"]
    dataset = open_dataset("tiny")
    return {
        face_id: np.array(dataset.faces[row]) for face_id, row in zip(ids, dataset.find_rows(ids, None), strict=True)
    }


def open_errors(cell, **query):
    return open_page("errors", cell="-".join(cell), **query)


def forget_digests(run):
    """The predictions as an earlier version wrote them."""
    path = run.path / "predictions.parquet"
    table = pd.read_parquet(path)
    rows = open_dataset("tiny").find_rows(table["face_id"], table["digest"])
    table.drop(columns="digest").assign(row=rows).to_parquet(path)


def drop_a_training_face():
    dataset = open_dataset("tiny")
    correct_face(dataset, open_log("tiny"), dataset.table["face_id"].iloc[0], DROP, "ann")
    assert len(assemble_again("tiny").table) == len(dataset.table) - 1


def test_a_dropped_training_face_moves_no_other_face_into_its_place(run, sheets, large):
    cell = fullest_cell(run)
    before = faces_of(run, cell)
    drop_a_training_face()
    app = open_errors(cell)
    assert sum(AGAIN in warning.value for warning in app.warning) == 1
    expected = sorted(face.tobytes() for face in before.values())
    assert sorted(face.tobytes() for face in sheets[-1]) == expected
    assert large[-1].tobytes() in expected
    face_id = sorted(before)[-1]
    open_errors(cell, face=face_id)
    assert np.array_equal(large[-1], before[face_id])


def test_faces_that_an_earlier_version_predicted_are_shown_while_the_data_set_is_the_one_that_it_saw(run, sheets):
    forget_digests(run)
    cell = fullest_cell(run)
    open_errors(cell)
    assert sorted(face.tobytes() for face in sheets[-1]) == sorted(x.tobytes() for x in faces_of(run, cell).values())
    drop_a_training_face()
    open_errors(cell)
    assert all(np.array_equal(face, gallery.draw_gone(48)) for face in sheets[-1])
    assert list_mistakes(open_dataset("tiny"), run).empty


def test_a_face_that_is_gone_is_crossed_out_and_said_to_be_gone(run, sheets, large):
    cell = fullest_cell(run)
    before = faces_of(run, cell)
    last = sorted(before)[-1]
    dataset = open_dataset("tiny")
    kept = dataset.table["face_id"] != last
    info = dataset.info
    np.save(dataset.path / "faces.npy", np.array(dataset.faces)[kept])
    dataset.table[kept].reset_index(drop=True).to_parquet(dataset.path / "faces.parquet")
    now = {**info.to_document(), "n": int(kept.sum()), "fingerprint": "1" * 64}
    (dataset.path / "dataset.json").write_text(json.dumps(now))
    app = open_errors(cell, face=last)
    assert any("Crossed out: 1 face no longer in the data set." in caption.value for caption in app.caption)
    assert any("This face is no longer in the data set tiny." in message.value for message in app.info)
    assert not large
    assert len(sheets[-1]) == len(before)
    gone = gallery.draw_gone(48)
    assert sum(np.array_equal(face, gone) for face in sheets[-1]) == 1


def test_other_pixels_under_an_old_name_are_never_shown(run, sheets, tmp_path):
    cell = fullest_cell(run)
    csv = tmp_path / "tiny-source" / "fer2013.csv"
    header, first, *lines = csv.read_text().splitlines()
    csv.write_text("\n".join([header, *lines, first]) + "\n")  # every row has another number now
    assemble(DatasetRecipe("tiny", sources=(("fer2013", str(csv)),)))
    app = open_errors(cell)
    assert all(np.array_equal(face, gallery.draw_gone(48)) for face in sheets[-1])
    assert any("no longer in the data set tiny" in message.value for message in app.info)


def test_a_deleted_data_set_is_said_to_be_missing_and_the_scores_stay(run):
    delete_dataset("tiny")
    app = open_errors(fullest_cell(run))
    assert any("There is no data set 'tiny'" in error.value for error in app.error)
    assert app.metric


def deal_again(tmp_path, seed):
    recipe = DatasetRecipe(
        "tiny", sources=(("fer2013", str(tmp_path / "tiny-source" / "fer2013.csv")),), split="80:10:10", seed=seed
    )
    return assemble(recipe)


def test_evaluated_again_the_page_shows_the_present_version_and_keeps_the_report(run, sheets, tmp_path):
    report, before = (run.path / "report.json").read_text(), run.report
    dataset = deal_again(tmp_path, 3)
    app = open_page("errors")
    app.button(key="errors.rescore").click().run()
    assert not app.exception and not app.metric  # the scores of the earlier version are gone while it is at work
    app.run()
    assert not app.exception
    folder = run.path / "evaluations" / dataset.info.fingerprint[:16]
    present = read_json(folder / "report.json")
    assert present["test"]["n"] == len(dataset.rows("test")) != before["test"].n
    scores = evaluate_run(run, "test")
    assert all(
        present["test"][name] == getattr(scores, name) for name in ("confusion", "n_without_copies", "n_on_copies")
    )
    assert app.metric[0].label == f"Accuracy, {present['test']['n']} faces"
    assert not any(AGAIN in warning.value for warning in app.warning)
    assert (run.path / "report.json").read_text() == report
    app.segmented_control(key="errors.version").set_value("version used for training").run()
    assert app.metric[0].label == f"Accuracy, {before['test'].n} faces"
    assert sum(AGAIN in warning.value for warning in app.warning) == 1
    deal_again(tmp_path, 4)  # a third version: there are no scores on it yet
    assert open_page("errors").button(key="errors.rescore")


def test_review_shows_the_faces_of_a_runs_mistakes_under_their_names_on_a_data_set_dealt_anew(
    run,
    tmp_path,
):
    dataset = deal_again(tmp_path, 3)
    app = open_page("review", **{"review.name": "tiny"})
    app.selectbox(key="review.list.tiny").set_value("mistakes").run()
    assert not app.exception
    assert sum(AGAIN in warning.value for warning in app.warning) == 1
    labeller = read_labeller(app)
    face = labeller["faces"][0]
    (row,) = dataset.find_rows([face["face_id"]])
    assert np.array_equal(read_picture(labeller["pictures"][face["picture"]]), dataset.faces[row])
    assert (face["sha256"], face["split"]) == tuple(dataset.table.loc[row, ["sha256", "split"]])
    app.button(key="review.rescore").click().run()
    assert not app.exception
    app.run()
    assert not app.exception
    assert not any(AGAIN in warning.value for warning in app.warning)


def test_an_evaluation_that_failed_says_why_and_can_be_asked_for_again(run, tmp_path):
    deal_again(tmp_path, 3)
    app = open_page("errors")
    run.best_weights.unlink()
    app.button(key="errors.rescore").click().run()
    app.run()
    assert not app.exception
    assert len(app.error) == 1 and app.metric
    assert app.button(key="errors.rescore")


def read_picture(url):
    """(H, W) uint8 of a data URL."""
    return np.array(Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2]))))


def test_with_the_same_data_set_no_page_says_anything_of_versions(run):
    assert not any(AGAIN in warning.value for warning in open_page("errors").warning)
