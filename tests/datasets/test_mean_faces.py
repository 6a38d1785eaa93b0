import numpy as np

from fer_core.datasets.mean_faces import average_faces
from tests.helpers.samples import make_dataset


def test_each_mean_is_that_of_the_training_faces_of_its_source_and_expression(tmp_path):
    dataset = make_dataset(tmp_path)
    means, counts = average_faces(dataset, ["fer2013", "another"])
    assert means.shape == (2, 7, 48, 48)
    assert counts.tolist() == [[2] * 7, [0] * 7]
    chosen = (dataset.table["split"] == "train") & (dataset.table["expression"] == "happy")
    assert np.allclose(means[0, 3], dataset.faces[chosen.to_numpy()].mean(0))
    assert np.isnan(means[1]).all()


def test_several_parts_give_the_same_means_as_one(tmp_path, monkeypatch):
    dataset = make_dataset(tmp_path)
    whole, _ = average_faces(dataset, ["fer2013"])
    monkeypatch.setattr("fer_core.datasets.face_file._CHUNK", 3)
    assert np.array_equal(average_faces(dataset, ["fer2013"])[0], whole)
