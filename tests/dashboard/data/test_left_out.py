import json

from dashboard.data import left_out, too_old
from dashboard.figures.left_out import compute_reason_counts, plot_reason_counts
from fer_core.datasets.assembling.assemble import assemble
from fer_core.datasets.assembling.recipe import DatasetRecipe
from fer_core.datasets.counts import LeftOutCount
from tests.helpers.pages import open_page
from tests.helpers.samples import make_dataset, write_all_reasons, write_ckplus

COUNTS = [
    LeftOutCount(source="b", split="train", reason="limit", n=3),
    LeftOutCount(source="b", split="", reason="copy", n=1),
    LeftOutCount(source="b", split="val", reason="limit", n=4),
]


def make_fewer(tmp_path, **options):
    sources = (("fer2013", str(write_all_reasons(tmp_path))), ("ckplus", str(write_ckplus(tmp_path))))
    return assemble(DatasetRecipe("fewer", sources=sources, skip_bad=True, **options))


def open_section(**query):
    return open_page("data", **{"data.section": "Left out", **query})


def test_reasons_are_counted_over_the_splits_and_shown_by_source():
    view = compute_reason_counts(COUNTS, ["a", "b"])
    assert (view.reasons, view.counts) == (("copy", "limit"), ((0, 0), (1, 7)))
    figure = plot_reason_counts(view)
    bars, totals = figure.data[:-1], figure.data[-1]
    assert [(bar.name, list(bar.x)) for bar in bars] == [("b", [1, 7])]
    assert bars[0].hovertext[0] == "copy: 1 face of b<br>a copy of it is kept"
    assert list(totals.text) == [" 1", " 7"]


def test_that_no_face_was_left_out_is_said_in_words():
    figure = plot_reason_counts(compute_reason_counts([], ["a"]))
    assert not figure.data
    assert figure.layout.annotations[0].text == "No face was excluded."


def test_the_section_counts_the_faces_that_were_left_out_and_shows_those_that_are_asked_for(tmp_path):
    make_fewer(tmp_path, copies="drop_surplus", labels="votes", leave_out=("dark",))
    app = open_section()
    assert any("**4** of 72 faces that were read are not in the data set. 4 more rows" in t.value for t in app.markdown)
    assert app.selectbox(key="data.left_out.reason").options == ["any", "copy", "votes contempt", "flag dark"]
    assert app.selectbox(key="data.left_out.split").options == ["any", "before the split", "train"]
    app.selectbox(key="data.left_out.reason").set_value("votes contempt").run()
    assert app.dataframe[0].value["face_id"].tolist() == ["fer2013:row 1"]
    assert any(text.value == "**1** face" for text in app.markdown)
    assert any(
        "most votes call it contempt, which is not one of the seven expressions." in c.value for c in app.caption
    )
    app.selectbox(key="data.left_out.split").set_value("before the split").run()
    assert not app.exception
    assert any("No face matches" in info.value for info in app.info)


def test_what_is_asked_for_is_in_the_link(tmp_path):
    make_fewer(tmp_path, copies="drop_surplus", labels="votes")
    app = open_section(**{"data.left_out.split": "before the split"})
    assert app.dataframe[0].value["reason"].tolist() == ["copy", "copy"]
    assert any(text.value == "**2** faces" for text in app.markdown)
    chart = next(chart.proto.spec for chart in app.get("plotly_chart") if "left_out.faces" in chart.proto.id)
    for face in app.dataframe[0].value.itertuples():
        assert f"{face.face_id}, labelled {face.expression}, before the split" in chart


def test_many_faces_come_page_by_page_and_another_choice_begins_with_the_first(tmp_path, monkeypatch):
    monkeypatch.setattr(left_out, "N_SHOWN", 5)
    make_fewer(tmp_path, caps=(("fer2013", 1), ("ckplus", 1)))
    app = open_section(**{"data.left_out.page": "2"})
    first = app.dataframe[0].value["face_id"].tolist()
    assert len(first) == 5
    app.selectbox(key="data.left_out.source").set_value("fer2013").run()
    assert app.session_state["data.left_out.page"] == 1
    assert not set(first) & set(app.dataframe[0].value["face_id"])


def test_a_data_set_that_nothing_was_left_out_of_says_what_would_be(tmp_path):
    make_dataset(tmp_path)
    app = open_section()
    assert any(text.value == "All 42 faces that were read are in the data set." for text in app.markdown)
    assert any("copies, votes, flags, caps and balance" in info.value for info in app.info)


def test_a_data_set_of_before_is_assembled_again_at_a_click(tmp_path, monkeypatch):
    info_file = make_dataset(tmp_path).path / "dataset.json"
    info = json.loads(info_file.read_text())
    del info["left_out"]
    info_file.write_text(json.dumps(info))
    started = []
    monkeypatch.setattr(too_old, "start_again", started.append)
    app = open_section()
    app.button(key="left_out.again").click().run()
    assert not app.exception
    assert started == ["tiny"]


def test_the_overview_tells_of_each_source_what_was_left_out_for_which_reason(tmp_path):
    make_fewer(tmp_path, copies="drop_surplus", caps=(("ckplus", 2),))
    app = open_page("data", **{"data.section": "Overview"})
    sources = next(frame.value for frame in app.dataframe if "Left out" in frame.value)
    reasons = ["**fer2013**: excluded: 2 copy; ", "**ckplus**: excluded: 3 contempt, 3 limit."]
    told = [caption.value for caption in app.caption if "excluded: " in caption.value]
    assert all(map(str.startswith, told, reasons)) and len(told) == 2
    assert sources[["Faces", "Left out", "Skipped"]].sum(axis=1).tolist() == [64, 12]
