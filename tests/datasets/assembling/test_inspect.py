from fer_core.datasets.assembling.inspect import inspect_source
from tests.helpers.samples import write_ckplus, write_fer2013


def test_it_counts_classes_subjects_and_what_is_left_out(tmp_path):
    document = inspect_source(write_ckplus(tmp_path)).to_document()
    assert document["counts"] == {
        "angry": 3,
        "disgust": 0,
        "fear": 0,
        "happy": 3,
        "sad": 3,
        "surprise": 0,
        "neutral": 0,
    }
    assert (document["source"], document["n"], document["n_subjects"]) == ("ckplus", 9, 2)
    assert document["left_out"] == {"contempt": 3}


def test_it_opens_every_image_and_tells_the_one_that_is_none(tmp_path):
    root = write_ckplus(tmp_path)
    (root / "happy" / "S010_001_00000015.png").write_text("hello")
    found = inspect_source(root)
    assert found.n == 8
    assert [problem.origin for problem in found.problems] == ["happy/S010_001_00000015.png"]


def test_it_goes_past_bad_rows_and_counts_them(tmp_path):
    found = inspect_source(write_fer2013(tmp_path, bad=["3,1 2,Training"]))
    assert (found.n, len(found.problems)) == (42, 1)
    assert found.usages == {"train": 14, "val": 14, "test": 14}
