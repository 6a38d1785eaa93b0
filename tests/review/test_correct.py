"""What a person's word and a file of pseudo-labels come to, where faces are hard to tell or held back."""

import pytest

from fer_core.datasets.corrections.log import open_log
from fer_core.errors import InputError
from fer_core.review.correct import correct_face, correct_label
from fer_core.review.pseudo import read_pseudo_labels
from tests.helpers.samples import make_dataset


@pytest.fixture
def tiny(tmp_path):
    return make_dataset(tmp_path)


def read(dataset, folder, *lines, threshold=0.0):
    path = folder / "labels.csv"
    path.write_text("\n".join(["path,label,confidence", *lines]) + "\n")
    return read_pseudo_labels(dataset, open_log(dataset.name), path, threshold, "ann")


def test_what_a_held_back_face_is_called_is_the_last_word_on_it(tiny):
    face_id = tiny.table["face_id"].iloc[tiny.rows("test")[0]]
    correct_face(tiny, open_log("tiny"), face_id, "sad", "ann")
    assert correct_face(tiny, open_log("tiny"), face_id, "fear", "ann").before == "sad"


def test_a_line_with_several_faults_is_counted_once(tiny, tmp_path):
    lines = ("row 1,happy,0.9", "nowhere,contempt,0.1", "nowhere,sad,0.1", "row 2,contempt,0.1", "row 3,sad,0.1")
    found = read(tiny, tmp_path, *lines, threshold=0.5)
    assert (len(found.corrections), found.n_unknown, found.n_outside, found.n_unsure, found.n_same) == (1, 2, 1, 1, 0)


def test_a_path_that_is_several_faces_origin_names_none_and_a_faces_own_name_goes_first(tiny, tmp_path):
    ids = tiny.table["face_id"].tolist()
    tiny.table.loc[[0, 1], "origin"] = "twice"
    tiny.table.loc[2, "origin"] = ids[3]
    found = read(tiny, tmp_path, "twice,happy,1", f"{ids[3]},happy,1", f"{ids[4]},angry,1")
    assert found.n_unknown == 1
    assert [correction.face_id for correction in found.corrections] == ids[4:5]
    assert found.n_same == 1


def test_a_path_may_be_written_with_backslashes(tiny, tmp_path):
    tiny.table.loc[0, "origin"] = "train/a.png"
    found = read(tiny, tmp_path, "train\\a.png,happy,1")
    assert [correction.face_id for correction in found.corrections] == [tiny.table["face_id"].iloc[0]]


def test_a_label_for_a_face_that_has_other_pixels_now_is_refused(tiny):
    face_id, digest = tiny.table["face_id"].iloc[0], tiny.digests[0]
    assert correct_label(tiny, face_id, "sad", "ann", digest).face_id == face_id
    with pytest.raises(InputError, match=r"is another face in this version of tiny.*Evaluate the run again"):
        correct_label(tiny, face_id, "happy", "ann", tiny.digests[1])
    assert len(open_log("tiny").standing) == 1


def test_a_data_set_given_by_name_says_to_open_it(tiny):
    with pytest.raises(InputError, match=r"Expected a data set, got 'tiny'\. Open it first"):
        correct_label("tiny", "row 1", "sad")
