import numpy as np
import pandas as pd
import pytest

from fer_core.base.files import UnreadableError, write_json
from fer_core.errors import InputError
from fer_core.labels import EXPRESSIONS
from fer_core.models.heads import LOGITS
from fer_core.runs.predictions import (
    PROBS,
    add_answers,
    fill_digests,
    has_predictions,
    read_predictions,
    write_predictions,
)
from fer_core.runs.run import Run
from tests.helpers.samples import make_dataset

MADE = {"dataset": "tiny", "created": "2026-11-28T12:00:00+0000", "device": "cpu"}


@pytest.fixture
def tiny(tmp_path):
    return make_dataset(tmp_path)


@pytest.fixture
def run(tiny, tmp_path):
    """A folder with what a run says of its data set."""
    write_json(tmp_path / "run.json", {**MADE, "dataset_fingerprint": tiny.info.fingerprint})
    return Run(tmp_path)


def table(tiny, *logits):
    rows = tiny.rows("val")[: len(logits)]
    found = tiny.table[["face_id", "split", "expression"]].iloc[rows].reset_index(drop=True)
    found[LOGITS["labels"]] = np.array(logits, np.float32)
    return found


def test_predictions_of_an_earlier_version_get_the_digests_of_their_faces(run, tiny):
    assert not has_predictions(run.path)
    write_predictions(run.path, table(tiny, np.zeros(7), np.ones(7)))
    assert has_predictions(run.path)
    assert (
        fill_digests(read_predictions(run.path), run.info)["digest"].tolist()
        == tiny.digests[tiny.rows("val")[:2]].tolist()
    )


def test_of_a_data_set_assembled_again_since_no_digest_is_known(run, tiny):
    write_json(run.path / "run.json", {**MADE, "dataset_fingerprint": "of before"})
    write_predictions(run.path, table(tiny, np.zeros(7)))
    assert fill_digests(read_predictions(run.path), run.info)["digest"].tolist() == [""]


def test_answers_are_the_likeliest_expression_and_its_probability(tiny):
    answers = add_answers(table(tiny, [0, 0, 0, np.log(6), 0, 0, 0]))
    assert answers["predicted"].tolist() == [EXPRESSIONS[3]]
    assert answers["confidence"].tolist() == pytest.approx([0.5])
    assert answers[PROBS].sum(axis=1).tolist() == pytest.approx([1.0])


def test_a_damaged_file_is_named(run):
    (run.path / "predictions.parquet").write_bytes(b"PAR1 cut")
    with pytest.raises(InputError, match=r"predictions\.parquet"):
        read_predictions(run.path)


def test_writing_leaves_what_was_there_when_it_fails(run, tiny, monkeypatch):
    write_predictions(run.path, table(tiny, np.zeros(7)))
    monkeypatch.setattr(pd.DataFrame, "to_parquet", lambda *args, **values: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        write_predictions(run.path, table(tiny, np.ones(7)))
    assert read_predictions(run.path)[LOGITS["labels"]].to_numpy().max() == 0


@pytest.mark.parametrize(
    ("column", "value", "why"),
    [
        ("expression", "contempt", "'contempt', not one of"),
        ("face_id", 5, "missing or not texts"),
        (LOGITS["labels"][0], float("nan"), "not finite numbers"),
        (LOGITS["labels"][0], "x", "not finite numbers"),
    ],
)
def test_predictions_that_no_network_makes_are_damage_that_names_their_column(tmp_path, column, value, why):
    whole = {"face_id": ["a"], "split": ["test"], "expression": ["sad"], **{name: [0.0] for name in LOGITS["labels"]}}
    pd.DataFrame({**whole, column: [value]}).to_parquet(tmp_path / "predictions.parquet")
    with pytest.raises(UnreadableError, match=f"its column {column} has .*{why}"):
        read_predictions(tmp_path)
