"""Every row of a source is a face of the data set, unreadable, or left out for a reason, once."""

import json

import numpy as np
import pandas as pd
import pytest

from fer_core.datasets.assembling.again import assemble_again
from fer_core.datasets.assembling.assemble import assemble
from fer_core.datasets.assembling.card import build_card
from fer_core.datasets.assembling.left_out import (
    LEFT_OUT_TABLE,
    REASONS,
    UNSPLIT,
    find_left_out,
    open_left_out,
    spread_splits,
    sum_reasons,
)
from fer_core.datasets.assembling.recipe import DatasetRecipe
from fer_core.datasets.checks.flags import FLAGS
from fer_core.datasets.corrections.log import DROP, KINDS, Correction, open_log
from fer_core.datasets.corrections.overlay import DROPS
from fer_core.datasets.counts import LeftOutCount
from fer_core.datasets.dataset import open_dataset
from fer_core.datasets.export import export_dataset
from fer_core.errors import InputError
from tests.helpers.samples import change, make_dataset, write_all_reasons, write_ckplus, write_fer2013

N_ROWS = {"fer2013": 64, "ckplus": 12}  # a bad row in the one, three faces of contempt in the other
CHOICES = {
    "labels": "votes", "drop": ("unknown", "not-a-face", "tie"), "leave_out": ("dark", "constant"),
    "caps": (("fer2013", 1), ("ckplus", 2)), "skip_bad": True,
}  # fmt: skip


def make_sources(tmp_path):
    return (("fer2013", str(write_all_reasons(tmp_path))), ("ckplus", str(write_ckplus(tmp_path))))


@pytest.fixture
def whole(tmp_path):
    """All faces, in the data set whose list of corrections leaves out the faces of rows 26 and 27."""
    dataset = assemble(DatasetRecipe("whole", sources=make_sources(tmp_path), skip_bad=True))
    faces = dataset.table.set_index("face_id").loc[["fer2013:row 26", "fer2013:row 27"]]
    open_log("whole").add(
        Correction(
            face_id=face_id,
            sha256=face["sha256"],
            expression=DROP,
            before=face["expression"],
            kind=kind,
            who="ann",
            why="list.csv",
        )
        for (face_id, face), kind in zip(faces.iterrows(), ("person", "pseudo"), strict=True)
    )
    return dataset


def make_fewer(whole, copies="drop_surplus"):
    sources = tuple(map(tuple, whole.info.recipe.sources))
    return assemble(DatasetRecipe("fewer", sources=sources, copies=copies, corrections="whole", **CHOICES))


@pytest.mark.parametrize("copies", ["keep", "drop_surplus", "drop_contradicting"])
def test_every_row_of_a_source_is_counted_once(whole, copies):
    info = make_fewer(whole, copies).info
    left_out = sum_reasons(info)
    assert {s.source: s.n + s.n_skipped + left_out[s.source].total() for s in info.sources} == N_ROWS
    assert left_out["ckplus"]["contempt"] == 3


def test_each_face_goes_under_what_took_it(whole):
    fewer = make_fewer(whole)
    table = open_left_out(fewer).table.set_index("face_id")
    told = table.loc[table["reason"] != "limit", ["split", "reason"]].apply(tuple, axis=1).to_dict()
    assert told == {
        "fer2013:row 1": ("train", "votes contempt"),
        "fer2013:row 2": ("train", "votes unknown"),
        "fer2013:row 3": ("train", "votes not-a-face"),
        "fer2013:row 4": ("train", "votes tie"),
        "fer2013:row 22": ("train", "flag dark"),
        "fer2013:row 23": ("train", "flag constant"),
        "fer2013:row 26": ("train", "person"),
        "fer2013:row 27": ("train", "pseudo"),
        "fer2013:row 45": ("", "copy"),
        "fer2013:row 48": ("", "copy"),
    }
    train = fewer.table[(fewer.table["split"] == "train") & (fewer.table["source"] == "fer2013")]
    assert train["expression"].is_unique
    assert set(table["split"]) == {"", "train"}


def test_copies_under_several_labels_have_a_reason_of_their_own(whole):
    table = open_left_out(make_fewer(whole, "drop_contradicting")).table
    gone = table.loc[table["reason"] == "contradicting copies", ["face_id", "split"]]
    assert gone.to_numpy().tolist() == [["fer2013:row 25", ""], ["fer2013:row 48", ""]]


def test_the_faces_of_both_are_all_that_were_decoded_with_their_own_pixels_and_labels(whole):
    fewer = make_fewer(whole)
    left_out = open_left_out(fewer)
    assert len(left_out.table) == len(left_out.faces)
    ids = [*fewer.table["face_id"], *left_out.table["face_id"]]
    assert sorted(ids) == sorted(whole.table["face_id"])
    order = whole.table.reset_index().set_index("face_id").loc[ids, "index"].to_numpy()
    assert np.array_equal(whole.faces[order], [*fewer.faces, *left_out.faces])
    labels = whole.table.set_index("face_id")["original_expression"]
    assert left_out.table["expression"].tolist() == labels[left_out.table["face_id"]].tolist()


def test_nothing_is_written_where_nothing_is_left_out(tmp_path):
    dataset = make_dataset(tmp_path)
    assert not list(dataset.path.glob("left_out*"))
    assert dataset.info.left_out == ()
    left_out = open_left_out(dataset)
    assert (len(left_out.table), left_out.faces.shape) == (0, (0, 48, 48))
    assert find_left_out(left_out.table).size == 0
    assert "## Excluded faces" not in build_card(dataset.info)


def test_what_was_left_out_before_is_gone_once_nothing_is_any_more(whole):
    fewer = make_fewer(whole)
    first = fewer.info.left_out
    assert assemble_again("fewer").info.left_out == first != ()
    sources = tuple(map(tuple, whole.info.recipe.sources))
    again = assemble(DatasetRecipe("fewer", sources=sources, skip_bad=True, corrections="none"))
    assert again.info.fingerprint == whole.info.fingerprint
    assert not list(again.path.glob("left_out*"))


def test_faces_that_were_left_out_are_not_exported(whole, tmp_path):
    fewer = make_fewer(whole)
    assert export_dataset("fewer", tmp_path / "out") == len(fewer.table) < len(whole.table)


def test_faces_are_found_by_reason_source_and_split(whole):
    table = open_left_out(make_fewer(whole)).table
    assert table["reason"].iloc[find_left_out(table, split=UNSPLIT)].tolist() == ["copy", "copy"]
    assert set(table["source"].iloc[find_left_out(table, "limit", "ckplus")]) == {"ckplus"}
    assert find_left_out(table, "copy", split="train").size == 0
    with pytest.raises(InputError, match=r"with the reason 'cop' \(available: votes contempt, "):
        find_left_out(table, "cop")


def test_every_word_that_an_assembly_uses_has_a_meaning():
    assert {*KINDS, *(f"votes {what}" for what in DROPS), *(f"flag {flag}" for flag in FLAGS)} < set(REASONS)


def test_counts_stand_in_a_row_a_reason_and_source_and_a_column_a_split():
    counts = [
        {"source": "a", "split": "", "reason": "copy", "n": 1200},
        {"source": "a", "split": "val", "reason": "limit", "n": 2},
        {"source": "a", "split": "train", "reason": "limit", "n": 3},
    ]
    counts = [LeftOutCount(**row) for row in counts]
    assert spread_splits(counts) == [["copy", "a", "1,200", "0", "0", "0"], ["limit", "a", "0", "3", "2", "0"]]


def test_the_card_tells_what_was_left_out_and_why(whole):
    card = build_card(make_fewer(whole).info)
    assert "excluded: contempt 3, limit 3; skipped as unreadable: 0." in card
    assert "| votes contempt | fer2013 | 0 | 1 | 0 | 0 |\n" in card
    assert "- votes contempt: most votes call it contempt, which is not one of the seven expressions\n" in card


def test_a_data_set_of_before_says_what_to_do(tmp_path):
    dataset = make_dataset(tmp_path)
    info = change(dataset.info, left_out=None)
    (dataset.path / "dataset.json").write_text(json.dumps(info.to_document()))
    with pytest.raises(InputError, match="fer data again tiny"):
        open_left_out(open_dataset("tiny"))
    assert "## Excluded faces" not in build_card(info)


def test_a_reason_is_called_as_today_also_in_a_data_set_of_an_earlier_version(tmp_path):
    path = write_fer2013(tmp_path)
    path.write_text(path.read_text() + path.read_text().splitlines()[8].replace("PublicTest", "Training") + "\n")
    made = assemble(DatasetRecipe("old", sources=(("auto", str(path)),), copies="drop_leaks"))
    (now,) = made.info.left_out
    info = json.loads((made.path / "dataset.json").read_text())
    info["left_out"][0]["reason"] = "leak"
    del info["version"]
    (made.path / "dataset.json").write_text(json.dumps(info))
    table = pd.read_parquet(made.path / LEFT_OUT_TABLE).assign(reason="leak")
    table.to_parquet(made.path / LEFT_OUT_TABLE, index=False)
    old = open_dataset("old")
    assert old.info.left_out == (now,)
    assert open_left_out(old).table["reason"].tolist() == [now.reason] == ["copy in validation or test"]
