import json

from dashboard.data import assembly, too_old
from dashboard.figures.quality import compute_flag_counts, plot_flag_counts
from dashboard.theme import SOURCE_COLOURS
from fer_core.datasets.assembling.assemble import assemble
from fer_core.datasets.assembling.recipe import DatasetRecipe
from fer_core.datasets.checks.flags import FLAGS
from fer_core.datasets.counts import FlagCount
from tests.helpers.pages import open_page
from tests.helpers.samples import make_dataset, write_flagged

COUNTS = [
    FlagCount(flag="dark", source="b", split="train", n=3),
    FlagCount(flag="dark", source="b", split="test", n=1),
    FlagCount(flag="tiny", source="a", split="train", n=2),
]


def make_flagged(tmp_path, **options):
    return assemble(
        DatasetRecipe("flagged", sources=(("fer2013", str(write_flagged(tmp_path / "source"))),), **options)
    )


def test_flags_are_counted_over_the_splits_and_shown_by_source():
    view = compute_flag_counts(COUNTS, {"a": 10, "b": 40})
    assert view.counts == ((0, 0, 0, 2, 0), (0, 4, 0, 0, 0))
    figure = plot_flag_counts(view)
    assert [(bar.name, list(bar.x), list(bar.y)) for bar in figure.data[:2]] == [
        ("a", [0, 0, 0, 2, 0], list(FLAGS)),
        ("b", [0, 4, 0, 0, 0], list(FLAGS)),
    ]
    assert figure.data[1].hovertext[1].startswith("dark: 4 faces, 10.0 % of b<br>")
    assert [text.strip() for text in figure.data[2].text] == ["0", "4", "0", "2", "0"]


def test_a_source_without_flags_has_no_bar_and_leaves_the_others_their_colours():
    three = plot_flag_counts(compute_flag_counts(COUNTS, {"a": 10, "none": 5, "b": 40}))
    assert [bar.name for bar in three.data if bar.type == "bar"] == ["a", "b"]
    assert three.data[1].marker.color == SOURCE_COLOURS[2]


def test_no_flagged_face_is_said_in_words():
    figure = plot_flag_counts(compute_flag_counts([], {"a": 10}))
    assert not figure.data
    assert figure.layout.annotations[0].text == "No face is flagged."


def test_the_section_tells_what_is_flagged_and_what_was_left_out_and_shows_the_faces(tmp_path):
    make_flagged(tmp_path, leave_out=("constant", "dark"))
    app = open_page("data", **{"data.section": "Quality"})
    texts = [text.value for text in app.markdown]
    assert any(
        "Flagged: 3 of 39 faces. Assembling excluded 3 (1 constant, 2 dark). Kept so that scores" in t for t in texts
    )
    assert any("dark: even the brightest parts are dark. 2 faces, worst first" in c.value for c in app.caption)
    shown = next(frame.value for frame in app.dataframe if "brightness" in frame.value)
    assert set(shown["split"]) == {"val", "test"}
    app.selectbox(key="quality.split").set_value("train").run()
    assert any("No face of this split has the flag" in info.value for info in app.info)


def test_a_data_set_without_a_flag_says_so(tmp_path):
    make_dataset(tmp_path)
    app = open_page("data", **{"data.section": "Quality"})
    assert any(text.value == "No faces are flagged." for text in app.markdown)


def test_a_data_set_of_before_is_assembled_again_at_a_click(tmp_path, monkeypatch):
    info_file = make_flagged(tmp_path).path / "dataset.json"
    info = json.loads(info_file.read_text())
    del info["quality"], info["recipe"]["leave_out"]
    info_file.write_text(json.dumps(info))
    started = []
    monkeypatch.setattr(too_old, "start_again", started.append)
    app = open_page("data", **{"data.section": "Quality"})
    assert any("did not measure its faces" in text.value for text in app.info)
    app.button(key="quality.again").click().run()
    assert not app.exception
    assert started == ["flagged"]


def test_the_form_hands_the_flags_to_leave_out_to_the_assembly(tmp_path, monkeypatch):
    recipes = []
    monkeypatch.setattr(assembly, "start_assembly", recipes.append)
    app = open_page("data")
    app.text_input(key="data.path").set_value(str(write_flagged(tmp_path)))
    app.button(key="data.add").click().run()
    app.multiselect(key="data.leave_out").set_value(["dark", "tiny"])
    app.button(key="data.assemble").click().run()
    assert not app.exception
    assert [recipe.leave_out for recipe in recipes] == [("dark", "tiny")]
