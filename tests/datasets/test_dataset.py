import numpy as np

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
