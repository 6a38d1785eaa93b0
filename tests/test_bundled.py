"""The network that comes with the project."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fer_core.base.text import percent
from fer_core.errors import InputError
from fer_core.evaluation.evaluate import evaluate_run
from fer_core.inference.logits import predict_logits
from fer_core.inference.photo import predict_photo
from fer_core.models.checkpoints import read_network
from fer_core.runs.find import delete_run, get_run, list_runs
from fer_core.runs.origins.learned import is_about
from fer_core.runs.origins.lineage import find_learned
from tests.helpers.command import call
from tests.helpers.photo import draw_photo
from tests.helpers.samples import make_dataset

MEGABYTE = 1_000_000


def test_it_is_small_and_tells_how_it_was_made_and_how_good_it_is():
    run = get_run("bundled")
    assert run.best_weights.stat().st_size < 16 * MEGABYTE
    card = (run.path / "CARD.md").read_text()
    assert run.info.command in card
    assert percent(run.report["test"].accuracy) in card
    assert run.report["test"].n == 3589


def test_it_knows_the_faces_of_fer2013_that_it_learned():
    learned = find_learned(get_run("bundled"))
    assert (learned.faces.shape, learned.note) == ((27_473, 2), None)
    assert is_about(get_run("bundled").path, get_run("bundled").best_weights)
    assert (get_run("bundled").path / "learned.npy").stat().st_size < MEGABYTE / 2


def test_it_names_an_expression_for_each_face_of_a_photo_before_anyone_has_trained(tmp_path, capsys):
    draw_photo(("happy", "sad"), seed=1).save(tmp_path / "photo.png")
    code, out, _ = call(capsys, "predict", tmp_path / "photo.png", "--json")
    document = json.loads(out)
    assert (code, document["run_id"]) == (0, "bundled")
    faces = document["photos"][0]["faces"]
    assert len(faces) == 2
    assert all(sum(face["probabilities"].values()) == pytest.approx(1, abs=1e-4) for face in faces)


def test_it_is_scored_on_a_data_set_of_ones_own(tmp_path):
    make_dataset(tmp_path)
    document = evaluate_run(get_run("bundled"), "test", "tiny")
    assert (document.n, document.dataset) == (14, "tiny")


def test_it_gives_the_same_answer_whether_faces_come_alone_or_together():
    network = read_network(get_run("bundled").best_weights)
    faces = np.random.default_rng(0).integers(0, 256, (9, 48, 48), dtype=np.uint8)
    together, alone = predict_logits(network, faces), [predict_logits(network, face[None])[0] for face in faces]
    assert np.allclose(together, alone, atol=1e-4)


def test_a_photo_without_a_face_is_taken_whole():
    network = read_network(get_run("bundled").best_weights)
    (prediction,) = predict_photo(network, Image.new("RGB", (80, 60), "white"))
    assert prediction.box is None
    assert prediction.face.shape == (48, 48)


def test_it_is_no_run_of_the_workspace_and_stays():
    assert list_runs() == []
    with pytest.raises(InputError, match="is part of FER Studio"):
        delete_run(get_run("bundled"))
    assert Path(get_run("bundled").path).is_dir()
