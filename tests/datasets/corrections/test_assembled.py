"""From votes, files and people's decisions to the labels of an assembled data set."""

import numpy as np
import pytest

from fer_core.cli.data.labels import print_labels
from fer_core.datasets.assembling.again import assemble_again, assemble_over
from fer_core.datasets.assembling.assemble import assemble
from fer_core.datasets.assembling.card import build_card
from fer_core.datasets.assembling.demo import make_demo
from fer_core.datasets.assembling.recipe import DatasetRecipe, read_recipe
from fer_core.datasets.corrections.log import DROP, Correction, open_log
from fer_core.datasets.counts import LabelKind
from fer_core.datasets.dataset import delete_dataset, open_dataset
from fer_core.errors import InputError
from fer_core.review.correct import correct_face, name_faces
from fer_core.review.pseudo import read_pseudo_labels
from tests.helpers.demo import N_FEW, draw_few_people
from tests.helpers.samples import make_dataset, make_voted_dataset, write_fer2013


@pytest.fixture
def tiny(tmp_path):
    return make_dataset(tmp_path)


def correct(dataset, row, expression, who="ann"):
    return correct_face(dataset, open_log(dataset.name), dataset.table["face_id"].iloc[row], expression, who)


def test_decisions_are_in_the_data_set_once_it_is_assembled_again(tiny):
    rows, faces = tiny.rows("train"), np.array(tiny.faces)
    correct(tiny, rows[0], "happiness")  # angry, as its place says
    correct(tiny, rows[1], DROP)
    assert open_dataset("tiny").info == tiny.info  # nothing changes under a training
    again = assemble_again("tiny")
    assert again.info.n == 41
    assert np.array_equal(again.faces, np.delete(faces, rows[1], 0))
    face = again.table.iloc[rows[0]]
    assert (face["expression"], face["original_expression"], face["label_from"]) == ("happy", "angry", "person:ann")
    assert again.info.fingerprint != tiny.info.fingerprint
    assert again.info.replaced.to_document() == {
        "n": 42, "n_gone": 1, "n_new": 0, "from_to": [{"from": "angry", "to": "happy", "n": 1}],
        "fingerprint": tiny.info.fingerprint, "recipe": {},
    }  # fmt: skip


def test_undone_decisions_give_back_the_data_set_as_it_was(tiny):
    made = [correct(tiny, row, DROP) for row in tiny.rows("train")[:3]]
    assert assemble_again("tiny").info.n == 39
    for correction in made:
        open_log("tiny").undo(correction.correction_id, "ann")
    assert assemble_again("tiny").info.fingerprint == tiny.info.fingerprint


def test_no_label_moves_a_face_to_another_split(tmp_path):
    recipe = DatasetRecipe("drawn", sources=(("fer2013", str(write_fer2013(tmp_path))),), split="80:10:10")
    before = assemble(recipe)
    for row in before.rows("train")[:10]:
        correct(before, row, "neutral")
    assert assemble(recipe).table["split"].tolist() == before.table["split"].tolist()


def test_decisions_outlive_the_data_set_and_serve_another_of_the_same_source(tiny):
    row = tiny.rows("train")[0]
    correct(tiny, row, "happy")
    recipe = read_recipe(tiny.info.recipe)
    delete_dataset("tiny")
    assert assemble(recipe).table["expression"].iloc[row] == "happy"
    delete_dataset("tiny")
    other = {**tiny.info.recipe.to_document(), "name": "other"}
    assert assemble(read_recipe({**other, "corrections": "tiny"})).table["expression"].iloc[row] == "happy"
    assert assemble(read_recipe(other)).table["expression"].iloc[row] == "angry"
    assert assemble(read_recipe({**other, "name": "tiny", "corrections": "none"})).info.labels.n_changed == 0


def test_the_list_of_a_name_that_nobody_has_given_is_refused_before_the_faces_are_read(tiny, monkeypatch):
    other = {**tiny.info.recipe.to_document(), "name": "other"}
    assert assemble(read_recipe({**other, "corrections": "tiny"})).info.n == 42  # nobody has corrected it yet
    monkeypatch.setattr("fer_core.datasets.assembling.assemble.write_source", None)
    with pytest.raises(InputError, match=r"There is no data set 'tinny' \(available: other, tiny\)"):
        assemble(read_recipe({**other, "corrections": "tinny"}))


def test_a_test_face_whose_only_copy_in_training_is_dropped_has_none_any_more(tmp_path):
    path = write_fer2013(tmp_path)
    lines = path.read_text().splitlines()
    test_face = next(line for line in lines if line.endswith("PrivateTest"))
    path.write_text("\n".join([*lines, test_face.replace("PrivateTest", "Training")]) + "\n")
    dataset = assemble(DatasetRecipe("copied", sources=(("fer2013", str(path)),)))
    assert dataset.info.copies.test_faces_with_copy_in_train == 1
    correct(dataset, 42, DROP)
    assert assemble_again("copied").info.copies.test_faces_with_copy_in_train == 0


def test_a_data_set_of_which_nothing_is_left_is_refused_and_stays(tiny):
    log = open_log("tiny")
    log.add(
        Correction(face_id=face_id, sha256=sha256, expression=DROP, before="sad", kind="person", who="ann")
        for face_id, sha256 in tiny.table[["face_id", "sha256"]].to_numpy()
    )
    with pytest.raises(InputError, match="exclude every face"):
        assemble(read_recipe({**tiny.info.recipe.to_document(), "relabel": "all"}))
    assert open_dataset("tiny").info == tiny.info


def test_the_majority_of_the_votes_is_the_label_where_asked(tmp_path):
    voted = make_voted_dataset(tmp_path)
    relabelled = assemble(read_recipe({**voted.info.recipe.to_document(), "labels": "votes"}))
    train = relabelled.rows("train")
    assert set(relabelled.table["expression"].iloc[train]) == {"happy"}
    assert set(relabelled.table["label_from"].iloc[train]) == {"votes"}
    rest = np.setdiff1d(np.arange(42), train)
    assert relabelled.table["expression"].iloc[rest].tolist() == voted.table["expression"].iloc[rest].tolist()
    assert relabelled.info.labels.by_kind == (LabelKind(kind="votes", changed=12, dropped=0),)


def test_changed_faces_that_a_limit_then_left_out_are_told_beside_the_count(tmp_path, capsys):
    recipe = {**make_voted_dataset(tmp_path).info.recipe.to_document(), "labels": "votes"}
    assert assemble(read_recipe(recipe)).info.labels.n_changed_left_out == 0
    capped = assemble(read_recipe({**recipe, "caps": [["fer2013", 3]]}))
    table, labels = capped.table, capped.info.labels
    n_in_it = int((table["expression"] != table["original_expression"]).sum())
    n_out = labels.n_changed_left_out
    assert (n_in_it + n_out, n_out > 0) == (labels.n_changed, True)
    assert f"Of the changed faces, {n_out} were then excluded by flags or limits." in build_card(capped.info)
    print_labels(capped.info)
    assert f"of the changed faces, excluded afterwards by flags or limits: {n_out}\n" in capsys.readouterr().out


def test_drawn_faces_are_drawn_again_whatever_was_dropped(monkeypatch):
    draw_few_people(monkeypatch)
    demo = make_demo(n=N_FEW)
    correct(demo, demo.rows("train")[0], DROP)
    assert assemble_again("demo").info.n == N_FEW - 1
    assert assemble_again("demo").info.n == N_FEW - 1
    open_log("demo").undo(next(iter(open_log("demo").standing)), "ann")
    assert assemble_again("demo").info.fingerprint == demo.info.fingerprint


def test_a_decision_knows_what_the_face_was_called_by_the_one_before(tiny):
    correct(tiny, 0, "fear")
    assert correct(tiny, 0, "happy").before == "fear"
    with pytest.raises(InputError, match="has no face 'x'"):
        correct_face(tiny, open_log("tiny"), "x", "sad", "ann")


def read(tiny, tmp_path, text, threshold=0.0):
    path = tmp_path / "labels.csv"
    path.write_text(text)
    return read_pseudo_labels(tiny, open_log("tiny"), path, threshold, "ann")


def test_pseudo_labels_change_what_they_are_sure_of(tiny, tmp_path):
    text = (
        "path,label,confidence\n"
        "row 1,happy,0.95\n"  # angry until now
        "fer2013:row 2,sad,0.5\nrow 3,Fear,0.9\nrow 4,contempt,1\nrow 99,sad,1\nrow 5,surprise,1\nrow 5,surprise,1\n"
    )
    found = read(tiny, tmp_path, text, 0.9)
    assert [(c.face_id, c.expression, c.before, c.why, c.confidence) for c in found.corrections] == [
        ("fer2013:row 1", "happy", "angry", "labels.csv", 0.95), ("fer2013:row 5", "surprise", "sad", "labels.csv", 1),
    ]  # fmt: skip
    assert (found.n_rows, found.n_unsure, found.n_same, found.n_outside, found.n_unknown) == (7, 1, 1, 1, 1)
    log = open_log("tiny")
    log.add(found.corrections)
    assert name_faces(tiny, log)[[0, 4]].tolist() == ["happy", "surprise"]
    assert not read(tiny, tmp_path, text, 0.9).corrections  # they say what is said already
    assert assemble_again("tiny").table["label_from"].iloc[0] == "pseudo:labels.csv"


@pytest.mark.parametrize(
    ("text", "threshold", "message"),
    [
        ("path,label\nrow 1,sad\n", 0.5, "--threshold needs one of confidence, score"),
        ("path,label,confidence\nrow 1,sad,high\n", 0.5, "row 1: confidence must be 0 to 1, got 'high'"),
        ("path,label\na.png,sad\n", 0.0, "none of its 1 paths is a face of tiny. A path there looks like 'row 1'"),
    ],
    ids=["no confidence", "no number", "no face"],
)
def test_a_pseudo_label_file_that_cannot_be_meant_is_refused(tiny, tmp_path, text, threshold, message):
    with pytest.raises(InputError, match=message):
        read(tiny, tmp_path, text, threshold)


def test_an_assembly_over_another_notes_the_choices_that_differ(tiny):
    path = tiny.info.recipe.sources[0][1]
    assemble_over(read_recipe({**tiny.info.recipe.to_document(), "sources": [["pixelcsv", path]]}))
    recipe = read_recipe({**tiny.info.recipe.to_document(), "copies": "drop_surplus", "sources": [["auto", path]]})
    info = assemble_over(recipe).info
    assert info.replaced.recipe == {"copies": ["keep", "drop_surplus"]}
    assert (info.replaced.n_gone, info.replaced.n_new) == (0, 0)
    assert assemble_over(read_recipe({**tiny.info.recipe.to_document(), "name": "fresh"})).info.replaced is None


def test_a_damaged_data_set_is_assembled_over(tiny):
    (tiny.path / "dataset.json").write_text("{")
    assert assemble_over(read_recipe(tiny.info.recipe)).info.n == 42
