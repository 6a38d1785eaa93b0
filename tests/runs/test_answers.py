"""What a network answered for held-out faces."""

import numpy as np
import pandas as pd
import pytest

from fer_core.errors import InputError
from fer_core.models.heads import LOGITS
from fer_core.runs.predictions import read_answers

LABELS = ["angry", "happy", "happy", "sad"]
LOGIT_ROWS = np.eye(7)[[0, 4, 3, 5]] * np.array([[1], [2], [3], [9]])  # angry, sad, happy, surprise


@pytest.fixture
def folder(tmp_path):
    table = pd.DataFrame({"face_id": list("abcd"), "split": ["val", "test", "test", "test"], "expression": LABELS})
    table[LOGITS["labels"]] = LOGIT_ROWS
    table.to_parquet(tmp_path / "predictions.parquet")
    return tmp_path


def test_the_most_confident_prediction_comes_first(folder):
    predictions = read_answers(folder, "test")
    assert predictions.table["face_id"].tolist() == ["d", "c", "b"]
    assert predictions.table["confidence"].is_monotonic_decreasing
    assert predictions.probs.shape == (3, 7)
    assert np.allclose(predictions.probs.sum(1), 1)


def test_mistakes_are_the_faces_predicted_as_something_else(folder):
    mistakes = read_answers(folder, "test").mistakes()
    assert mistakes[["face_id", "expression", "predicted"]].to_numpy().tolist() == [
        ["d", "sad", "surprise"],
        ["b", "happy", "sad"],
    ]


@pytest.mark.parametrize(
    ("split", "head", "sentence"),
    [("train", "labels", "Choose one of: val, test"), ("test", "people", "has no people head")],
)
def test_what_is_not_there_is_said_with_what_is(folder, split, head, sentence):
    with pytest.raises(InputError, match=sentence):
        read_answers(folder, split, head)


def test_a_run_that_has_not_finished_has_none(tmp_path):
    with pytest.raises(InputError, match="has no predictions yet"):
        read_answers(tmp_path, "test")


def test_a_face_keeps_the_digest_of_its_pixels_where_it_is_known(folder):
    assert read_answers(folder, "test").table["digest"].tolist() == [""] * 3
    table = pd.read_parquet(folder / "predictions.parquet").assign(digest=["0", "1", "2", "3"])
    table.to_parquet(folder / "predictions.parquet")
    assert read_answers(folder, "test").table["digest"].tolist() == ["3", "2", "1"]


def test_an_unknown_head_is_refused_with_those_that_there_are(folder):
    with pytest.raises(InputError, match="Unknown head 'foo': choose one of labels, people"):
        read_answers(folder, "test", "foo")
