"""`fer data correct | undo | corrections | again | agreement` as they are typed, and what they answer."""

import json

import pandas as pd
import pytest

from fer_core.datasets.corrections.log import DROP, Correction, open_log
from tests.helpers.command import call
from tests.helpers.samples import make_dataset, make_voted_dataset

AGAIN = "Corrections take effect when the data set is assembled again: fer data again tiny\n"
LIST = ("data", "corrections", "tiny")


@pytest.fixture
def tiny(tmp_path):
    return make_dataset(tmp_path)


def write_pseudo_labels(folder):
    path = folder / "labels.csv"
    lines = ("path,label,confidence", "row 1,happy,0.95", "row 2,fear,0.9", "row 3,sad,0.5", "row 4,contempt,1")
    path.write_text("\n".join([*lines, "row 5,sad,1", "row 99,sad,1"]) + "\n")
    return path


def test_a_face_is_corrected_listed_assembled_and_given_back(capsys, tiny):
    code, out, _ = call(capsys, "data", "correct", "tiny", "fer2013:row 1", "Happiness")
    (made,) = open_log("tiny").standing.values()
    assert (code, out) == (0, f"{made.correction_id}: fer2013:row 1, angry -> happy. {AGAIN}")
    listed = call(capsys, *LIST)[1].splitlines()[1].split()
    assert listed[:6] == [made.correction_id, "fer2013:row", "1", "angry", "happy", "person"]
    out = call(capsys, "data", "again", "tiny")[1]
    assert "labels by person: 1 changed, 0 faces dropped\n  from / to  happy\n  angry      1\n" in out
    assert f"  from / to  happy\n  angry      1\n  fingerprint: {tiny.info.fingerprint[:16]} before\n" in out
    assert call(capsys, "data", "undo", "tiny", made.act)[:2] == (0, f"1 correction undone. {AGAIN}")
    assert call(capsys, *LIST)[1].startswith("No corrections yet.")
    assert "  from / to  angry\n  happy      1\n" in call(capsys, "data", "again", "tiny")[1]
    assert "0 removed, 0 added\n  fingerprint: the same\n" in call(capsys, "data", "again", "tiny")[1]


def test_the_list_is_one_document_and_one_file_with_a_row_a_correction(capsys, tiny, tmp_path):
    call(capsys, "data", "correct", "tiny", "fer2013:row 2", DROP)
    call(capsys, "data", "correct", "tiny", "fer2013:row 2", "sad")
    call(capsys, "data", "correct", "tiny", "--pseudo", write_pseudo_labels(tmp_path), "--threshold", 0.95)
    found = json.loads(call(capsys, *LIST, "--json")[1])
    assert [(row["before"], row["expression"], row["confidence"]) for row in found] == [
        ("disgust", "drop", None), ("drop", "sad", None), ("angry", "happy", 0.95),
    ]  # fmt: skip
    path = tmp_path / "list.csv"
    assert call(capsys, *LIST, "--csv", path)[:2] == (0, f"3 corrections in {path}\n")
    assert pd.read_csv(path)["correction_id"].tolist() == [row["correction_id"] for row in found]


def test_pseudo_labels_are_counted_taken_together_and_taken_back_together(capsys, tiny, tmp_path):
    path = write_pseudo_labels(tmp_path)
    code, out, _ = call(capsys, "data", "correct", "tiny", "--pseudo", path, "--threshold", 0.9)
    first, second = open_log("tiny").standing.values()
    assert code == 0
    assert out == (
        "6 rows: label changed 2, same label 1, below the threshold 1, not one of the seven expressions 1, "
        "no such face 1\n"
        f"{first.act}: 2 corrections (to undo: fer data undo tiny {first.act}).\n{AGAIN}"
    )
    assert (first.expression, second.expression, first.act) == ("happy", "fear", second.act)
    assert call(capsys, "data", "undo", "tiny", first.act)[1].startswith("2 corrections undone.")
    path.write_text("path,label\nrow 5,sad\n")
    out = call(capsys, "data", "correct", "tiny", "--pseudo", path)[1]
    assert out.startswith("1 row: label changed 0, same label 1,") and out.count("\n") == 1
    assert not open_log("tiny").standing


def test_correcting_as_json_is_the_corrections_and_what_became_of_the_lines(capsys, tiny, tmp_path):
    document = json.loads(call(capsys, "data", "correct", "tiny", "fer2013:row 3", "sad", "--json")[1])
    (made,) = document.pop("corrections")
    assert (made["face_id"], made["before"], made["expression"]) == ("fer2013:row 3", "fear", "sad")
    assert document == {"dataset": "tiny", "act": made["correction_id"][:-2], "n": 1, "n_held_back": 0, "pseudo": None}
    path = write_pseudo_labels(tmp_path)
    document = json.loads(call(capsys, "data", "correct", "tiny", "--pseudo", path, "--threshold", 0.9, "--json")[1])
    assert [made["face_id"] for made in document["corrections"]] == ["fer2013:row 1", "fer2013:row 2"]
    assert document["pseudo"] == {
        "n_rows": 6, "n_unsure": 1, "n_same": 1, "n_outside": 1, "n_unknown": 1, "notes": [],
    }  # fmt: skip
    undone = json.loads(call(capsys, "data", "undo", "tiny", document["act"], "--json")[1])
    assert undone == {"dataset": "tiny", "correction": document["act"], "n_undone": 2}
    path.write_text("path,label\nrow 1,angry\n")
    document = json.loads(call(capsys, "data", "correct", "tiny", "--pseudo", path, "--json")[1])
    assert (document["n"], document["act"], document["corrections"]) == (0, None, [])


def test_corrections_that_change_nothing_yet_are_told_with_what_would_change_them(capsys, tiny):
    call(capsys, "data", "correct", "tiny", tiny.table["face_id"].iloc[tiny.rows("test")[0]], DROP)
    open_log("tiny").add(
        [
            Correction(
                face_id="gone", sha256="no such pixels", expression="sad", before="happy", kind="person", who="ann"
            )
        ]
    )
    out = call(capsys, "data", "again", "tiny")[1]
    assert "validation and test faces, not applied: 1 (--relabel all applies them too)" in out
    assert "  corrections without a face here: 1\n" in out


def test_agreement_with_the_votes_is_told_class_by_class(capsys, tmp_path):
    make_voted_dataset(tmp_path)
    code, out, _ = call(capsys, "data", "agreement", "voted")
    assert code == 0
    assert out.startswith(
        "The sources' labels equal the majority of votes for 14.3 % of 42 faces.\noutside the seven: none\n"
    )
    rows = [line.split() for line in out.splitlines()]
    assert ["angry", "0", "0", "0", "6", "0", "0", "0", "0.0", "%", "0.47"] in rows
    assert ["happy", "0", "0", "0", "6", "0", "0", "0", "100.0", "%", "0.47"] in rows
    assert json.loads(call(capsys, "data", "agreement", "voted", "--json")[1])["agreement"] == 6 / 42


@pytest.mark.parametrize(
    ("command", "expected", "message"),
    [
        ("correct tiny row-1 happy", 2, "tiny has no face 'row-1'. A face is named like 'fer2013:row 1'."),
        ("correct none x happy", 2, "There is no data set 'none' (available: tiny)"),
        ("correct tiny", 2, "Give either a face and its expression, or --pseudo FILE."),
        ("correct tiny x", 2, "Give either a face and its expression, or --pseudo FILE."),
        ("correct tiny x happy --pseudo y", 2, "Give either a face and its expression, or --pseudo FILE."),
        ("correct tiny --pseudo /nowhere/x.csv", 1, "No such file or directory: '/nowhere/x.csv'. Check the path"),
        ("correct tiny --pseudo x --threshold 2", 2, "Invalid value for '--threshold'"),
        ("undo tiny none", 2, "There is no correction 'none' in effect. See fer data corrections tiny for"),
        ("undo none 3f2a91c0", 2, "There is no data set 'none' (available: tiny)"),
        ("corrections none", 2, "There is no data set 'none' (available: tiny)"),
        ("corrections a/b", 2, "'a/b' is not a valid name for a data set"),
        ("again none", 2, "There is no data set 'none' (available: tiny)"),
        ("agreement none", 2, "There is no data set 'none' (available: tiny)"),
        ("agreement tiny", 2, "tiny has no votes."),
        ("suspects tiny --kfold none", 2, "does not match exactly one cross-validation"),
    ],
)
def test_a_wrong_use_is_one_sentence_and_writes_nothing(capsys, tiny, command, expected, message):
    code, out, err = call(capsys, "data", *command.split())
    assert (code, out) == (expected, "")
    assert message in err
    assert "Traceback" not in err
    assert not open_log("tiny").path.exists()


def test_a_word_that_is_no_expression_names_the_seven(capsys, tiny):
    code, _, err = call(capsys, "data", "correct", "tiny", "fer2013:row 1", "glad")
    assert (code, err) == (
        2,
        "fer: 'glad' is not an expression: "
        "choose one of angry, disgust, fear, happy, sad, surprise, neutral, or drop.\n",
    )
    assert not open_log("tiny").standing


def test_the_list_of_a_data_set_that_was_deleted_is_still_shown(capsys, tiny):
    call(capsys, "data", "correct", "tiny", "fer2013:row 1", "happy")
    (tiny.path / "dataset.json").unlink()
    code, out, _ = call(capsys, *LIST)
    assert (code, "fer2013:row 1" in out) == (0, True)


def test_correcting_a_face_that_is_not_for_training_says_that_it_is_held_back(capsys, tmp_path):
    dataset = make_dataset(tmp_path)
    for split, is_told in (("train", False), ("test", True)):
        row = dataset.rows(split)[0]
        other = "sad" if dataset.table["expression"].iloc[row] != "sad" else "happy"
        _, out, _ = call(capsys, "data", "correct", dataset.name, dataset.table["face_id"].iloc[row], other)
        assert ("This is not a training face" in out) == is_told
