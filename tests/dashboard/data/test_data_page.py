"""The Data page: its sections, the form of the recipe, the face browser, and what an assembly made and changed."""

import json

import numpy as np
import pytest

from dashboard.data.assembly_jobs import describe_made
from dashboard.data.recipe_form import describe_joining
from dashboard.shared.changes import describe_changes
from fer_core.datasets.assembling.again import assemble_again, assemble_over
from fer_core.datasets.assembling.inspect import inspect_source
from fer_core.datasets.assembling.recipe import read_recipe
from fer_core.datasets.corrections.log import open_log
from fer_core.datasets.dataset import Dataset, open_dataset
from fer_core.review.correct import correct_face
from tests.helpers.pages import add_source, decide, open_page, read_labeller
from tests.helpers.samples import change, make_dataset, make_voted_dataset, write_ckplus, write_fer2013

SECTIONS = ("Overview", "Copies", "Labels", "Quality", "Left out", "Balance", "Sources", "Faces", "Card")


def open_section(section, **query):
    return open_page("data", **{"data.section": section, **query})


@pytest.mark.parametrize("section", SECTIONS)
def test_a_section_of_a_data_set_from_before_near_copies_starts(section, tmp_path):
    dataset = make_dataset(tmp_path)
    table = dataset.table.drop(columns=["copy_group", "near_copy_in_train"])
    table.loc[1, "sha256"] = table.loc[0, "sha256"]
    table.to_parquet(dataset.path / "faces.parquet")
    app = open_section(section)
    assert app.segmented_control(key="data.section").value == section


def test_only_the_chosen_section_runs(tmp_path):
    make_dataset(tmp_path)
    keys = {widget.key for widget in open_section("Labels").selectbox}
    assert "data.order" not in keys
    assert "data.order" in {widget.key for widget in open_section("Faces").selectbox}


class CountedReads:
    """Faces that note which rows are taken from them."""

    def __init__(self, faces):
        self.faces, self.rows = faces, []

    def __getitem__(self, rows):
        self.rows += np.atleast_1d(rows).tolist()
        return self.faces[rows]


def test_only_the_faces_of_the_page_are_read(tmp_path, monkeypatch):
    dataset = make_dataset(tmp_path, n_per_class=30)
    reads = CountedReads(dataset.faces)
    monkeypatch.setattr(Dataset, "faces", reads)
    app = open_section("Faces", **{"data.split": "train"})
    rows = dataset.rows("train")
    assert any(f"**{len(rows)} faces**" in text.value for text in app.markdown)
    assert len(rows) < 80 and set(reads.rows) == set(rows.tolist())
    reads.rows.clear()
    app = open_section("Faces", **{"data.page": "2"})
    assert set(reads.rows) == set(range(80, 160))


def test_the_filters_of_the_link_are_set_and_another_choice_begins_with_the_first_page(tmp_path):
    make_dataset(tmp_path, n_per_class=40)
    app = open_section("Faces", **{"data.page": "3", "data.order": "by label"})
    assert app.selectbox(key="data.order").value == "by label"
    assert app.session_state["data.page"] == 3
    app.selectbox(key="data.order").set_value("at random").run()
    assert app.session_state["data.page"] == 1
    app.selectbox(key="data.split").set_value("test").run()
    app.selectbox(key="data.copies").set_value("exact").run()
    assert not app.exception
    assert any("No face matches" in info.value for info in app.info)


def test_the_face_of_the_link_is_shown_with_its_votes_and_corrected_and_given_back(tmp_path):
    dataset = make_voted_dataset(tmp_path)
    face = dataset.table.iloc[20]
    app = open_section("Faces", face=face["face_id"])
    data = read_labeller(app)
    assert [(shown["face_id"], shown["expression"]) for shown in data["faces"]] == [
        (face["face_id"], face["expression"])
    ]
    assert "record.votes" in {chart.proto.id.rpartition("-")[2] for chart in app.get("plotly_chart")}
    acts = [decide(data, "sad", "act-0001"), decide(data, "fear", "act-0002")]
    app.session_state["record.labeller"] = {"sent": {"revision": 1, "acts": acts}}
    app.run()
    made = list(open_log("voted").standing.values())
    assert [(c.face_id, c.before, c.expression) for c in made] == [
        (face["face_id"], face["expression"], "sad"),
        (face["face_id"], "sad", "fear"),
    ]
    assert [d["id"] for d in read_labeller(app)["history"]] == ["act-0001.0", "act-0002.0"]
    undo = [{"id": f"act-1{d['id'][4:8]}", "undo": d["id"], "dataset": "voted"} for d in read_labeller(app)["history"]]
    app.session_state["record.labeller"] = {"sent": {"revision": 2, "acts": undo}}
    app.run()
    assert not app.exception
    assert not open_log("voted").standing


def test_no_face_is_chosen_until_one_is_clicked(tmp_path):
    make_dataset(tmp_path)
    data = read_labeller(open_section("Faces"))
    assert data["faces"] == []
    assert "Click a face" in data["empty"]


def test_the_copies_of_a_face_are_beside_it(tmp_path):
    dataset = make_dataset(tmp_path)
    table = dataset.table
    table.loc[5, ["sha256", "copy_group"]] = table.loc[9, ["sha256", "copy_group"]].tolist()
    table.to_parquet(dataset.path / "faces.parquet")
    app = open_section("Faces", face=table["face_id"].iloc[5])
    chart = next(c for c in app.get("plotly_chart") if "record.copies" in c.proto.id)
    assert table["expression"].iloc[9] in chart.proto.spec
    app = open_section("Copies")
    assert any("**1 set**, 2 faces" in text.value for text in app.markdown)


def test_another_filter_takes_the_face_out_of_the_link(tmp_path):
    dataset = make_dataset(tmp_path)
    app = open_section("Faces", face=dataset.table["face_id"].iloc[dataset.rows("test")[0]])
    app.selectbox(key="data.split").set_value("train").run()
    assert "face" not in app.query_params


def test_a_set_without_leaks_says_so_and_why_copies_remain_in_place_of_an_empty_chart(tmp_path):
    dataset = make_dataset(tmp_path)
    table, test = dataset.table, dataset.rows("test")
    table.loc[test[:2], ["sha256", "copy_group"]] = table.loc[test[2], ["sha256", "copy_group"]].tolist()
    table.to_parquet(dataset.path / "faces.parquet")
    copies = dataset.info.copies.to_document() | {"groups": 1}
    info = change(dataset.info, n_dropped_copies=1_234, copies=copies)
    (dataset.path / "dataset.json").write_text(json.dumps(info.to_document()))
    app = open_section("Copies")
    assert [text.value for text in app.success] == ["None has an exact or near copy there."]
    assert not any("data.leaks" in chart.proto.id for chart in app.get("plotly_chart"))
    (why,) = (caption.value for caption in app.caption if "in total" in caption.value)
    assert "1 set in total. Groups of exact copies: 1, 0 of them with near copies." in why
    assert "Removed: 1,234 copies" in why and "Each set lies within one split (1 in test)" in why


def test_the_notes_of_a_source_are_written_out_under_the_table(tmp_path):
    make_voted_dataset(tmp_path)
    app = open_section("Overview")
    assert any("42 faces with votes of several people (FER+)." in text.value for text in app.caption)


@pytest.mark.parametrize(("split", "word"), [("train", ""), ("val", "validation"), ("test", "test")])
def test_a_correction_that_will_be_held_back_is_said_to_be_that_alone_at_the_face(split, word, tmp_path):
    dataset = make_dataset(tmp_path)
    face_id = dataset.table["face_id"].iloc[dataset.rows(split)[0]]
    app = open_section("Faces", face=face_id)
    notes = read_labeller(app)["notes"]
    assert (split in notes) == bool(word)
    assert not word or (f"This is a {word} face" in notes[split] and "Faces that may change" in notes[split])


def test_no_correction_is_said_to_be_held_back_where_all_faces_may_change(tmp_path):
    dataset = make_dataset(tmp_path)
    info = change(dataset.info, recipe=dataset.info.recipe.to_document() | {"relabel": "all"})
    (dataset.path / "dataset.json").write_text(json.dumps(info.to_document()))
    face_id = dataset.table["face_id"].iloc[dataset.rows("test")[0]]
    assert read_labeller(open_section("Faces", face=face_id))["notes"] == {}


def test_votes_are_offered_where_a_source_brings_them_and_go_into_the_recipe(tmp_path, started):
    make_voted_dataset(tmp_path)
    app = open_page("data")
    add_source(app, write_ckplus(tmp_path))
    assert "data.labels" not in {box.key for box in app.selectbox}
    assert any("Put `fer2013new.csv` (FER+) beside" in caption.value for caption in app.caption)
    add_source(app, tmp_path / "voted-source" / "fer2013.csv")
    assert any("; 42 faces with votes of several people" in text.value for text in app.markdown)
    app.selectbox(key="data.rule").set_value("official").run()
    assert any("All 9 faces of ckplus are used for training only" in caption.value for caption in app.caption)
    app.selectbox(key="data.labels").set_value("votes")
    app.multiselect(key="data.drop").set_value(["unknown", "tie"])
    app.selectbox(key="data.relabel").set_value("all")
    app.selectbox(key="data.corrections").set_value("voted")
    app.number_input(key="data.seed").set_value(5)
    app.button(key="data.assemble").click().run()
    assert not app.exception
    (recipe,) = started
    assert (recipe.labels, recipe.drop, recipe.relabel) == ("votes", ("unknown", "tie"), "all")
    assert (recipe.corrections, recipe.seed) == ("voted", 5)


def test_a_name_that_exists_is_said_to_be_replaced(tmp_path):
    make_dataset(tmp_path)
    app = open_page("data")
    add_source(app, write_fer2013(tmp_path))
    assert not any("Replaces" in info.value for info in app.info)
    app.text_input(key="data.new").set_value("tiny-2").run()
    assert not any("Replaces" in info.value for info in app.info)
    app.text_input(key="data.new").set_value("tiny").run()
    assert any("Replaces tiny (42 faces" in info.value for info in app.info)


def test_a_source_that_joins_the_training_alone_is_named_before_it_does(tmp_path):
    ckplus, fer2013 = (inspect_source(path) for path in (write_ckplus(tmp_path), write_fer2013(tmp_path)))
    assert describe_joining([ckplus, fer2013]) == [
        "All 9 faces of ckplus are used for training only: it has no official split."
    ]
    (second,) = describe_joining([fer2013, fer2013])
    assert second == "All 42 faces of pixelcsv-2 are used for training only: the split is that of pixelcsv."
    assert "Choose the split 80:10:10" in describe_joining([ckplus])[0]


def test_what_was_made_and_what_it_changed_is_shown_until_dismissed(tmp_path):
    recipe = read_recipe(make_dataset(tmp_path).info.recipe)
    make_dataset(tmp_path, "another")
    assemble_over(read_recipe({**recipe.__dict__, "split": "80:10:10"}))
    folder = open_dataset("tiny").path.with_name(".tiny.job")
    folder.mkdir()
    (folder / "exit.json").write_text(json.dumps({"state": "done", "message": ""}))
    app = open_page("data", **{"data.name": "another"})
    assert app.selectbox(key="data.name").value == "tiny"
    assert any("tiny is assembled.** 42 faces of 48 px (42 fer2013)" in text.value for text in app.markdown)
    assert any("no label changed · split official → 80:10:10 · fingerprint" in text.value for text in app.markdown)
    app.button(key="data.made.dismiss").click().run()
    assert not any("is assembled" in text.value for text in app.markdown)


def test_the_same_fingerprint_is_said_to_mean_the_same_faces_labels_and_splits(tmp_path):
    dataset = make_dataset(tmp_path)
    correct_face(dataset, open_log("tiny"), dataset.table["face_id"].iloc[dataset.rows("test")[0]], "fear", "ann")
    made = assemble_again("tiny").info
    assert made.labels.n_held_back == 1
    assert describe_changes(made).endswith("no label changed · the same fingerprint: the same faces, labels and splits")


def test_changed_labels_that_a_limit_then_left_out_are_told_on_labels(tmp_path):
    recipe = make_voted_dataset(tmp_path).info.recipe.to_document()
    made = assemble_over(read_recipe({**recipe, "labels": "votes", "caps": [["fer2013", 3]]})).info
    n_out = made.labels.n_changed_left_out
    told = f"; flags or limits then excluded {n_out} of the changed faces."
    assert any(told in text.value for text in open_section("Labels").markdown)
    assert f"{n_out} of the changed faces excluded afterwards" in describe_made(made)


def test_the_form_shows_the_command_that_does_the_same(tmp_path, started):
    app = open_page("data")
    add_source(app, write_fer2013(tmp_path))
    app.selectbox(key="data.size").set_value(64).run()
    assert [block.value.replace("\\\n    ", "") for block in app.code] == [
        f"fer data assemble pixelcsv --source pixelcsv={tmp_path}/fer2013.csv --size 64"
    ]


def test_name_and_split_follow_the_sources_until_a_person_chooses_others(tmp_path):
    app = open_page("data")

    def shown():
        return app.text_input(key="data.new").value, app.selectbox(key="data.rule").value

    add_source(app, write_ckplus(tmp_path / "ck"))
    assert shown() == ("ckplus", "80:10:10")
    assert app.text_input(key="data.path").value == ""
    add_source(app, write_fer2013(tmp_path))
    assert shown() == (
        "ckplus-pixelcsv",
        "official",
    )
    app.text_input(key="data.new").set_value("mine").run()
    app.selectbox(key="data.rule").set_value("leave-out:ckplus").run()
    app.button(key="data.remove.1").click().run()
    assert shown() == ("mine", "80:10:10")
