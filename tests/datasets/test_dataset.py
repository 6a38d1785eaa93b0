import numpy as np
import pandas as pd
import pytest

from fer_core.base.files import UnreadableError
from fer_core.datasets.dataset import open_dataset
from tests.helpers.samples import make_dataset


def test_drawn_rows_keep_each_expressions_share_and_follow_from_the_seed(tmp_path):
    dataset = make_dataset(tmp_path, n_per_class=30)  # 10 training faces of each expression
    rows = dataset.draw_rows("train", 21, seed=3)
    assert np.bincount(dataset.labels[rows]).tolist() == [3] * 7
    assert np.isin(rows, dataset.rows("train")).all()
    assert len(set(rows)) == 21
    assert rows.tolist() == dataset.draw_rows("train", 21, seed=3).tolist()
    assert rows.tolist() != dataset.draw_rows("train", 21, seed=4).tolist()


def test_no_more_rows_are_drawn_than_there_are(tmp_path):
    dataset = make_dataset(tmp_path)
    assert dataset.draw_rows("val", 1000, seed=0).tolist() == dataset.rows("val").tolist()


@pytest.mark.parametrize(
    ("column", "value", "why"),
    [
        ("expression", "contempt", "'contempt', not one of angry"),
        ("expression", None, "not one of angry"),
        ("split", "foo", "'foo', not one of train, val, test"),
        ("split", None, "not one of train"),
        ("sha256", 5, "missing or not texts"),
        ("face_id", None, "missing or not texts"),
    ],
)
def test_a_table_with_a_value_that_no_assembly_writes_is_damage_that_names_its_column(tmp_path, column, value, why):
    path = make_dataset(tmp_path).path / "faces.parquet"
    table = pd.read_parquet(path)
    table[column] = value
    table.to_parquet(path)
    with pytest.raises(
        UnreadableError, match=rf"faces\.parquet cannot be read: its column {column} .*{why}.*fer data again"
    ):
        open_dataset("tiny").labels  # noqa: B018
